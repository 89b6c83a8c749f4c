#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""A relay cuts, stalls, drips and changes what goes between send and recv: what goes in comes out,
once and in order, as long as it can; and where it cannot, both ends say why and end."""
import contextlib
import os
import re
import ssl
import time

import frames
import decoder
import cli
import legacy
import peers
import tls
from cli import DONE, INPUT
from relay import Harm, Relay


def content(turn, number):
    return os.urandom(legacy.PAGE) if number % 4 == turn % 4 else bytes([turn, number]) * (legacy.PAGE // 2)


class SessionTest(peers.PeerTest):
    STREAM = legacy.busy_stream(40, content)

    def begin(self, harms, *options, stream=None):
        """Both ends, and a relay between them that does this harm."""
        self.stream = stream or self.STREAM
        self.receiver, address = self.recv('tcp:127.0.0.1:0', *options)
        self.relay = Relay(address, harms)
        self.addCleanup(self.relay.close)
        self.sender = self.send(self.relay.uri, '--compress=none', *options)
        peers.feed(self.sender, self.stream)

    def passes(self, harms, *options, connections=None, stream=None):
        self.begin(harms, *options, stream=stream)
        out, err = peers.communicate(self.receiver)
        _, sent = peers.communicate(self.sender)
        self.assertEqual((self.receiver.returncode, self.sender.returncode), (DONE, DONE), err + sent)
        self.assertEqual(out, self.stream)
        if connections:
            self.assertEqual(self.relay.connections, connections)
        return err, sent


class Survives(SessionTest):
    def test_no_harm(self):
        self.passes([], connections=1)

    def test_cut_ten_times(self):
        harms = [Harm(cut=1000 + 37777 * i, reset=bool(i % 2)) for i in range(10)]
        _, sent = self.passes(harms, connections=11)
        self.assertIn(b'resumed 10 times', sent)

    def test_cut_inside_frames_of_all_kinds(self):
        """Also the first frame, and a Resume that is cut itself."""
        begun = len(legacy.head() + legacy.PROBE)
        resume = len(frames.resume(bytes(16), 1000))
        self.passes([Harm(cut=begun + 40), Harm(cut=resume + 3), Harm(cut=10), Harm(cut=resume),
                     Harm(cut=resume + 100)])

    def test_cut_with_a_small_window(self):
        self.passes([Harm(cut=3 << 19)] * 3, '--window=1M', stream=legacy.busy_stream(120, content))

    def test_one_octet_at_a_time(self):
        self.passes([Harm(drip=True)], stream=legacy.stream())

    def test_stalls(self):
        _, sent = self.passes([Harm(stall=50000)], '--stall-timeout=1')
        # More than one time if this machine itself stands still for so long.
        self.assertRegex(sent, rb'resumed \d+ time')

    def damaged(self, damage):
        """The third frame with data is damaged; the connection is given up and another one used."""
        seen = []

        def change(frame):
            if frame[0] == decoder.DATA_FRAME:
                seen.append(frame)
                if len(seen) == 3:
                    return damage(frame, seen)
            return frame
        self.passes([Harm(change=change)], connections=2)

    def test_a_changed_bit(self):
        self.damaged(lambda frame, _: frame[:-20] + bytes([frame[-20] ^ 1]) + frame[-19:])

    def test_a_frame_that_comes_twice(self):
        self.damaged(lambda frame, _: frame + frame)

    def test_a_frame_that_gets_lost(self):
        self.damaged(lambda frame, _: b'')

    def test_a_frame_that_comes_late(self):
        self.damaged(lambda _, seen: seen[1])

    def test_a_frame_of_no_known_kind(self):
        self.damaged(lambda _, seen: b'\x7a\x06\4\4\0\0\0\0')

    def test_a_length_that_lies(self):
        self.damaged(lambda frame, _: frame[:1] + b'\x84\xff\xff\xff\xff' + frame[5:])

    def test_receiver_says_to_have_more_than_was_sent(self):
        def change(frame):
            return frames.heartbeat(1 << 40) if frame[0] == decoder.HEARTBEAT_FRAME else frame
        self.passes([Harm(back=change)], connections=2)

    def not_at_first(self, kind):
        """The first connection ends in the place of the receiver's first frame of a kind, which is returned if it came."""
        came = []

        def change(frame):
            if frame[0] == kind:
                came.append(frame)
                return b'\x7a'
            return frame
        self.passes([Harm(back=change)])
        self.relay.finish()
        return came

    def test_confirmation_cut(self):
        self.assertTrue(self.not_at_first(decoder.DATA_FRAME))

    def test_close_cut(self):
        """Whoever has been told all may leave before the other end says Close: then there is nothing to cut."""
        self.not_at_first(decoder.CLOSE_FRAME)


