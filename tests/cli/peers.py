# SPDX-License-Identifier: BSD-2-Clause
"""send and recv in the hands of a test, and sockets that play the other end."""
import contextlib
import os
import re
import select
import socket
import subprocess
import threading

import cli

DONE, INPUT, RUN = cli.DONE, cli.INPUT, cli.RUN


class PeerTest(cli.CliTest):
    def recv(self, uri=None, *options, **how):
        """Start recv; (process, the address that it listens on)."""
        how.setdefault('stdin', subprocess.DEVNULL)
        process = self.start('recv', *options, uri or 'unix:' + self.path('socket'), **how)
        line = process.stderr.readline().decode()
        self.assertRegex(line, r'\Abermig recv: listening on ')
        return process, line.split()[-1]

    def send(self, uri, *options, **how):
        how.setdefault('stdin', subprocess.PIPE)
        return self.start('send', '--connect-timeout=60', *options, uri, **how)

    def ends(self, process, status, message=None):
        """It ends by itself with this status, and with one message if any; (output, messages)."""
        out, err = communicate(process)
        self.assertEqual(process.returncode, status, err)
        lines = err.decode().splitlines()
        self.assertEqual(len(lines), 1, err)
        if message:
            self.assertRegex(lines[0], message)
        return out, err.decode()


def communicate(process):
    if process.stdin and process.stdin.closed:
        process.stdin = None
    return process.communicate(timeout=cli.SECONDS)


def feed(process, octets):
    """Write to its standard input and close that, from another thread; nobody may read it."""
    def write():
        try:
            process.stdin.write(octets)
            process.stdin.close()
        except (BrokenPipeError, ValueError):
            pass

    thread = threading.Thread(target=write, daemon=True)
    thread.start()
    return thread


def feed_socket(peer, octets):
    """Send to somebody who may have had enough before the end."""
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        peer.sendall(octets)


def read_exactly(file, length):
    octets = b''
    while len(octets) < length:
        piece = os.read(file.fileno(), length - len(octets))
        if not piece:
            break
        octets += piece
    return octets


def is_cut(process):
    """Wait until nobody reads its standard input any more.  Nothing is written: that would be one more
    thing which it may complain about."""
    poll = select.poll()
    poll.register(process.stdin, 0)
    return any(events & select.POLLERR for _, events in poll.poll(1000 * cli.SECONDS))


def listen():
    """A socket that a test accepts connections at, and its address."""
    server = socket.create_server(('127.0.0.1', 0))
    server.settimeout(cli.SECONDS)
    return server, 'tcp:127.0.0.1:%d' % server.getsockname()[1]


def connect(uri):
    if uri.startswith('unix:'):
        peer = socket.socket(socket.AF_UNIX)
        peer.connect(uri[5:])
    else:
        host, port = re.fullmatch(r'tcp:\[?(.*?)\]?:(\d+)', uri).groups()
        peer = socket.create_connection((host, int(port)))
    peer.settimeout(cli.SECONDS)
    return peer


def read_all(peer):
    octets = b''
    try:
        while piece := peer.recv(1 << 16):
            octets += piece
    except ConnectionResetError:
        pass
    return octets


class Proxy:
    """Stands between send and recv; passes `limit` octets on, then cuts both off."""

    def __init__(self, target, limit=None):
        self.server, self.uri = listen()
        self.target = connect(target)
        self.limit = limit
        self.forth = self.back = b''
        self.threads = []
        accepting = threading.Thread(target=self._accept, daemon=True)
        accepting.start()
        self.threads.append(accepting)

    def _accept(self):
        self.source, _ = self.server.accept()
        self.source.settimeout(cli.SECONDS)
        back = threading.Thread(target=self._back, daemon=True)
        back.start()
        self._forward()
        back.join()
        for end in (self.source, self.target, self.server):
            end.close()

    def _forward(self):
        left = self.limit
        try:
            while left is None or left > 0:
                octets = self.source.recv(min(left or 1 << 16, 1 << 16))
                if not octets:
                    break
                self.forth += octets
                self.target.sendall(octets)
                left = left and left - len(octets)
        except OSError:
            pass
        if left == 0:
            shut(self.source)
        shut(self.target, socket.SHUT_WR if left is None else socket.SHUT_RDWR)

    def _back(self):
        try:
            while octets := self.target.recv(1 << 16):
                self.back += octets
                self.source.sendall(octets)
        except OSError:
            pass
        shut(self.source, socket.SHUT_WR)

    def join(self):
        for thread in self.threads:
            thread.join(cli.SECONDS)


def shut(end, how=socket.SHUT_RDWR):
    try:
        end.shutdown(how)
    except OSError:
        pass
