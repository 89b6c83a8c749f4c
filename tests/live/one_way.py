# SPDX-License-Identifier: BSD-2-Clause
"""A connection that carries octets in one direction only, as some tunnels and relays do."""
import socket
import threading


class OneWay:
    """Listens at `uri`; what comes goes on to `target`, the answers go nowhere."""

    def __init__(self, target):
        self._server = socket.create_server(('127.0.0.1', 0))
        self.uri = f'tcp:127.0.0.1:{self._server.getsockname()[1]}'
        self._target = target
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self):
        try:
            source, _ = self._server.accept()
            with source, socket.create_connection(self._target.split(':')[1:]) as target:
                threading.Thread(target=_discard, args=(target,), daemon=True).start()
                _carry(source, target)
        except OSError:
            pass

    def close(self):
        self._server.close()
        self._thread.join(5)


def _carry(source, target):
    try:
        while octets := source.recv(1 << 16):
            target.sendall(octets)
    finally:
        target.shutdown(socket.SHUT_WR)  # closing it would not do while another thread reads


def _discard(connection):
    try:
        while connection.recv(1 << 16):
            pass
    except OSError:
        pass
