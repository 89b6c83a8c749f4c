# SPDX-License-Identifier: BSD-2-Clause
"""'bermig record' writes what comes over a stream and its page channels, in whatever order they connect;
'bermig replay' sends each connection what it had; a channel that fails, or is none, is named."""
import os
import re
import socket
import threading

import cli
import legacy
import multifd
from cli import INPUT, RUN, SECONDS
from multifd import SYNC


class RecordAndReplay(cli.CliTest):
    def file(self, name):
        with open(self.path(name), 'rb') as file:
            return file.read()

    def recorder(self, count):
        recorder = self.start('record', f'--channels={count}', f'unix:{self.path("in")}', self.path('out.ber'))
        self.assertIn(b'listening', recorder.stderr.readline())
        return recorder

    def connect(self):
        peer = socket.socket(socket.AF_UNIX)
        self.addCleanup(peer.close)
        peer.settimeout(SECONDS)
        peer.connect(self.path('in'))
        return peer

    def send(self, parts):
        """Each part over a connection of its own, all at once; the connections.  The reader may be gone."""
        def write(peer, octets):
            try:
                peer.sendall(octets)
                peer.shutdown(socket.SHUT_WR)
            except OSError:
                pass
        peers = [self.connect() for _ in parts]
        threads = [threading.Thread(target=write, args=pair) for pair in zip(peers, parts)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return peers

    def failure(self, recorder):
        said = recorder.communicate(timeout=SECONDS)[1].decode()
        self.assertEqual(recorder.returncode, INPUT, said)
        self.assertFalse(os.path.exists(self.path('out.ber')))
        return said

    def test_connections_may_come_in_any_order(self):
        for marks in (False, True):
            stream, two = multifd.stream(marks=marks), multifd.channels(stale=not marks)
            with self.subTest(marks=marks):
                recorder = self.recorder(2)
                self.send([two[0], stream, two[1]])
                said = recorder.communicate(timeout=SECONDS)[1].decode()
                self.assertEqual(recorder.returncode, 0, said)
                self.assertIn(f'{len(stream) + sum(map(len, two))} octets over 3 connections', said)
                out = [f'--channel={self.path(f"out.{i}")}' for i in range(2)]
                self.bermig('convert', *out, self.path('out.ber'), self.path('out.mig'))
                self.assertTrue([self.file('out.mig'), self.file('out.0'), self.file('out.1')] == [stream, *two])

    def test_a_return_path_is_answered(self):
        recorder = self.recorder(0)
        head = legacy.HEADER + legacy.configuration()
        opened = legacy.command(1) + legacy.command(2, b'ping')
        whole = head + opened + multifd.stream()[len(head):]
        peer, = self.send([whole])
        answers = b''
        while octets := peer.recv(100):
            answers += octets
        self.assertEqual(answers, b'\0\2\0\4ping' + b'\0\1\0\4\0\0\0\0')
        recorder.communicate(timeout=SECONDS)
        self.assertEqual(recorder.returncode, 0)

    def test_what_is_wrong_is_named(self):
        stream, (first, second) = multifd.stream(), multifd.channels()
        sync = multifd.initial(0) + multifd.header(SYNC, allocated=0)
        for wrong, pattern in (
                (sync, r'channel 1: the channel ends, and has 1 synchronisations of at least 2'),
                (sync + second[-100:], r'channel 1: this is no packet that is known here'),
                (sync + multifd.header(pages=[1 << 20]) + bytes(4096), r'channel 1.pc.ram: a page at offset'),
                (stream, '2 of 3 connections are a QEMU\'s stream')):
            with self.subTest(pattern):
                recorder = self.recorder(2)
                peers = self.send([stream, first])
                last = self.send([wrong])
                self.assertRegex(self.failure(recorder), pattern)
                for peer in peers + last:
                    peer.close()
        self.bermig('record', '--channels=-1', 'unix:/x', 'y', status=RUN)
        self.bermig('record', 'fd:3', 'y', status=RUN)

    # ---- replay

    def played(self, archive):
        """What came over each connection, in the order in which they were made."""
        server = socket.socket(socket.AF_UNIX)
        self.addCleanup(server.close)
        server.bind(self.path('play'))
        server.listen()
        server.settimeout(SECONDS)
        player = self.start('replay', archive, f'unix:{self.path("play")}')
        peers = [server.accept()[0] for _ in range(3)]
        got = [bytearray() for _ in peers]
        threads = [threading.Thread(target=self.drain, args=pair) for pair in zip(peers, got)]
        for thread in threads:
            thread.start()
        threads[0].join()
        peers[0].close()
        said = player.communicate(timeout=SECONDS)[1].decode()
        for thread in threads[1:]:
            thread.join()
        for peer in peers:
            peer.close()
        os.unlink(self.path('play'))
        self.assertEqual(player.returncode, 0, said)
        return [bytes(octets) for octets in got], said

    @staticmethod
    def drain(peer, into):
        peer.settimeout(SECONDS)
        while octets := peer.recv(1 << 16):
            into += octets

    def test_each_connection_gets_its_octets(self):
        stream, two = multifd.stream(), multifd.channels(stale=True, compress=True)
        options = [f'--channel={self.path(f"in.{i}", octets)}' for i, octets in enumerate(two)]
        self.bermig('convert', *options, self.path('in.mig', stream), self.path('all.ber'))
        got, said = self.played(self.path('all.ber'))
        self.assertTrue(got == [stream, *two])
        total = sum(map(len, got))
        self.assertTrue(re.search(f'{total} octets over 3 connections', said), said)

    def test_nobody_there(self):
        archive = self.path('in.mig', multifd.stream())
        self.bermig('replay', '--connect-timeout=0', archive, f'unix:{self.path("nobody")}', status=INPUT)


cli.main()
