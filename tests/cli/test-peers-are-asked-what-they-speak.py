# SPDX-License-Identifier: BSD-2-Clause
"""Who is at the other end: a bermig, a QEMU (played here), or nobody who answers."""
import subprocess
import unittest

import cli
import legacy
import peers

DONE, INPUT = cli.DONE, cli.INPUT
AGREEMENT = bytes((0, 7, 0, 0))  # SWITCHOVER_ACK


class Negotiation(peers.PeerTest):
    def ask(self, answer, *options, return_path=False):
        """A QEMU that answers the probe and takes the rest; what it got behind the probe."""
        stream = legacy.stream(return_path=return_path)
        server, uri = peers.listen()
        sender = self.send(uri, *options, stdout=subprocess.PIPE)
        peers.feed(sender, stream)
        with server, server.accept()[0] as peer:
            file = peer.makefile('rb')
            begin = peers.read_exactly(file, len(legacy.head()) + len(legacy.PROBE))
            self.assertEqual(begin, legacy.head() + legacy.PROBE)
            peer.sendall(answer)
            got = file.read()
            peer.sendall(legacy.SHUT_OK)
        # A source's own first command is the probe's.
        return sender, legacy.head() + (legacy.command(1) if return_path else b'') + got, stream

    def test_a_qemu_gets_its_own_format(self):
        sender, got, stream = self.ask(legacy.PROBE_PONG)
        out, _ = self.ends(sender, DONE, 'a QEMU, which answered PONG$')
        self.assertEqual(got, stream)
        self.assertEqual(out, b'', 'a source that did not ask gets no answer')

    def test_a_source_with_a_return_path_gets_the_answers_that_are_its_own(self):
        sender, got, stream = self.ask(legacy.PROBE_PONG + legacy.PONG, return_path=True)
        out, _ = self.ends(sender, DONE, 'a QEMU')
        self.assertEqual(got, stream)
        self.assertEqual(out, legacy.PONG + legacy.SHUT_OK)

    def test_ber_is_an_error_when_the_peer_is_a_qemu(self):
        server, uri = peers.listen()
        sender = self.send(uri, '--format=ber')
        peers.feed(sender, legacy.stream())
        with server, server.accept()[0] as peer:
            file = peer.makefile('rb')
            peers.read_exactly(file, len(legacy.head()) + len(legacy.PROBE))
            peer.sendall(legacy.PROBE_PONG)
            self.assertEqual(file.read(), b'', 'nothing of the guest goes out')
        self.ends(sender, INPUT, 'the peer is a QEMU.*--format=ber')

    def test_qemu_that_cannot_load_makes_the_sender_fail(self):
        stream = legacy.stream()
        server, uri = peers.listen()
        sender = self.send(uri)
        peers.feed(sender, stream)
        with server, server.accept()[0] as peer:
            file = peer.makefile('rb')
            peers.read_exactly(file, len(legacy.head()) + len(legacy.PROBE))
            peer.sendall(legacy.PROBE_PONG)
            file.read()
            peer.sendall(legacy.SHUT_FAILED)
        self.ends(sender, INPUT, 'QEMU could not load the stream')

    def test_not_asking_sends_the_stream_alone(self):
        server, uri = peers.listen()
        sender = self.send(uri, '--format=qemu')
        peers.feed(sender, legacy.stream())
        with server, server.accept()[0] as peer:
            self.assertEqual(peer.makefile('rb').read(), legacy.stream())
        self.ends(sender, DONE, 'not asked')

    def test_a_plain_qemu_is_passed_on_by_recv(self):
        receiver, address = self.recv()
        with peers.connect(address) as peer:
            peer.sendall(legacy.stream())
            peer.shutdown(1)
            peers.read_all(peer)
        self.assertEqual(self.ends(receiver, DONE, 'the peer is one that sends as a QEMU')[0], legacy.stream())

    def test_recv_refuses_what_was_not_asked_for(self):
        receiver, address = self.recv(None, '--format=ber')
        with peers.connect(address) as peer:
            peer.sendall(legacy.stream())
            peers.read_all(peer)
        message = 'the peer is one that sends as a QEMU does, and --format=ber'
        self.assertEqual(self.ends(receiver, INPUT, message)[0], b'')

    def test_a_qemu_may_agree_to_the_switch_over_before_it_answers(self):
        for return_path in (False, True):
            sender, got, stream = self.ask(AGREEMENT + legacy.PROBE_PONG, return_path=return_path)
            out, _ = self.ends(sender, DONE, 'a QEMU, which answered PONG')
            self.assertEqual(got, stream)
            self.assertEqual(out, AGREEMENT + legacy.SHUT_OK if return_path else b'')

    def test_a_sender_that_hears_nothing_is_understood(self):
        receiver, address = self.recv()
        octets = legacy.head() + legacy.PROBE + legacy.stream()[len(legacy.head()):]
        with peers.connect(address) as peer:
            peer.sendall(octets)
            peer.shutdown(1)
            self.ends(receiver, DONE, 'a bermig that did not hear the answer')

    def test_silence_is_no_answer_for_a_source_that_needs_answers(self):
        server, uri = peers.listen()
        sender = self.send(uri)
        peers.feed(sender, legacy.stream(return_path=True))
        with server, server.accept()[0] as peer:
            self.assertEqual(peer.makefile('rb').read(), legacy.head() + legacy.PROBE)
            self.ends(sender, INPUT, 'no answer within 5 s, but QEMU.s capability return-path')

    def test_a_qemu_does_not_wait_for_a_recv_that_has_failed(self):
        server, uri = peers.listen()
        with server:
            receiver = self.start('recv', uri, stdin=subprocess.PIPE)
            out, _ = self.ends(receiver, cli.RUN, 'in use')
        self.assertEqual(out, b'\0', 'it does not see the end of a command that wrote nothing')

    def test_both_ends_say_hello(self):
        record = self.path('record')
        receiver, address = self.recv()
        sender = self.send(address, '--record=' + record)
        peers.feed(sender, legacy.stream())
        self.ends(sender, DONE)
        self.ends(receiver, DONE)
        dump = self.bermig('dump', '--path=hello*', record).stdout.decode()
        self.assertIn('hello.version = (uint32) 0x1\n', dump)
        self.assertIn('hello.zstd = (string) ""\n', dump)


if __name__ == '__main__':
    unittest.main()
