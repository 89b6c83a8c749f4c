#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Anybody can connect: who does not begin as a sender is turned away with a line, and the sender
that comes then is served.  Who comes after the sender is refused."""
import contextlib
import subprocess
import time

import cli
import legacy
import peers
from cli import DONE, INPUT, RUN

PART = legacy.beginning() + legacy.ram_pages(range(16))


class Strangers(peers.PeerTest):
    def line(self, receiver):
        return receiver.stderr.readline().decode()

    def serves(self, receiver, uri):
        """The sender gets everything through; nothing else has come out before."""
        sender = self.send(uri)
        peers.feed(sender, legacy.stream())
        self.ends(sender, DONE)
        out, err = peers.communicate(receiver)
        self.assertEqual((receiver.returncode, out), (DONE, legacy.stream()), err)

    def test_garbage(self):
        receiver, uri = self.recv('tcp:127.0.0.1:0')
        head = legacy.head()
        for octets, message in [
                (b'', 'ended the connection without a word'),
                (b'G', 'ended the connection without a word'),
                (b'GET / HTTP/1.0\r\n\r\n', 'not a QEMU migration stream'),
                (bytes(100), 'not a QEMU migration stream'),
                (b'\x16\x03\x01' + bytes(100), 'speaks TLS, and there is no --tls-creds'),
                (head[:10], 'the input ends'),
                (head, 'the input ends inside the configuration'),
                (head + legacy.PROBE[:-1], 'ended the connection behind its configuration')]:
            with self.subTest(octets), peers.connect(uri) as peer:
                peer.sendall(octets)
                peer.shutdown(1)
                self.assertEqual(peers.read_all(peer), b'')
                self.assertRegex(self.line(receiver), r'\Atcp:127\.0\.0\.1:\d+: turned away: .*' + message)
        self.serves(receiver, uri)

    def test_one_who_waits_does_not_keep_the_sender_waiting(self):
        receiver, uri = self.recv()
        with contextlib.ExitStack() as stack:
            waiting = [stack.enter_context(peers.connect(uri)) for _ in range(10)]
            waiting[1].sendall(legacy.head())
            self.serves(receiver, uri)
            for peer in waiting:
                self.assertEqual(peers.read_all(peer), b'')

    def test_one_who_waits_is_turned_away(self):
        receiver, uri = self.recv()
        begin = time.monotonic()
        with peers.connect(uri) as silent, peers.connect(uri) as slow:
            slow.sendall(legacy.head())
            lines = [self.line(receiver), self.line(receiver)]
            self.assertEqual(peers.read_all(silent) + peers.read_all(slow), b'')
        self.assertGreater(time.monotonic() - begin, 9)
        for line in lines:
            self.assertIn('turned away: it did not begin within 10 s', line)
        self.serves(receiver, uri)

    def test_strangers_do_not_lengthen_the_waiting(self):
        receiver, uri = self.recv(None, '--timeout=1')
        with peers.connect(uri) as peer:
            self.ends(receiver, RUN, 'no sender came within 1 s')
            self.assertEqual(peers.read_all(peer), b'')

    def second_sender(self, option, status, message):
        """It comes while the first one sends."""
        receiver, uri = self.recv('tcp:127.0.0.1:0', option)
        first = self.send(uri)
        first.stdin.write(PART)
        first.stdin.flush()
        self.assertEqual(peers.read_exactly(receiver.stdout, len(PART)), PART)
        second = self.start('send', '--connect-timeout=0', uri)
        peers.feed(second, legacy.stream())
        self.ends(second, status, message)
        first.stdin.write(legacy.ending())
        first.stdin.close()
        self.ends(first, DONE)
        out, err = peers.communicate(receiver)
        self.assertEqual((receiver.returncode, out), (DONE, legacy.ending()), err)
        return err

    def test_the_second_sender_is_refused(self):
        self.second_sender('--resume=0', RUN, 'refused')
        self.second_sender('--no-session', RUN, 'refused')

    def test_the_second_sender_is_turned_away_where_the_first_may_come_again(self):
        err = self.second_sender('--resume=5', INPUT, 'ended the connection when it had seen the configuration')
        self.assertRegex(err, b'127.0.0.1:[0-9]+: turned away: ')

    def test_of_two_at_once_one_is_served(self):
        receiver, uri = self.recv()
        senders = [self.send(uri) for _ in range(2)]
        for sender in senders:
            peers.feed(sender, legacy.stream())
        for sender in senders:
            peers.communicate(sender)
        self.assertEqual([sender.returncode for sender in senders].count(DONE), 1)
        out, err = peers.communicate(receiver)
        self.assertEqual((receiver.returncode, out), (DONE, legacy.stream()), err)


cli.main()
