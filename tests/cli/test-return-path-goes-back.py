#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""What QEMU answers on its return path arrives at the source, and decides about success."""
import subprocess

import cli
import legacy
import peers
from cli import DONE, INPUT

OPENED = legacy.beginning(return_path=True) + legacy.ram_pages(range(16))
STREAM = OPENED + legacy.ending()


class ReturnPath(peers.PeerTest):
    def setUp(self):
        super().setUp()
        self.receiver, address = self.recv(stdin=subprocess.PIPE)
        self.sender = self.send(address)

    def write(self, process, octets):
        process.stdin.write(octets)
        process.stdin.flush()

    def arrives(self, octets):
        self.assertEqual(peers.read_exactly(self.sender.stdout, len(octets)), octets)

    def pass_stream(self):
        """Up to where the destination has all, and loads it."""
        self.write(self.sender, STREAM)
        self.assertEqual(peers.read_exactly(self.receiver.stdout, len(STREAM)), STREAM)

    def test_at_once(self):
        self.write(self.sender, OPENED)
        self.assertEqual(peers.read_exactly(self.receiver.stdout, len(OPENED)), OPENED)
        for message in (legacy.PONG, legacy.PONG * 3, legacy.RECV_BITMAP, legacy.PONG[:3], legacy.PONG[3:]):
            self.write(self.receiver, message)
            self.arrives(message)
        self.write(self.sender, legacy.ending())
        self.write(self.receiver, legacy.SHUT_OK)
        self.arrives(legacy.SHUT_OK)
        self.assertEqual(self.ends(self.receiver, DONE)[0], legacy.ending())
        self.ends(self.sender, DONE)

    def test_large_answers(self):
        bitmap = legacy.RECV_BITMAP[:11] + (1 << 20).to_bytes(8, 'big') + bytes((1 << 20) + 8)
        self.write(self.sender, OPENED)
        peers.feed(self.receiver, bitmap + legacy.SHUT_OK)
        self.arrives(bitmap + legacy.SHUT_OK)
        self.write(self.sender, legacy.ending())
        self.ends(self.receiver, DONE)
        self.ends(self.sender, DONE)

    def test_waits_for_the_load(self):
        self.pass_stream()
        with self.assertRaises(subprocess.TimeoutExpired):
            self.sender.wait(0.5)
        self.write(self.receiver, legacy.SHUT_OK)
        self.arrives(legacy.SHUT_OK)
        self.ends(self.receiver, DONE)
        self.ends(self.sender, DONE)

    def test_load_failed(self):
        self.pass_stream()
        self.write(self.receiver, legacy.SHUT_FAILED)
        self.ends(self.receiver, INPUT, r'<stdin>: .*could not load .*status 1')
        self.ends(self.sender, INPUT, 'before it confirmed')

    def test_load_failed_early(self):
        self.write(self.sender, OPENED)
        self.write(self.receiver, legacy.SHUT_FAILED)
        self.ends(self.receiver, INPUT, r'<stdin>: .*could not load')
        self.assertTrue(peers.is_cut(self.sender))
        self.ends(self.sender, INPUT, 'before it confirmed')

    def test_shut_inside_another_message(self):
        """The octets of a bitmap are not looked at."""
        self.pass_stream()
        self.write(self.receiver, legacy.RECV_BITMAP + legacy.SHUT_OK)
        self.ends(self.receiver, DONE)
        self.ends(self.sender, DONE)

    def test_closed_without_a_word(self):
        self.pass_stream()
        self.receiver.stdin.close()
        self.ends(self.receiver, INPUT, r'<stdin>: .*has loaded')
        self.ends(self.sender, INPUT, 'before it confirmed')

    def test_not_opened(self):
        """Nothing to wait for, though somebody is there."""
        self.write(self.sender, legacy.stream())
        self.ends(self.sender, DONE)
        self.ends(self.receiver, DONE)


class NoReturnPath(peers.PeerTest):
    def test_nobody_at_standard_input(self):
        receiver, address = self.recv(stdin=subprocess.DEVNULL)
        sender = self.send(address)
        peers.feed(sender, STREAM)
        self.assertEqual(self.ends(receiver, DONE)[0], STREAM)
        self.ends(sender, DONE)

    def test_source_does_not_read(self):
        """Answers that nobody reads do not stop the stream, nor success."""
        receiver, address = self.recv(stdin=subprocess.PIPE)
        sender = self.send(address, stdout=subprocess.DEVNULL)
        peers.feed(sender, STREAM)
        peers.feed(receiver, legacy.PONG * 100000 + legacy.SHUT_OK)
        self.assertEqual(self.ends(receiver, DONE)[0], STREAM)
        self.ends(sender, DONE)


cli.main()
