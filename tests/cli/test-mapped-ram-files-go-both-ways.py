# SPDX-License-Identifier: BSD-2-Clause
"""Files of QEMU 9.0 and later in which each page has its place (mapped-ram) are read, come
back from BER octet for octet, and are made from any stream."""
import os
import struct

import cli
import legacy
from cli import INPUT
from legacy import PAGE

MIB = 1 << 20
CAPABILITY = b'\5' + legacy.string('configuration/capabilities') + struct.pack('>II', 1, 1) + legacy.string('mapped-ram')
PAGES = {'pc.ram': {0: b'A' * PAGE, 1: b'B' * PAGE, 65: bytes(PAGE), 199: b'C' * PAGE}, 'rom': {}}
LENGTHS = {'pc.ram': 200 * PAGE, 'rom': 3 * PAGE}


def up(offset, alignment=MIB):
    return -(-offset // alignment) * alignment


def bitmap(pages, length):
    words = bytearray(up(length // PAGE, 64) // 8)
    for page in pages:
        words[page // 8] |= 1 << page % 8
    return words


def head(leading=b'', capability=CAPABILITY):
    return leading + legacy.HEADER + legacy.configuration() + capability


def ram_head(total):
    return (b'\1' + struct.pack('>I', legacy.RAM_ID) + legacy.string('ram') + struct.pack('>II', 0, 4)
            + legacy.word(total | legacy.MEM_SIZE))


def rest():
    part = b'\2' + struct.pack('>I', legacy.RAM_ID) + legacy.word(legacy.EOS) + legacy.footer(legacy.RAM_ID)
    return legacy.word(legacy.EOS) + legacy.footer(legacy.RAM_ID) + part + legacy.ending()


def mapped(leading=b'', version=1, page=PAGE, gap=0, bits=bitmap):
    """A file as QEMU writes it; `gap` moves what follows a block's header."""
    octets = bytearray(head(leading) + ram_head(sum(LENGTHS.values())))
    for name, length in LENGTHS.items():
        octets += legacy.string(name) + legacy.word(length)
        there = len(octets) + 28 + gap
        words = bits(PAGES[name], length)
        pages = up(there + len(words))
        octets += struct.pack('>IQQQ', version, page, there, pages)
        octets += bytes(max(0, pages + length - len(octets)))
        octets[there:there + len(words)] = words
        for number, data in PAGES[name].items():
            octets[pages + number * PAGE:pages + (number + 1) * PAGE] = data
    return bytes(octets) + rest()


def plain():
    """The same machine as a plain stream, one page sent twice and one taken back."""
    octets = head(capability=b'') + ram_head(sum(LENGTHS.values()))
    octets += b''.join(legacy.string(name) + legacy.word(length) for name, length in LENGTHS.items())
    octets += legacy.word(legacy.EOS) + legacy.footer(legacy.RAM_ID) + b'\2' + struct.pack('>I', legacy.RAM_ID)
    name = legacy.string('pc.ram')
    for number, data in [(0, b'x' * PAGE), (3, b'y' * PAGE), *PAGES['pc.ram'].items()]:
        octets += legacy.word(number * PAGE | legacy.FULL) + name + data
        name, flags = legacy.string('pc.ram'), legacy.CONTINUE
    octets += legacy.word(3 * PAGE | legacy.ZERO | flags) + b'\0'
    return octets + legacy.word(legacy.EOS) + legacy.footer(legacy.RAM_ID) + legacy.ending()


class MappedRam(cli.CliTest):
    def file(self, name):
        with open(self.path(name), 'rb') as file:
            return file.read()

    def refused(self, octets, pattern):
        done = self.bermig('validate', self.path('wrong', octets), status=INPUT)
        self.assertRegex(done.stderr.decode(), pattern)

    def test_octet_for_octet(self):
        for leading in (b'', b'caller' * 100):
            origin = mapped(leading)
            self.bermig('convert', self.path('in', origin), self.path('ber'))
            self.bermig('convert', self.path('ber'), self.path('out'))
            self.assertEqual(self.file('out'), origin)
            self.assertLess(os.stat(self.path('out')).st_blocks * 512, len(origin) / 2, 'not sparse')
            self.assertLess(len(self.file('ber')), MIB)

    def test_content(self):
        raw = self.path('raw')
        os.mkdir(raw)
        self.bermig('extract', '--raw=' + raw, self.path('in', mapped()))
        expected = b''.join(PAGES['pc.ram'].get(i, bytes(PAGE)) for i in range(200))
        self.assertEqual(self.file('raw/pc.ram.raw'), expected)
        lines = self.bermig('dump', '--pages', '--path=ram.*', self.path('in')).stdout.decode()
        self.assertIn('ram.pc.ram.pages = [0x0, 0x1] full\n', lines)
        self.assertIn('ram.pc.ram.pages = [0x41, 0x41] full\n', lines)
        self.assertIn('ram.rom.pages = [0x0, 0x2] zero\n', lines)

    def test_plain_from_mapped(self):
        self.bermig('convert', self.path('in', mapped()), self.path('ber'))
        self.bermig('convert', '--to=qemu', self.path('ber'), self.path('plain'))
        self.assertNotIn(b'mapped-ram', self.file('plain'))
        self.assertLess(len(self.file('plain')), 8 * PAGE)
        self.assertEqual(self.bermig('diff', self.path('in'), self.path('plain'), '--path=ram*').stdout, b'')

    def test_mapped_from_plain(self):
        self.bermig('convert', '--to=mapped-ram', self.path('in', plain()), self.path('out'))
        self.assertEqual(self.file('out'), mapped())

    def test_ignored_blocks_stay_away(self):
        """With x-ignore-shared a block without pages did not travel, so it is not zero."""
        origin = plain().replace(legacy.configuration(), legacy.configuration()
                                 + CAPABILITY[:-15] + struct.pack('>I', 1) + legacy.string('x-ignore-shared'))
        for name, length in LENGTHS.items():
            listed = legacy.string(name) + legacy.word(length)
            origin = origin.replace(listed, listed + legacy.word(0))
        self.bermig('convert', '--to=mapped-ram', self.path('plain', origin), self.path('out'))
        lines = self.bermig('dump', '--pages', '--path=ram.*', self.path('out')).stdout.decode()
        self.assertIn('ram.pc.ram.pages', lines)
        self.assertNotIn('ram.rom.pages', lines)

    def test_refusals(self):
        self.refused(mapped(version=2), 'version 2 of a mapped-ram block')
        self.refused(mapped(page=8192), 'pages of 8192 octets in a block|a bitmap of')
        self.refused(mapped(page=100), 'pages of 100 octets')
        self.refused(mapped(gap=-8), 'behind a header that ends at')
        self.refused(mapped()[:2 * MIB], 'the input ends')
        far = bytearray(mapped())
        header = far.index(struct.pack('>IQ', 1, PAGE))
        far[header + 20:header + 28] = struct.pack('>Q', 1 << 63)
        self.refused(far, 'octets of pages at 9223372036854775808')

    def test_pipes(self):
        done = self.bermig('validate', '-', stdin=mapped(), status=INPUT)
        self.assertIn(b'through a pipe', done.stderr)
        done = self.bermig('convert', '--to=mapped-ram', self.path('in', plain()), '-', status=INPUT)
        self.assertIn(b'only to a file of its own', done.stderr)

    def test_what_it_cannot_hold(self):
        flush = legacy.word(0x200)
        octets = plain().replace(legacy.word(legacy.EOS), flush + legacy.word(legacy.EOS), 1)
        done = self.bermig('convert', '--to=mapped-ram', self.path('in', octets), self.path('out'), status=INPUT)
        self.assertIn(b'pages travel elsewhere', done.stderr)
        self.assertFalse(os.path.exists(self.path('out')))


cli.main()
