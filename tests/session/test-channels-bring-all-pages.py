#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""With parallel channels the memory of a guest is at last what it was at the source, and all else
comes as it was; each stream is valid by itself; what goes wrong with a channel is said by its name."""
import os
import random
import struct
import subprocess
import threading

import frames  # noqa: F401  (finds the folders of the next ones)
import cli
import decoder
import legacy
import peers
import tls
from cli import DONE, INPUT, RUN
from legacy import CONTINUE, EOS, FULL, PAGE, ZERO, word
from relay import Harm, Relay

BLOCKS = [('pc.ram', 1024), ('vga.vram', 300)]   # pages
XBZRLE = 0x40
POSTCOPY_ADVISE = 3


# ---- streams with pages that come again and again

def ram_start():
    blocks = b''.join(legacy.string(name) + word(pages * PAGE) for name, pages in BLOCKS)
    total = sum(pages for _, pages in BLOCKS) * PAGE
    return (b'\1' + struct.pack('>I', legacy.RAM_ID) + legacy.string('ram') + struct.pack('>II', 0, 4)
            + word(total | legacy.MEM_SIZE) + blocks + word(EOS) + legacy.footer(legacy.RAM_ID))


def part(pages, end=False):
    """One piece of the memory: (block, page, flag, payload) of each page."""
    octets = [(b'\3' if end else b'\2') + struct.pack('>I', legacy.RAM_ID)]
    last = None
    for block, page, flag, payload in pages:
        name = b'' if block == last else legacy.string(block)
        octets.append(word(page * PAGE | flag | (0 if name else CONTINUE)) + name + payload)
        last = block
    return b''.join(octets) + word(EOS) + legacy.footer(legacy.RAM_ID)


def random_page(dice):
    block, pages = dice.choice(BLOCKS)
    kind = dice.random()
    flag, payload = ((ZERO, b'\0') if kind < .2 else (ZERO, b'\x2a') if kind < .25
                     else (FULL, dice.randbytes(16) * (PAGE // 16)) if kind < .6
                     else (FULL, dice.randbytes(PAGE)))
    # Few pages, so that they repeat within a piece.
    return block, dice.randrange(pages) // 8 * 8, flag, payload


def busy_stream(parts=12, pages=400, opening=b'', seed=1):
    dice = random.Random(seed)
    every = [(block, page, FULL, struct.pack('>II', page, 0xc0ffee) * (PAGE // 8))
             for block, count in BLOCKS for page in range(count)]
    octets = [legacy.head() + opening + ram_start(), part(every)]
    octets += [part([random_page(dice) for _ in range(pages)]) for _ in range(parts)]
    octets.append(part([random_page(dice) for _ in range(20)], end=True))
    return b''.join(octets) + tail()


def tail():
    """All behind the last piece of memory."""
    return legacy.device() + legacy.END + legacy.description()


# ---- what a QEMU would make of them

class Loader:
    """Memory after the last page, and everything that is no page."""

    def __init__(self, stream):
        assert stream.startswith(legacy.head())
        self.octets, self.at = stream, len(legacy.head())
        self.memory, self.rest, self.block = {}, [], None
        while self.octets[self.at] in (1, 2, 3, 8):
            (self._command if self.octets[self.at] == 8 else self._section)()
        self.rest.append(self.octets[self.at:])

    def _take(self, count):
        self.at += count
        return self.octets[self.at - count:self.at]

    def _name(self):
        return self._take(self._take(1)[0]).decode()

    def _command(self):
        head = self._take(5)
        self.rest.append(head + self._take(struct.unpack('>H', head[3:])[0]))

    def _section(self):
        kind = self._take(5)
        self.rest.append(kind)
        if kind[0] == 1:
            self.rest.append((self._name(), self._take(8)))
        while (value := struct.unpack('>Q', self._take(8))[0]) != EOS:
            self._word(value & ~0xfff, value & 0xfff)
        assert self._take(5) == legacy.footer(legacy.RAM_ID)

    def _word(self, offset, flags):
        if flags == legacy.MEM_SIZE:
            self.rest.append([(self._name(), self._take(8)) for _ in BLOCKS])
            return
        if not flags & CONTINUE:
            self.block = self._name()
        assert flags & ~CONTINUE in (FULL, ZERO), flags
        self.memory[self.block, offset] = self._take(PAGE) if flags & FULL else self._take(1) * PAGE


class ChannelTest(peers.PeerTest):
    STREAM = busy_stream()

    def assert_same_guest(self, got, sent):
        a, b = Loader(sent), Loader(got)
        self.assertEqual(b.rest, a.rest)
        self.assertEqual(set(b.memory), set(a.memory))
        self.assertEqual([at for at in a.memory if a.memory[at] != b.memory[at]], [])

    def move(self, *options, receiving=(), uri=None, stream=None):
        """From end to end: (what QEMU gets, messages of send, messages of recv)."""
        receiver, address = self.recv(uri, *receiving)
        sender = self.send(address, *options)
        peers.feed(sender, stream or self.STREAM)
        out, err = peers.communicate(receiver)
        _, sent = peers.communicate(sender)
        self.assertEqual((receiver.returncode, sender.returncode), (DONE, DONE), err + sent)
        return out, sent.decode(), err.decode()

    def fails(self, receiver, sender, message):
        """Both ends do, and QEMU does not get the end of the stream."""
        out, err = peers.communicate(receiver)
        _, sent = peers.communicate(sender)
        self.assertEqual((receiver.returncode, sender.returncode), (INPUT, INPUT), err + sent)
        self.assert_one_line(sent)
        # Who notices first ends all, and the other end sees whatever that ends first.
        self.assertIn(message, err + sent)
        self.assertFalse(out.endswith(tail()))


class Arrives(ChannelTest):
    def arrives(self, *options, **how):
        got, sent, received = self.move(*options, **how)
        self.assert_same_guest(got, how.get('stream') or self.STREAM)
        return sent, received

    def test_over_one(self):
        self.arrives('--channels=1')

    def test_over_two_compressed(self):
        for line in self.arrives('--channels=2', uri='tcp:127.0.0.1:0'):
            self.assertRegex(line, r'\A[^\n]+; over 2 channels\n\Z')

    def test_over_five_plain(self):
        self.arrives('--channels=5', '--compress=none')

    def test_without_a_session(self):
        self.arrives('--channels=2', '--no-session')

    def test_as_many_as_the_receiver_takes(self):
        sent, _ = self.arrives('--channels=3', receiving=['--channels=2'])
        self.assertIn('2 channels: the receiver takes no more', sent)
        self.assertIn('; over 2 channels', sent)

    def test_deltas_in_their_order(self):
        """XBZRLE of one page, three times over, each of which needs the one before."""
        delta = b'\1' + struct.pack('>H', 4)
        pages = [('pc.ram', 5, FULL, bytes(PAGE)), ('pc.ram', 5, XBZRLE, delta + b'\0\2ab'),
                 ('pc.ram', 5, XBZRLE, delta + b'\1\2cd'), ('pc.ram', 5, XBZRLE, delta + b'\2\2ef')]
        stream = legacy.head() + ram_start() + part(pages) + part([], end=True) + tail()
        got, _, _ = self.move('--channels=2', stream=stream)
        self.assertTrue(got == stream)  # no list of differences of so much

    def test_while_the_source_waits(self):
        """What has come goes on, although the piece of memory is not at its end."""
        begin = legacy.head() + ram_start() + part([('pc.ram', 3, FULL, b'x' * PAGE)])
        piece = part([('vga.vram', 3, FULL, b'y' * PAGE)])
        receiver, address = self.recv()
        sender = self.send(address, '--channels=2')
        sender.stdin.write(begin + piece[:-13])
        sender.stdin.flush()
        self.assertEqual(peers.read_exactly(receiver.stdout, len(begin + piece) - 13), begin + piece[:-13])
        rest = piece[-13:] + part([], end=True) + tail()
        peers.feed(sender, rest)
        out, err = peers.communicate(receiver)
        _, sent = peers.communicate(sender)
        self.assertEqual((receiver.returncode, sender.returncode, out), (DONE, DONE, rest), err + sent)

    def test_with_tls(self):
        tls.Authority(self.path('ca')).folder_for(self.path('creds'), 'server', 'client')
        creds = '--tls-creds=' + self.path('creds')
        self.arrives('--channels=2', creds, receiving=[creds], uri='tcp:127.0.0.1:0')

    def test_in_bounded_memory(self):
        """A reader that is slower than the source keeps all of them waiting."""
        if is_sanitized():
            self.skipTest('AddressSanitizer multiplies memory')
        receiver, address = self.recv('tcp:127.0.0.1:0')
        sender = self.send(address, '--channels=4', '--compress=none')
        every = [('pc.ram', page, FULL, os.urandom(PAGE)) for page in range(1024)]
        memory = legacy.head() + ram_start() + 48 * part(every)
        feeding = threading.Thread(target=sender.stdin.write, args=(memory,), daemon=True)
        feeding.start()
        # Names of blocks need not come back.
        read_slowly(receiver.stdout, len(memory) - 4096)
        feeding.join()
        for process in (sender, receiver):
            self.assertLess(peak_of(process), 64 << 20)
        peers.feed(sender, part([], end=True) + tail())
        for process in (receiver, sender):
            _, err = peers.communicate(process)
            self.assertEqual(process.returncode, DONE, err)


class Recorded(ChannelTest):
    def setUp(self):
        super().setUp()
        self.name = self.path('recording')
        self.move('--channels=3', '--record=' + self.name)
        self.names = [self.name] + [f'{self.name}.{number}' for number in (1, 2, 3)]
        self.streams = []
        for name in self.names:
            with open(name, 'rb') as file:
                self.streams.append(file.read())

    def test_each_is_valid_and_all_together_are_the_guest(self):
        for name in self.names:
            self.bermig('validate', name)
        self.assert_same_guest(decoder.decode_channels(self.streams[0], self.streams[1:]), self.STREAM)
        # Work for all of them.
        self.assertLess(max(map(len, self.streams)), sum(map(len, self.streams)) / 2)

    def test_a_page_has_one_channel(self):
        homes = {}
        for number, octets in enumerate(self.streams[1:]):
            channel = Pages()
            decoder.Decoder(octets, ram=channel).decode()
            for page in channel.seen:
                self.assertEqual(homes.setdefault(page, number), number, page)
        self.assertEqual(set(homes.values()), {0, 1, 2})

    def test_none_is_taken_for_the_whole(self):
        for name in self.names:
            for command in (['convert', '--to=qemu', name, self.path('out')],
                            ['convert', '--seekable', name, self.path('out')],
                            ['extract', '--raw=' + self.path('raw'), name], ['diff', name, name]):
                done = self.bermig(*command, status=RUN if command[0] == 'diff' else INPUT)
                self.assertIn(b'in several streams', done.stderr)


class Joined(ChannelTest):
    """convert makes one stream of what was recorded."""

    def record(self, channels, *options):
        """(what QEMU got, the options of convert, the recordings)."""
        name = self.path('recording')
        got, _, _ = self.move(f'--channels={channels}', '--record=' + name, *options)
        names = [f'{name}.{number}' for number in range(1, channels + 1)]
        return got, [f'--channel={name}' for name in names], [name] + names

    def read(self, name):
        with open(self.path(name), 'rb') as file:
            return file.read()

    def test_of_one_channel_is_what_recv_wrote(self):
        got, options, names = self.record(1)
        self.bermig('convert', *options, names[0], self.path('joined.mig'))
        self.assertTrue(self.read('joined.mig') == got)  # no list of differences of so much

    def test_has_all_pages(self):
        _, options, names = self.record(3)
        # Each file says which one it is.
        for name, order in (('a.mig', options), ('b.mig', options[::-1])):
            self.bermig('convert', *order, names[0], self.path(name))
        self.assert_same_guest(self.read('a.mig'), self.STREAM)
        self.assertTrue(self.read('a.mig') == self.read('b.mig'))

    def test_is_a_stream_like_others(self):
        _, options, names = self.record(2, '--compress=none')
        plain = self.path('plain.mig', self.STREAM)
        for more in (['--to=ber'], ['--seekable'], ['--to=mapped-ram']):
            joined, direct = self.path('joined' + more[0]), self.path('direct' + more[0])
            self.bermig('convert', *more, *options, names[0], joined)
            self.bermig('convert', *more, plain, direct)
            self.bermig('validate', joined)
            self.bermig('diff', joined, direct)
        self.comes_alone(self.read('joined--to=ber'))
        with open(names[0], 'rb') as main:
            piped = self.bermig('convert', *options, '-', '-', stdin=main).stdout
        self.assert_same_guest(piped, self.STREAM)

    def comes_alone(self, octets):
        """No receiver waits for channels of such a stream."""
        receiver, address = self.recv()
        with peers.connect(address) as peer:
            feeding = threading.Thread(target=peers.feed_socket, args=(peer, octets), daemon=True)
            feeding.start()
            out, err = peers.communicate(receiver)
            feeding.join()
        self.assertEqual(receiver.returncode, DONE, err)
        self.assert_same_guest(out, self.STREAM)

    def refused(self, message, options, main, status=INPUT):
        before = sorted(os.listdir(self.folder))
        done = self.bermig('convert', *options, main, self.path('out'), status=status)
        self.assert_one_line(done.stderr)
        self.assertIn(message, done.stderr.decode())
        self.assertEqual(sorted(os.listdir(self.folder)), before)

    def test_is_refused_by_name(self):
        _, options, (main, one, two) = self.record(2)
        lacks = f'{main}: channel 2 of 2 is missing: give its recording with --channel'
        self.refused(lacks, options[:1], main)
        self.refused(f'{one}: channel 1, which is {one} already', options + options[:1], main)
        self.refused(f'{main}: it is no recording of a channel', [f'--channel={main}'], main)
        plain = self.path('plain.mig', self.STREAM)
        self.refused(f'{plain}: it is no recording of a channel', [f'--channel={plain}'], main)
        self.refused(f'{two}.0: No such file or directory', options + [options[1] + '.0'], main, status=RUN)
        self.refused(f'bermig convert: --channel: {one} is no recording of a move with channels, and not one of '
                     'IN and OUT alone is in QEMU\'s format', ['--to=ber'] + options, one, status=RUN)

    def test_of_two_moves_is_refused(self):
        _, _, (main, one, two) = self.record(2)
        for name in (main, one, two):
            os.rename(name, name + '-old')
        _, options, _ = self.record(2)
        self.refused(f'{two}-old: a channel of another move than {one}',
                     [f'--channel={one}', f'--channel={two}-old'], main)
        # The same pages, in other records: all is right but the sums.
        self.refused(f'{one}: channel 1: it is not the one that was sent', options, main + '-old')
        _, _, names = self.record(3)
        self.refused(f'{names[3]}: channel 3 of a move that had no more than 2', [f'--channel={names[3]}'],
                     main + '-old')

    def test_of_a_damaged_channel_is_refused(self):
        _, options, (main, one, two) = self.record(2)
        whole = self.read(two)
        for octets, why in ((whole[:len(whole) // 2], 'the input ends inside'), (whole + b'more', 'octets after the end'),
                            (whole[:99999] + bytes([whole[99999] ^ 1]) + whole[100000:], 'sum')):
            with open(two, 'wb') as file:
                file.write(octets)
            done = self.bermig('convert', *options, main, self.path('out'), status=INPUT)
            self.assert_one_line(done.stderr)
            self.assertRegex(done.stderr.decode(), f'\\A{two}:[0-9]+: .*{why}')
            self.assertFalse(os.path.exists(self.path('out')))


class Pages(decoder.Channel):
    """Which pages a channel has."""

    def __init__(self):
        super().__init__()
        self.seen = set()

    def item(self, tag, items):
        begin = items.at
        if tag in range(decoder.constructed(3), decoder.constructed(9)):
            view = items.open(tag)
            block, page = view.number(), view.number()
            if tag == decoder.constructed(3):
                self._add(block, page, len(decoder.page_data(view)) // PAGE)
            elif tag == decoder.constructed(4):
                self._add(block, page, view.number())
            elif tag == decoder.constructed(5):
                for start, count, _ in decoder.map_runs(view.get(decoder.OCTETS), page):
                    self._add(block, start, count)
            else:
                self._add(block, page, 1)
            items.at = begin
        return super().item(tag, items)

    def _add(self, block, page, count):
        self.seen |= {(block, page + i) for i in range(count)}


class Refused(ChannelTest):
    def test_by_a_receiver_without(self):
        got, sent, _ = self.move('--channels=2', receiving=['--channels=0'])
        self.assertIn('no channels: the receiver does not take any', sent)
        self.assertTrue(got == self.STREAM)

    def test_by_a_qemu(self):
        server, uri = peers.listen()
        self.addCleanup(server.close)
        sender = self.send(uri, '--channels=2')
        peers.feed(sender, self.STREAM)
        peer, _ = server.accept()
        with peer:
            octets = b''
            while len(octets) < len(legacy.head() + legacy.PROBE):
                octets += peer.recv(1 << 16)
            self.assertEqual(octets, legacy.head() + legacy.PROBE)
            peer.sendall(legacy.PROBE_PONG)
            self.assertEqual(read_count(peer, len(self.STREAM) - len(legacy.head())),
                             self.STREAM[len(legacy.head()):])
            peer.sendall(legacy.SHUT_OK)
        _, err = peers.communicate(sender)
        self.assertEqual(sender.returncode, DONE, err)
        self.assertIn(b'no channels: the peer is a QEMU', err)

    def test_for_postcopy(self):
        stream = busy_stream(3, opening=legacy.command(POSTCOPY_ADVISE, word(PAGE) + word(PAGE)))
        got, sent, _ = self.move('--channels=2', stream=stream)
        self.assertIn('not used: QEMU\'s capability postcopy-ram is on', sent)
        self.assertTrue(got == stream)  # no list of differences of so much

    def test_by_name(self):
        for options in (['--channels=65'], ['--channels=-1'], ['--channels=2', '--format=qemu']):
            done = self.bermig('send', *options, 'unix:x', status=RUN)
            self.assertIn(options[0].encode(), done.stderr)
        self.assertIn(b'once more', self.bermig('send', '--channels=2', '-', status=RUN).stderr)
        self.assertIn(b'65', self.bermig('recv', '--channels=65', 'unix:x', status=RUN).stderr)


class Fails(ChannelTest):
    def cut(self, harms, message, *options):
        receiver, address = self.recv('tcp:127.0.0.1:0')
        relay = Relay(address, harms)
        self.addCleanup(relay.close)
        sender = self.send(relay.uri, '--channels=2', '--compress=none', *options)
        peers.feed(sender, self.STREAM)
        self.fails(receiver, sender, message)

    def test_when_a_channel_ends(self):
        self.cut([Harm(opaque=True), Harm(opaque=True), Harm(opaque=True, cut=700000)], b'channel 2: ')

    def test_when_a_channel_is_reset(self):
        self.cut([Harm(opaque=True), Harm(opaque=True, cut=3000, reset=True), Harm(opaque=True)],
                 b'channel 1: ', '--record=' + self.path('recording'))
        self.assertEqual(os.listdir(self.folder), [])

    def test_when_the_first_connection_ends(self):
        self.cut([Harm(opaque=True, cut=700), Harm(opaque=True), Harm(opaque=True)], b'')

    def test_when_the_source_ends(self):
        receiver, address = self.recv()
        sender = self.send(address, '--channels=2')
        peers.feed(sender, self.STREAM[:len(self.STREAM) // 2])
        self.fails(receiver, sender, b'')

    def test_when_qemu_goes(self):
        receiver, address = self.recv()
        sender = self.send(address, '--channels=2')
        peers.feed(sender, self.STREAM)
        peers.read_exactly(receiver.stdout, 100000)
        receiver.stdout.close()
        receiver.stdout = None
        _, sent = peers.communicate(sender)
        _, err = peers.communicate(receiver)
        self.assertEqual((receiver.returncode, sender.returncode), (INPUT, INPUT), err + sent)


class Resumed(ChannelTest):
    """A sender that is told to resume has sessions for its channels too."""

    def move_through(self, harms, *options, both=('--resume=3600',)):
        """Messages of send; connections get harms in the order in which they come, the main one first."""
        receiver, address = self.recv('tcp:127.0.0.1:0', *both)
        self.relay = Relay(address, harms)
        self.addCleanup(self.relay.close)
        sender = self.send(self.relay.uri, '--channels=2', '--compress=none', *both, *options)
        peers.feed(sender, self.STREAM)
        out, err = peers.communicate(receiver)
        _, sent = peers.communicate(sender)
        self.assertEqual((receiver.returncode, sender.returncode), (DONE, DONE), err + sent)
        self.assert_one_line(sent)
        self.assert_same_guest(out, self.STREAM)
        return sent.decode()

    def survives(self, harms, *options, **how):
        sent = self.move_through(harms, *options, **how)
        self.assertGreater(self.relay.connections, 3)
        self.assertRegex(sent, r'resumed \d+ times?; over 2 channels\n\Z')

    def test_without_harm(self):
        sent = self.move_through([])
        self.assertNotIn('resumed', sent)
        self.assertEqual(self.relay.connections, 3)

    def test_each_connection_is_cut(self):
        """Also inside of frames of all kinds, in order or not, and some more than once."""
        self.survives([Harm(cut=900)] + [Harm(cut=30000 + 90001 * i, reset=bool(i % 2)) for i in range(7)] +
                      [Harm(cut=3), Harm(cut=40)])

    def test_a_channel_is_cut_before_it_begins(self):
        self.survives([Harm(), Harm(cut=3), Harm(cut=40)])

    def test_a_frame_of_a_channel_is_changed(self):
        def change(frame):
            if frame[0] == decoder.DATA_FRAME and len(frame) > 50000 and not changed:
                changed.append(frame)
                return frame[:999] + bytes([frame[999] ^ 1]) + frame[1000:]
            return frame

        changed = []
        self.survives([Harm(), Harm(change=change), Harm(change=change)])
        self.assertEqual(len(changed), 1)

    def test_channels_may_come_before_they_are_expected(self):
        """The hello, which says that there are channels, is held back until they are there."""
        def come(frame):
            if frame[0] == decoder.RESUME_FRAME:
                came.release()
            return frame

        def hold(frame):
            if frame[0] == decoder.DATA_FRAME and not held:
                held.extend(came.acquire(timeout=cli.SECONDS) for _ in range(2))
            return frame

        came, held = threading.Semaphore(0), []
        self.move_through([Harm(change=hold), Harm(change=come), Harm(change=come)])
        self.assertEqual((held, self.relay.connections), ([True, True], 3))

    def gives_up(self, harms, message):
        both = ('--resume=1',)
        receiver, address = self.recv('tcp:127.0.0.1:0', *both)
        relay = Relay(address, harms)
        self.addCleanup(relay.close)
        sender = self.send(relay.uri, '--channels=2', '--compress=none', *both)
        peers.feed(sender, self.STREAM)
        self.fails(receiver, sender, message)

    def test_a_channel_that_never_comes_is_the_end(self):
        self.gives_up([Harm()] + 999 * [Harm(cut=20)], b': the connection could not be made: not within 1 s')

    def test_a_channel_that_does_not_come_back_is_the_end(self):
        self.gives_up([Harm(), Harm(cut=500000), Harm(cut=600000)] + 999 * [Harm(cut=20)],
                      b' and could not be resumed: not within 1 s')

    def test_not_with_a_receiver_that_cannot(self):
        receiver, address = self.recv('tcp:127.0.0.1:0', '--resume=0')
        sender = self.send(address, '--channels=2', '--resume=5')
        peers.feed(sender, self.STREAM)
        out, err = peers.communicate(receiver)
        _, sent = peers.communicate(sender)
        self.assertEqual((receiver.returncode, sender.returncode), (DONE, DONE), err + sent)
        self.assertIn(b'a lost connection is not resumed: the receiver cannot do that with channels', sent)
        self.assert_same_guest(out, self.STREAM)

    def test_with_a_small_window(self):
        both = ('--resume=3600', '--window=1M')
        self.survives([Harm(), Harm(cut=1500000), Harm(cut=1200000)], both=both)

    def test_with_tls(self):
        tls.Authority(self.path('ca')).folder_for(self.path('creds'), 'server', 'client')
        both = ('--resume=3600', '--tls-creds=' + self.path('creds'))
        self.survives([Harm(opaque=True), Harm(opaque=True, cut=500000), Harm(opaque=True, cut=600000)] +
                      9 * [Harm(opaque=True)], both=both)

    def test_what_is_recorded_is_whole(self):
        name = self.path('recording')
        self.survives([Harm(), Harm(cut=500000), Harm(cut=600000)], '--record=' + name)
        self.bermig('convert', f'--channel={name}.1', f'--channel={name}.2', name, self.path('joined.mig'))
        with open(self.path('joined.mig'), 'rb') as file:
            self.assert_same_guest(file.read(), self.STREAM)


class Holding(Relay):
    """Passes the first connection on, and the others when it is told to."""

    def __init__(self, target):
        self.holding, self.go = threading.Event(), threading.Event()
        super().__init__(target, [Harm(opaque=True)] * 9)

    def _serve(self, source, harm):
        if self.connections > 1:
            self.holding.set()
            self.go.wait(cli.SECONDS)
        super()._serve(source, harm)


class Strangers(ChannelTest):
    def begin(self, *options):
        """Both ends; the receiver waits for the channels."""
        self.receiver, self.address = self.recv('tcp:127.0.0.1:0', *options)
        self.relay = Holding(self.address)
        self.addCleanup(self.relay.close)
        self.sender = self.send(self.relay.uri, '--channels=2', *options)
        peers.feed(self.sender, self.STREAM)
        self.assertTrue(self.relay.holding.wait(cli.SECONDS))

    def turned_away(self, peer, octets, why):
        with peer:
            try:
                peer.sendall(octets)
                self.assertEqual(peers.read_all(peer), b'')
            except OSError:
                pass   # turned away while it was still talking
        self.assertRegex(self.receiver.stderr.readline().decode(), 'turned away: .*' + why)

    def goes_on(self):
        self.relay.go.set()
        out, err = peers.communicate(self.receiver)
        _, sent = peers.communicate(self.sender)
        self.assertEqual((self.receiver.returncode, self.sender.returncode), (DONE, DONE), err + sent)
        self.assert_same_guest(out, self.STREAM)

    def old_channel(self):
        """A whole stream of a channel, of another move: its token is not the one of today."""
        self.move('--channels=1', '--record=' + self.path('old'))
        with open(self.path('old.1'), 'rb') as file:
            return file.read()

    def test_are_turned_away(self):
        old = self.old_channel()
        self.begin()
        self.turned_away(peers.connect(self.address), old, 'it has no token')
        for octets in (b'GET / HTTP/1.0\r\n\r\n', legacy.head() + legacy.PROBE, old[:24] + bytes(5000)):
            self.turned_away(peers.connect(self.address), octets, 'it is no channel')
        self.goes_on()

    def test_with_another_certificate_are_turned_away(self):
        authority = tls.Authority(self.path('ca'))
        for name in ('ours', 'other'):
            authority.folder_for(self.path(name), 'server', 'client')
        self.begin('--tls-creds=' + self.path('ours'))
        stranger = self.send(self.address, '--tls-creds=' + self.path('other'))
        peers.feed(stranger, legacy.stream())
        self.assertRegex(self.receiver.stderr.readline().decode(), 'turned away: the peer has another certificate')
        peers.communicate(stranger)
        self.assertNotEqual(stranger.returncode, DONE)
        self.goes_on()


# ---- small things

def is_sanitized():
    return b'__asan' in subprocess.run(['nm', '-D', cli.BERMIG], capture_output=True, check=False).stdout


def read_count(peer, count):
    octets = b''
    while len(octets) < count and (piece := peer.recv(1 << 20)):
        octets += piece
    return octets


def read_slowly(file, count):
    """In small pieces."""
    while count > 0:
        octets = os.read(file.fileno(), min(count, 1 << 15))
        assert octets
        count -= len(octets)


def peak_of(process):
    """Octets of memory that it has used at most so far."""
    with open(f'/proc/{process.pid}/status', encoding='ascii') as file:
        return next(int(line.split()[1]) << 10 for line in file if line.startswith('VmHWM'))


if __name__ == '__main__':
    cli.main()
