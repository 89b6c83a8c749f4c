#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Either end dies or talks nonsense: both commands end by themselves, with 1 and one message,
QEMU's pipe breaks at the source, and no end marker comes out at the destination."""
import contextlib
import os
import signal
import subprocess

import cli
import legacy
import peers
from cli import DONE, INPUT

# A session tells it otherwise, and its receiver waits a little for a sender that is gone.
LOST = 'the receiver closed the connection before it confirmed|the connection was lost'
WAIT = '--resume=1'
# So that what ends a sender is never that it has tried long enough.
LONG = '--resume=3600'

PART = legacy.beginning(return_path=True) + legacy.ram_pages(range(16))


class Killed(peers.PeerTest):
    def setUp(self):
        super().setUp()
        self.receiver, address = self.recv(None, WAIT, stdin=subprocess.PIPE)
        self.sender = self.send(address, LONG)
        self.sender.stdin.write(PART)
        self.sender.stdin.flush()
        # Both are at work now, and the source is silent.
        self.assertEqual(peers.read_exactly(self.receiver.stdout, len(PART)), PART)

    def sender_fails(self, message):
        """At once, though it waits for QEMU, and QEMU sees it."""
        self.assertTrue(peers.is_cut(self.sender))
        self.ends(self.sender, INPUT, message)

    def test_recv_killed(self):
        self.receiver.kill()
        self.sender_fails(LOST)

    def test_recv_terminated(self):
        self.receiver.terminate()
        self.assertEqual(self.receiver.wait(cli.SECONDS), -signal.SIGTERM)
        self.sender_fails(LOST)

    def test_send_killed(self):
        self.sender.kill()
        self.assertEqual(self.ends(self.receiver, INPUT, LOST)[0], b'')

    def test_source_ends_early(self):
        self.sender.stdin.close()
        self.ends(self.sender, INPUT, r'\A<stdin>:\d+: ')
        self.assertEqual(self.ends(self.receiver, INPUT, 'the input ends|reset by peer')[0], b'')

    def test_source_writes_nonsense(self):
        self.sender.stdin.write(b'\x55' * 100)
        self.sender.stdin.flush()
        self.ends(self.sender, INPUT, r'\A<stdin>:\d+: ')
        self.assertEqual(self.ends(self.receiver, INPUT)[0], b'')

    def test_destination_gone(self):
        self.receiver.stdout.close()
        self.receiver.stdout = None
        self.ends(self.receiver, INPUT, '<stdout>: ')
        self.sender_fails('the receiver closed the connection before it confirmed')

    def test_destination_gone_and_return_path_too(self):
        self.receiver.stdin.close()
        self.receiver.stdout.close()
        self.receiver.stdout = None
        self.ends(self.receiver, INPUT, '<stdout>: ')
        self.sender_fails('the receiver closed the connection before it confirmed')

    def test_source_takes_no_answers(self):
        self.sender.stdout.close()
        self.sender.stdout = None
        self.receiver.stdin.write(legacy.PONG)
        self.receiver.stdin.flush()
        self.sender_fails('<stdout>: Broken pipe')
        self.ends(self.receiver, INPUT)


class Cut(peers.PeerTest):
    """The connection ends at various places."""

    def test_cut(self):
        stream = legacy.stream()
        length = len(self.convert(stream))
        # Before that, whoever ends the connection is no sender yet.
        begun = len(legacy.head() + legacy.PROBE)
        for limit in (begun, begun + 1, begun + 24, length // 2, length - 30, length - 1):
            receiver, address = self.recv(None, WAIT)
            proxy = peers.Proxy(address, limit)
            sender = self.send(proxy.uri)
            peers.feed(sender, stream)
            out, _ = self.ends(receiver, INPUT)
            self.ends(sender, INPUT)
            self.assertTrue(stream.startswith(out))
            self.assertLessEqual(len(out), len(stream) - len(legacy.END + legacy.description()))
            proxy.join()

    def test_confirmation_lost(self):
        """Everything arrived, but the source cannot know."""
        receiver, address = self.recv(None, WAIT)
        proxy = peers.Proxy(address, len(self.convert(legacy.stream())))
        sender = self.send(proxy.uri)
        peers.feed(sender, legacy.stream())
        peers.communicate(receiver)
        self.ends(sender, INPUT, LOST)
        proxy.join()


class Nonsense(peers.PeerTest):
    def test_changed_on_the_way(self):
        octets = bytearray(self.convert(legacy.stream()))
        octets[len(octets) // 2] ^= 4
        receiver, address = self.recv()
        with peers.connect(address) as peer:
            peer.sendall(octets)
            peers.read_all(peer)
        out, _ = self.ends(receiver, INPUT)
        self.assertTrue(legacy.stream().startswith(out))
        self.assertNotIn(legacy.description(), out)

    def answer(self, octets, message, close=True):
        """The receiver is somebody else, who says this."""
        server, uri = peers.listen()
        sender = self.send(uri)
        peers.feed(sender, legacy.stream())
        with server, server.accept()[0] as peer:
            peers.read_exactly(peer.makefile('rb'), len(legacy.head()) + len(legacy.PROBE))
            with contextlib.suppress(OSError):  # the sender may have had enough
                peer.sendall(octets)
                if close:
                    peer.shutdown(1)
            self.ends(sender, INPUT, message)

    def test_server(self):
        nobody = 'tcp:127.0.0.1:[0-9]+: the peer is neither a QEMU nor a bermig'
        for octets, message in [(b'', 'ended the connection when it had seen the configuration'),
                                (b'HTTP/1.0 400\r\n', nobody), (bytes(100), nobody)]:
            self.answer(octets, message)

    def test_server_that_stays(self):
        self.answer(b'HTTP/1.0 400 Bad Request\r\n' + bytes(100), 'tcp:127.0.0.1:', close=False)

    def test_two_senders(self):
        self.answer(self.convert(legacy.stream()), 'sends a stream')

    def test_confirmation_of_another_stream(self):
        receiver, address = self.recv()
        proxy = peers.Proxy(address)
        sender = self.send(proxy.uri, '--no-session')
        peers.feed(sender, legacy.stream(machine='pc-other'))
        self.ends(sender, DONE)
        self.ends(receiver, DONE)
        proxy.join()

        server, uri = peers.listen()
        sender = self.send(uri)
        with server, server.accept()[0] as peer:
            peers.feed(sender, legacy.stream())
            peer.sendall(proxy.back)
            self.ends(sender, INPUT, 'confirmed another stream')

    def test_no_confirmation_no_record(self):
        for kill in (False, True):
            server, uri = peers.listen()
            sender = self.send(uri, '--record=' + self.path('record'))
            with server, server.accept()[0] as peer:
                peers.feed(sender, legacy.stream())
                peer.recv(100)
                if kill:
                    sender.terminate()
                    self.assertEqual(sender.wait(cli.SECONDS), -signal.SIGTERM)
            if not kill:
                self.ends(sender, INPUT)
            self.assertEqual(os.listdir(self.folder), [])


cli.main()