class Described(SessionTest):
    """What stands for a description, in the place of which much would travel."""
    KNOWN = re.compile(rb'\x7e\x2b\x02\x01.\x04\x20', re.DOTALL)

    def move(self, harms, connections):
        _, sent = self.passes(harms, '--description-cache=' + self.path('cache'), connections=connections,
                              stream=legacy.stream())
        return int(sent.split(b' description ')[1].split()[0])

    def test_is_lost_and_sent_again(self):
        """With the connection, which another one takes over; the digest is for both."""
        changed = []

        def change(frame):
            if not changed and self.KNOWN.search(frame):
                changed.append(frame)
                return frame[:-1] + bytes([frame[-1] ^ 1])
            return frame

        alone = 45
        self.assertGreater(self.move([], 1), alone)
        self.assertEqual(self.move([Harm(change=change)], 2), alone)
        self.assertEqual(len(changed), 1)


class WithTls(SessionTest):
    """What passes the relay are no frames."""

    def setUp(self):
        super().setUp()
        authority = tls.Authority(self.path('ca'))
        for name in ('ours', 'other'):
            authority.folder_for(self.path(name), 'server', 'client')

    def test_cut(self):
        creds = '--tls-creds=' + self.path('ours')
        harms = [Harm(cut=100000 * (i + 1), opaque=True) for i in range(3)]
        # Whatever passes then is not looked at either.
        self.passes(harms + 10 * [Harm(opaque=True)], creds)
        self.assertEqual(self.relay.connections, 4)

    def test_another_certificate_is_turned_away(self):
        """Of the same CA, so that the handshake succeeds."""
        part = legacy.beginning() + legacy.ram_pages(range(16))
        creds = '--tls-creds=' + self.path('ours')
        receiver, address = self.recv('tcp:127.0.0.1:0', creds)
        sender = self.send(address, creds)
        sender.stdin.write(part)
        sender.stdin.flush()
        self.assertEqual(peers.read_exactly(receiver.stdout, len(part)), part)
        context = ssl.create_default_context(cafile=self.path('other') + '/ca-cert.pem')
        context.check_hostname = False
        context.load_cert_chain(self.path('other') + '/client-cert.pem',
                                self.path('other') + '/client-key.pem')
        with context.wrap_socket(peers.connect(address)) as peer:
            with contextlib.suppress(OSError):
                peer.sendall(frames.resume(bytes(16), 0))
                self.assertEqual(peers.read_all(peer), b'')
        self.assertIn(b'turned away: the peer has another certificate', receiver.stderr.readline())
        peers.feed(sender, legacy.ending())
        self.assertEqual(self.ends(receiver, DONE)[0], legacy.ending())
        self.ends(sender, DONE)


class Strangers(SessionTest):
    def test_they_do_not_disturb(self):
        stream = legacy.beginning() + legacy.ram_pages(range(16))
        receiver, address = self.recv('tcp:127.0.0.1:0')
        sender = self.send(address)
        sender.stdin.write(stream)
        sender.stdin.flush()
        self.assertEqual(peers.read_exactly(receiver.stdout, len(stream)), stream)
        for octets in (b'GET / HTTP/1.0\r\n\r\n', frames.resume(bytes(16), 0),
                       frames.resume(bytes(64), 0), frames.heartbeat(0), legacy.head()):
            with peers.connect(address) as peer:
                peer.sendall(octets)
                peer.shutdown(1)
                self.assertEqual(peers.read_all(peer), b'')
        peers.feed(sender, legacy.ending())
        out, err = peers.communicate(receiver)
        self.assertEqual((receiver.returncode, out), (DONE, legacy.ending()), err)
        self.assertEqual(err.count(b'turned away: '), 5, err)
        peers.communicate(sender)
        self.assertEqual(sender.returncode, DONE)

    def test_the_token_is_new_each_time(self):
        tokens = set()
        for _ in range(3):
            self.passes([], stream=legacy.stream())
            tokens.add(decoder.read_frame(self.relay.begins[0]).token)
        self.assertEqual(len(tokens), 3)


