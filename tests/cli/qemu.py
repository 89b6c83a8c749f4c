# SPDX-License-Identifier: BSD-2-Clause
"""A QEMU that is only its QMP: says what a test wants, and remembers what it was told."""
import json
import socket
import threading

import cli

GREETING = {'QMP': {'version': {'qemu': {'major': 7, 'minor': 2, 'micro': 22}, 'package': ''}, 'capabilities': ['oob']}}
MACHINE = {'qom-get': 'pc-i440fx-7.2-machine',
           'query-memory-size-summary': {'base-memory': 64 << 20, 'plugged-memory': 0},
           'query-cpus-fast': [{'cpu-index': 0}],
           'human-monitor-command':
               '              Block Name    PSize              Offset               Used              Total\r\n'
               '                  pc.ram    4 KiB  0x0000000000000000 0x0000000004000000 0x0000000004000000\r\n'
               '    /rom@etc/acpi/tables    4 KiB  0x0000000002080000 0x0000000000020000 0x0000000000200000\r\n',
           'query-migrate-capabilities': [{'capability': 'return-path', 'state': False},
                                          {'capability': 'events', 'state': False},
                                          {'capability': 'multifd', 'state': False}]}


class Refusal(Exception):
    """What QEMU says of a command that it does not do."""


class End(Exception):
    """QEMU ends, and says nothing more."""


class Qemu:
    """Listens for one client.  `answers`: a value for a command, or a function of its arguments.

    A function may raise Refusal or End, and may return octets, which go out as they are.
    """

    def __init__(self, path, status, answers=None, greeting=GREETING):
        self.uri = 'unix:' + path
        self.told = []  # (command, arguments)
        self.state = {'status': status, 'running': status == 'running'}
        self.migration = {}
        self.answers = {**MACHINE, 'query-status': lambda _: self.state, 'query-migrate': lambda _: self.migration,
                        'quit': self._quit, **(answers or {})}
        self._greeting = greeting
        self._server = socket.socket(socket.AF_UNIX)
        self._server.bind(path)
        self._server.listen()
        self._server.settimeout(cli.SECONDS)
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _quit(self, _):
        raise End

    def send(self, message):
        octets = message if isinstance(message, bytes) else json.dumps(message).encode() + b'\r\n'
        self._client.sendall(octets)

    def event(self, name, **data):
        self.send({'event': name, 'data': data, 'timestamp': {'seconds': 1, 'microseconds': 2}})

    def hang_up(self):
        """As a QEMU that has ended."""
        try:
            self._client.shutdown(socket.SHUT_RDWR)
        except OSError:  # it has ended already
            pass

    def close(self):
        self._server.shutdown(socket.SHUT_RDWR)  # wakes who waits for a client
        self._server.close()
        self._thread.join(cli.SECONDS)

    def commands(self):
        return [command for command, _ in self.told]

    def arguments(self, command):
        """Those of the last time it was given."""
        return [arguments for name, arguments in self.told if name == command][-1]

    def _serve(self):
        try:
            self._client, _ = self._server.accept()
            with self._client:
                self._client.settimeout(cli.SECONDS)
                self._talk()
        except (OSError, End):
            pass

    def _talk(self):
        self.send(self._greeting)
        for line in self._client.makefile('rb'):
            message = json.loads(line)
            command, arguments = message['execute'], message.get('arguments', {})
            self.told.append((command, arguments))
            reply = self._reply(command, arguments)
            self.send(reply if isinstance(reply, bytes) else {**reply, 'id': message['id']})

    def _reply(self, command, arguments):
        try:
            value = self.answers.get(command, {})
            value = value(arguments) if callable(value) else value
        except Refusal as refusal:
            return {'error': {'class': 'GenericError', 'desc': str(refusal)}}
        return value if isinstance(value, bytes) else {'return': value}


