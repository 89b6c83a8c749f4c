#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Whatever a QMP socket says, migrate ends with one line that says what was wrong with it, and a status."""
import json
import socket
import threading

import cli
from cli import INPUT, RUN
from qemu import GREETING, Qemu

MIB = 1 << 20


def line(value):
    return json.dumps(value).encode() + b'\r\n'


class Strangers(cli.CliTest):
    def refused(self, says, greeting, source_answers=None, status=RUN):
        number = getattr(self, 'number', 0)
        self.number = number + 1
        source = Qemu(self.path(f's{number}'), 'running', source_answers, greeting)
        destination = Qemu(self.path(f'd{number}'), 'inmigrate')
        process = self.start('migrate', f'--from={source.uri}', f'--to={destination.uri}')
        _, err = process.communicate(timeout=cli.SECONDS)
        source.close()
        destination.close()
        self.assertEqual(process.returncode, status, err)
        self.assert_one_line(err)
        self.assertRegex(err.decode(), says)
        self.assertNotIn('migrate-incoming', destination.commands())

    def test_greetings(self):
        for says, greeting in [
                ('no JSON object', b'SSH-2.0-OpenSSH_9.2\r\n'),
                ('no JSON object', b'{"QMP": {"version"\n'),
                ('no JSON object', b'{"QMP": "\xff\xfe"}\n'),
                ('no JSON object', b'[1, 2]\n'),
                ('no JSON object', b'null\n'),
                ('no JSON object', b'\x00\n'),
                ('no JSON object', b'{} {}\n'),
                ('no JSON object', b'[' * 100000 + b'\n'),
                ('its greeting has no version', b'{}\n'),
                ('its greeting has no version', b'{"QMP": []}\n'),
                ('its greeting has no version', b'{"QMP": {"version": {"qemu": "7.2"}}}\n'),
                ('a line of more than 4194304 octets', b'{"QMP": "' + b'x' * 5 * MIB),
                ('more than 4096 events', line({'event': 'STOP'}) * 5000)]:
            self.refused('QMP of the source: .*' + says, greeting)

    def test_strange_numbers_in_the_version(self):
        """They are only shown."""
        version = {'major': -1, 'minor': 1 << 70, 'micro': 'x'}
        self.refused('in state postmigrate', {'QMP': {'version': {'qemu': version}}},
                     {'query-status': {'status': 'postmigrate'}}, INPUT)

    def test_answers(self):
        for says, answer in [
                ('another command than', line({'return': {}, 'id': 77})),
                ('another command than', line({'return': {}})),
                ('without return and error', b'{"id": 1}\n'),
                ('without return and error', b'{"id": 1, "error": "text"}\n'),
                ('without return and error', b'{"id": 1, "return": null}\n'),
                ('a line of more than', line({'return': 'x' * 5 * MIB})),
                ('QEMU closed the connection', None)]:
            self.refused(f'QMP of the source: .*({says})', GREETING,
                         {'qmp_capabilities': answer if answer is not None else self.closes})

    @staticmethod
    def closes(_):
        raise OSError

    def test_values_of_other_kinds(self):
        """What has no sense is not compared; what QEMU then says decides."""
        for value in ([], {}, 'text', 5, -1, True, 1.5, [[]], [{}], {'status': []}, {'base-memory': {}}):
            answers = {command: value for command in
                       ('query-migrate', 'qom-get', 'query-memory-size-summary', 'query-cpus-fast',
                        'human-monitor-command', 'query-migrate-capabilities')}
            answers['query-status'] = {'status': 'postmigrate'}
            number = getattr(self, 'number', 0)
            self.number = number + 1
            source = Qemu(self.path(f's{number}'), 'running', answers)
            destination = Qemu(self.path(f'd{number}'), 'inmigrate', {'qom-get': value, 'human-monitor-command': value})
            process = self.start('migrate', f'--from={source.uri}', f'--to={destination.uri}')
            _, err = process.communicate(timeout=cli.SECONDS)
            self.assertEqual(process.returncode, INPUT, err)
            self.assertNotIn(b'Sanitizer', err)
            source.close()
            destination.close()

    def test_silence(self):
        """QEMU's socket takes one client at a time: the second one is not greeted."""
        server = socket.socket(socket.AF_UNIX)
        self.addCleanup(server.close)
        server.bind(self.path('s'))
        server.listen()
        self.assertIn(b'takes one client at a time', self.bermig(
            'migrate', '--from=unix:' + self.path('s'), '--to=unix:x', status=RUN).stderr)

    def test_nobody_there(self):
        err = self.bermig('migrate', '--from=unix:' + self.path('s'), '--to=unix:x', status=RUN).stderr
        self.assertRegex(err.decode(), 'QMP of the source: .*No such file')

    def test_in_pieces(self):
        """Lines may come octet by octet, and several at once."""
        server = socket.socket(socket.AF_UNIX)
        self.addCleanup(server.close)
        server.bind(self.path('s'))
        server.listen()

        def speak():
            peer, _ = server.accept()
            with peer:
                for octet in line({'event': 'STOP'}) + line(GREETING):
                    peer.sendall(bytes([octet]))
                peer.recv(1 << 16)
                peer.sendall(line({'event': 'STOP'}) + line({'event': 'RESUME'}) + b'\r\n' +
                             line({'id': 1, 'error': {'desc': 'not today'}}))
                peer.recv(1)
        thread = threading.Thread(target=speak, daemon=True)
        thread.start()
        err = self.bermig('migrate', '--from=unix:' + self.path('s'), '--to=unix:x', status=RUN).stderr
        self.assertIn(b'not today', err)
        thread.join(cli.SECONDS)


cli.main()
