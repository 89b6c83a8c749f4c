# SPDX-License-Identifier: BSD-2-Clause
"""A client of QEMU's machine protocol over a UNIX socket."""
import json
import socket


class QmpError(Exception):
    """QEMU refused a command, or is gone."""


class Qmp:
    def __init__(self, path, timeout=60):
        """Connect to the socket at `path`; OSError when nobody listens there yet."""
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(timeout)
        try:
            self._socket.connect(path)
        except OSError:
            self._socket.close()
            raise
        self._file = self._socket.makefile('rw')
        self._read()  # the greeting
        self.command('qmp_capabilities')

    def command(self, name, **arguments):
        """The value that QEMU returns for one command; '_' in names stands for '-'."""
        message = {'execute': name}
        if arguments:
            message['arguments'] = {key.replace('_', '-'): value for key, value in arguments.items()}
        try:
            self._file.write(json.dumps(message) + '\n')
            self._file.flush()
            answer = self._read()
            while not answer.keys() & {'return', 'error'}:  # events; a greeting, when it comes twice
                answer = self._read()
        except (OSError, ValueError) as error:
            raise QmpError(f'{name}: {error}') from error
        if 'error' in answer:
            raise QmpError(f'{name}: {answer["error"]["desc"]}')
        return answer['return']

    def close(self):
        try:
            self._file.close()
        except OSError:  # a command that a QEMU which has ended did not take any more
            pass
        self._socket.close()

    def _read(self):
        line = self._file.readline()
        if not line:
            raise QmpError('QEMU closed the connection')
        return json.loads(line)
