# SPDX-License-Identifier: BSD-2-Clause
"""A file of `bermig convert --seekable` gives each page by its index, as the whole stream
gives it; and an index that lies leads to a message, never to other octets."""
import os
import struct
import sys
import zlib

import cli
import legacy
from cli import INPUT, RUN
from legacy import PAGE

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'spec'))
import decoder  # noqa: E402

ZERO, FULL, SAME, XBZRLE, ZLIB = 2, 8, 0x20, 0x40, 0x100
PAGES = 4200  # more ranges than one record has
BLOCKS = [('pc.ram', PAGES * PAGE), ('a:b', 8 * PAGE)]


def octets_of(number):
    return struct.pack('>I', number) * (PAGE // 4)


def page(block, number, flag, data):
    return block, number * PAGE | flag, data


def octets_of_pages(pages):
    """A block's name stands only where it changes."""
    last = None
    for block, word, data in pages:
        same = block == last
        last = block
        yield legacy.word(word | (SAME if same else 0)) + (b'' if same else legacy.string(block)) + data


def live(kind, body):
    return kind + struct.pack('>I', legacy.RAM_ID) + body + legacy.footer(legacy.RAM_ID)


def stream(blocks, pages):
    total = sum(length for _, length in blocks)
    head = legacy.string('ram') + struct.pack('>II', 0, 4) + legacy.word(total | legacy.MEM_SIZE)
    head += b''.join(legacy.string(name) + legacy.word(length) for name, length in blocks)
    return (legacy.head('pc-small') + live(b'\1', head + legacy.word(legacy.EOS))
            + live(b'\2', b''.join(octets_of_pages(pages)) + legacy.word(legacy.EOS)) + legacy.ending())


def many_pages():
    """Pages as they come from a guest that is busy, and what they are in the end."""
    memory, pages = {}, []

    def put(block, number, flag, data, result):
        pages.append(page(block, number, flag, data))
        memory[block, number] = result

    for number in range(0, PAGES, 2):                     # scattered: a range each
        put('pc.ram', number, FULL, octets_of(number), octets_of(number))
        if number % 6 == 0:                               # no batch goes on for ever
            put('a:b', number % 7, ZERO, b'\0', bytes(PAGE))
    for number in range(100, 1100):                       # over many of those before
        put('pc.ram', number, FULL, octets_of(~number & 0xffff), octets_of(~number & 0xffff))
    for number in range(500, 520):
        put('pc.ram', number, ZERO, b'\0', bytes(PAGE))
    for number in (700, 600):                             # backwards
        put('pc.ram', number, FULL, octets_of(7), octets_of(7))
    put('a:b', 3, ZERO, b'\x5a', b'\x5a' * PAGE)
    return pages, memory


def sealed(tag, members):
    """The octets of a record, with its sum."""
    size = len(members) + 6
    octets = bytes([tag]) + (bytes([size]) if size < 0x80 else decoder.minimal(size)) + members
    return octets + b'\4\4' + decoder.be32(decoder.xxh3(octets) & 0xffffffff)


class PagesByIndex(cli.CliTest):
    def setUp(self):
        super().setUp()
        pages, self.memory = many_pages()
        self.origin = stream(BLOCKS, pages)
        self.mig = self.path('guest.mig', self.origin)

    def seekable(self, *options):
        ber = self.path('guest.ber')
        self.bermig('convert', '--seekable', *options, self.mig, ber)
        return ber

    def page(self, path, block, number, **how):
        return self.bermig('extract', f'--page={block}:{number}', path, **how)

    def check_pages(self, ber, pages):
        for block, number in pages:
            self.assertEqual(self.page(ber, block, number).stdout,
                             self.memory.get((block, number), bytes(PAGE)), (block, number))

    SOME = [('pc.ram', n) for n in (0, 1, 2, 99, 100, 101, 499, 500, 519, 520, 600, 700, 1099, 1100,
                                    1101, 2998, 2999)] + [('a:b', 0), ('a:b', 3), ('a:b', 7)]

    def test_each_page_is_the_last_that_came(self):
        self.check_pages(self.seekable(), self.SOME)

    def test_compressed_pages_are_read_too(self):
        self.check_pages(self.seekable('--compress=1'), self.SOME)

    def test_the_stream_comes_back(self):
        ber, back = self.seekable(), self.path('back.mig')
        self.bermig('convert', ber, back)
        with open(back, 'rb') as file:
            self.assertEqual(file.read(), self.origin)
        self.bermig('validate', ber)
        plain, again = self.path('plain.ber'), self.path('again.ber')
        self.bermig('convert', '--compress=none', self.mig, plain)
        self.bermig('convert', '--to=ber', '--compress=none', ber, again)
        with open(plain, 'rb') as a, open(again, 'rb') as b:
            self.assertEqual(decoder.decode(a.read()), decoder.decode(b.read()))

    def test_the_index_has_all_pages_and_their_places(self):
        with open(self.seekable(), 'rb') as file:
            octets = file.read()
        self.assertEqual(decoder.decode(octets), self.origin)
        self.assertGreater(len(decoder.ranges(octets)), 1024, 'one record is no tree')
        names, found = [name for name, _ in BLOCKS], {}
        for block, first, count, record, data, encoded in decoder.ranges(octets):
            self.assertFalse(encoded)
            for i in range(count):
                content = bytes(PAGE) if record is None else None
                if data is not None:
                    at = record + data + i * PAGE
                    self.assertEqual(at % PAGE, 0)
                    content = octets[at:at + PAGE]
                found[names[block], first + i] = content
        self.assertEqual(set(found), set(self.memory))
        self.assertEqual({key: value for key, value in found.items() if value is not None},
                         {key: value for key, value in self.memory.items() if key != ('a:b', 3)})

    def test_encoded_pages_are_named(self):
        delta = struct.pack('>BH', 1, 4) + b'\0\2ab'
        packed = zlib.compress(octets_of(9))
        pages = [page('pc.ram', 1, FULL, octets_of(1)), page('pc.ram', 1, XBZRLE, delta),
                 page('pc.ram', 2, ZLIB, struct.pack('>I', len(packed)) + packed),
                 page('pc.ram', 3, FULL, octets_of(3))]
        self.mig = self.path('encoded.mig', stream(BLOCKS, pages))
        ber = self.seekable()
        for number in (1, 2):
            self.assertIn(b'encoded', self.page(ber, 'pc.ram', number, status=INPUT).stderr)
        self.assertEqual(self.page(ber, 'pc.ram', 3).stdout, octets_of(3))

    def test_messages_for_people(self):
        ber, plain = self.seekable(), self.path('plain.ber')
        self.bermig('convert', self.mig, plain)
        for path, block, number, words in (
                (ber, 'pc.ram', PAGES, b'the block has 4200'), (ber, 'pc.ram', 'x', b'BLOCK:NUMBER'),
                (ber, 'no', 1, b"no block 'no'"), (plain, 'pc.ram', 1, b'has no index'),
                (self.mig, 'pc.ram', 1, b'no BER stream')):
            self.assertIn(words, self.page(path, block, number, status=INPUT).stderr)
        self.page(self.path('missing'), 'pc.ram', 1, status=RUN)
        with open(ber, 'rb') as file:
            cut = self.path('cut.ber', file.read()[:-1])
        self.page(cut, 'pc.ram', 1, status=INPUT)
        for options in (['--to=qemu'], ['--to=ber', '--compress=x']):
            self.bermig('convert', '--seekable', *options, self.mig, self.path('no'), status=RUN)

    # ---- indexes that lie

    def forged(self, members, position=None, behind=b''):
        """The file of one small block, with another index; the sums are right."""
        self.mig = self.path('small.mig', stream([('a', 8 * PAGE)], [
            page('a', n, FULL, octets_of(n + 1)) for n in range(4)]))
        with open(self.seekable(), 'rb') as file:
            octets = file.read()
        reader = decoder.Decoder(octets)
        reader.decode()
        start = reader.indexes[-1][0]
        self.record = next(row[3] for row in reader.indexes[-1][2] if row[3])
        place = start if position is None else position(start)
        head = octets[:start]
        body = (members(self.record, start) if callable(members) else members)
        head += sealed(0x7b, body + b'\4\x08' + decoder.be64(place)) + behind
        reader = decoder.Decoder(head + b'\0\0')
        at, count = reader._record(len(decoder.MAGIC))[2] + 2, 0
        while head[at:at + 1] not in (b'', b'\0'):
            at, count = reader._record(at)[2], count + 1
        head += b'\0\0'
        tail = number(count) + number(len(head)) + b'\4\x08' + decoder.be64(reader.digest)
        return self.path('forged.ber', head + sealed(0x70, tail) + b'\0\0')

    def refused(self, *words, ranges=b'', level=0, root=True, numbers=0, **how):
        def members(record, start):
            rows = ranges(record, start) if callable(ranges) else ranges
            return (number(level) + number(PAGE, 0x80) + (BLOCK_A if root else b'')
                    + wrap(0xa3 if level else 0xa2, rows))
        path = self.forged(members, **how)
        stderr = self.page(path, 'a', numbers, status=INPUT).stderr
        for word in words:
            self.assertIn(word, stderr)

    def test_a_forged_index_that_is_right_is_read(self):
        path = self.forged(lambda record, start: number(0) + number(PAGE, 0x80) + BLOCK_A
                           + wrap(0xa2, entry(0, 0, 4, record=record)))
        self.assertEqual(self.page(path, 'a', 2).stdout, octets_of(3))
        self.bermig('validate', path)

    def test_offsets_outside_the_file_are_refused(self):
        self.refused(b'behind itself', ranges=entry(0, 0, 1, record=1 << 40))
        self.refused(b'behind itself', ranges=lambda r, s: entry(0, 0, 1, record=s))
        self.refused(b'behind itself', ranges=lambda r, s: entry(0, 0, 1, record=r, data=1 << 27))
        self.refused(b'behind itself', level=1, ranges=lambda r, s: wrap(0x30, number(0) * 2 + number(s)))

    def test_offsets_of_something_else_are_refused(self):
        self.refused(ranges=entry(0, 0, 1, record=0))
        self.refused(b'no record', ranges=lambda r, s: entry(0, 0, 1, record=r - 1))
        self.refused(b'without pages', ranges=entry(0, 0, 1, record=len(decoder.MAGIC)))
        self.refused(b'another record', level=1,
                     ranges=lambda r, s: wrap(0x30, number(0) * 2 + number(r)))

    def test_pages_of_others_are_refused(self):
        self.refused(b'without the page', ranges=lambda r, s: entry(0, 5, 1, record=r), numbers=5)
        self.refused(b'the block has 8', ranges=lambda r, s: entry(0, 0, 9, record=r))
        self.refused(ranges=lambda r, s: entry(0, 0, 1 << 63, record=r))

    def test_ranges_that_overlap_or_go_back_are_refused(self):
        for rows in (entry(0, 0, 2) + entry(0, 1, 1), entry(0, 4, 1) + entry(0, 0, 1),
                     entry(1, 0, 1) + entry(0, 0, 1)):
            path = self.forged(number(0) + number(PAGE, 0x80) + BLOCK_A + wrap(0xa2, rows))
            self.page(path, 'a', 0, status=INPUT)
            self.assertIn(b'overlap or go back', self.bermig('validate', path, status=INPUT).stderr)

    def test_a_root_that_is_none_is_refused(self):
        self.refused(root=False)
        self.refused(position=lambda start: start + 1)
        self.refused(level=9)


def number(value, tag=2):
    octets = value.to_bytes(value.bit_length() // 8 + 1, 'big')
    return bytes([tag, len(octets)]) + octets


def wrap(tag, content):
    size = len(content)
    return bytes([tag]) + (bytes([size]) if size < 0x80 else decoder.minimal(size)) + content


def entry(block, first, count, record=None, data=None):
    members = number(block) + number(first) + number(count)
    members += b'' if record is None else number(record, 0x80)
    return wrap(0x30, members + (b'' if data is None else number(data, 0x81)))


BLOCK_A = wrap(0xa1, number(8 * PAGE) + wrap(0x30, wrap(0x30, wrap(0x0c, b'a') + number(8 * PAGE))))


cli.main()