class GivesUp(SessionTest):
    def both_end(self, receiver, sender):
        self.ends(self.sender, INPUT, sender)
        out, err = peers.communicate(self.receiver)
        self.assertEqual(self.receiver.returncode, INPUT)
        # Those whose connection was cut too early were turned away before.
        self.assertRegex(err.decode().splitlines()[-1], receiver)
        self.assertTrue(self.stream.startswith(out))
        self.assertNotIn(legacy.description(), out)

    def test_cut_and_not_to_be_resumed(self):
        self.begin([Harm(cut=100000)], '--resume=0')
        self.both_end(r'the connection was lost \(', r'the connection was lost \(')
        self.assertEqual(self.relay.connections, 1)

    def test_stalls_and_not_to_be_resumed(self):
        self.begin([Harm(stall=100000)], '--resume=0', '--stall-timeout=1')
        self.both_end(r'lost \(the peer was silent for 1 s\)', r'lost \(the peer was silent for 1 s\)')

    def test_all_connections_are_cut(self):
        self.begin([Harm(cut=100000)] + 1000 * [Harm(cut=20)], '--resume=1')
        self.both_end(r'could not be resumed: not within 1 s', r'could not be resumed: not within 1 s')

    def test_all_frames_are_wrong(self):
        """Progress there is none, so it ends although each connection begins well."""
        def change(frame):
            return b'\x7a' if frame[0] == decoder.DATA_FRAME else frame
        self.begin(1000 * [Harm(change=change)], '--resume=1')
        self.both_end('lost', 'lost')

    def test_nobody_listens_any_more(self):
        """What a receiver that was killed looks like: known at once."""
        part = legacy.beginning() + legacy.ram_pages(range(16))
        receiver, address = self.recv('tcp:127.0.0.1:0', '--resume=3600')
        sender = self.send(address, '--resume=3600')
        sender.stdin.write(part)
        sender.stdin.flush()
        self.assertEqual(peers.read_exactly(receiver.stdout, len(part)), part)
        receiver.kill()
        self.assertTrue(peers.is_cut(sender))
        self.ends(sender, INPUT, 'lost .* Connection refused')


class Without(SessionTest):
    def test_either_end_can_refuse(self):
        for receiver, sender in (('--no-session', '--resume=9'), ('--resume=9', '--no-session')):
            process, address = self.recv(None, receiver)
            self.sender = self.send(address, sender)
            peers.feed(self.sender, legacy.stream())
            self.assertEqual(self.ends(process, DONE)[0], legacy.stream())
            self.ends(self.sender, DONE)

    def test_record_has_no_frames(self):
        receiver, address = self.recv()
        sender = self.send(address, '--record=' + self.path('record'))
        peers.feed(sender, self.STREAM)
        self.assertEqual(self.ends(receiver, DONE)[0], self.STREAM)
        self.ends(sender, DONE)
        with open(self.path('record'), 'rb') as file:
            self.assertEqual(self.convert(file.read()), self.STREAM)


class Silence(SessionTest):
    DEADLINE = '--stall-timeout=3'
    LONGER = 5  # seconds; heartbeats come each second, so that a machine may stand still for two

    def test_heartbeats_keep_an_idle_connection(self):
        """Nothing to send for longer than the deadline, at either end."""
        part = legacy.beginning() + legacy.ram_pages(range(16))
        receiver, address = self.recv(None, self.DEADLINE)
        sender = self.send(address, self.DEADLINE, '--resume=0')
        sender.stdin.write(part)
        sender.stdin.flush()
        self.assertEqual(peers.read_exactly(receiver.stdout, len(part)), part)
        time.sleep(self.LONGER)
        peers.feed(sender, legacy.ending())
        self.assertEqual(self.ends(receiver, DONE)[0], legacy.ending())
        self.ends(sender, DONE)

    def test_a_destination_that_is_slow_is_not_silent(self):
        receiver, address = self.recv(None, self.DEADLINE)
        sender = self.send(address, '--compress=none', self.DEADLINE, '--resume=0')
        peers.feed(sender, self.STREAM)
        time.sleep(self.LONGER)  # QEMU takes nothing
        self.assertEqual(self.ends(receiver, DONE)[0], self.STREAM)
        self.ends(sender, DONE)


cli.main()
