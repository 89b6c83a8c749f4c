# SPDX-License-Identifier: BSD-2-Clause
"""`bermig extract` writes each page to its place, whatever it travelled as, into files
that are called as their blocks and lie nowhere but in the folder."""
import os
import re
import resource
import signal
import struct
import subprocess
import zlib

import cli
import legacy
from cli import INPUT, RUN
from legacy import PAGE

ZERO, FULL, XBZRLE, ZLIB = 2, 8, 0x40, 0x100
A = bytes(range(256)) * 16
B = b'\x5a' * PAGE
NOTHING = bytes(PAGE)


def page(block, number, flag, data):
    return legacy.word(number * PAGE | flag) + legacy.string(block) + data


def full(block, number, data):
    return page(block, number, FULL, data)


def fill(block, number, octet=0):
    return page(block, number, ZERO, bytes([octet]))


def delta(block, number, octets):
    return page(block, number, XBZRLE, struct.pack('>BH', 1, len(octets)) + octets)


def packed(block, number, data):
    octets = zlib.compress(data)
    return page(block, number, ZLIB, struct.pack('>I', len(octets)) + octets)


def start(blocks):
    total = sum(length for _, length in blocks)
    return (b'\1' + struct.pack('>I', legacy.RAM_ID) + legacy.string('ram') + struct.pack('>II', 0, 4)
            + legacy.word(total | legacy.MEM_SIZE)
            + b''.join(legacy.string(name) + legacy.word(length) for name, length in blocks)
            + legacy.word(legacy.EOS) + legacy.footer(legacy.RAM_ID))


def stream(blocks, *pages, machine='pc-small'):
    part = b'\2' + struct.pack('>I', legacy.RAM_ID) + b''.join(pages) + legacy.word(legacy.EOS)
    return (legacy.head(machine) + start(blocks) + part + legacy.footer(legacy.RAM_ID) + legacy.ending())


SMALL = [('pc.ram', 4 * PAGE)]


def limit_file_size():
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (3 * PAGE, 3 * PAGE))


class Extract(cli.CliTest):
    def raw(self, octets, folder='raw', **how):
        """Both formats, and both have to give the same files: {name: octets}."""
        images = []
        for form in (octets, self.convert(octets)):
            place = self.path(folder + str(len(images)))
            self.bermig('extract', '--raw=' + place, '-', stdin=form, **how)
            images.append({name: self.read(os.path.join(place, name)) for name in os.listdir(place)})
        self.assertEqual(images[0], images[1])
        return images[0]

    def convert(self, octets):
        return self.bermig('convert', '-', '-', stdin=octets).stdout

    def read(self, path):
        with open(path, 'rb') as file:
            return file.read()

    def refuse(self, octets, message, *options, status=INPUT, **how):
        """In both formats, and nothing is left."""
        options = options or ('--raw=' + self.path('raw'),)
        done = self.bermig('extract', *options, '-', stdin=octets, status=status, **how)
        self.assertRegex(done.stderr.decode(), message)
        for folder, _, files in os.walk(self.folder):
            self.assertEqual(files, [], folder)

    def test_full_and_zero_pages(self):
        pages = [full('pc.ram', 2, A), full('pc.ram', 0, B), fill('pc.ram', 1)]
        self.assertEqual(self.raw(stream(SMALL, *pages)), {'pc.ram.raw': B + NOTHING + A + NOTHING})

    def test_the_last_one_counts(self):
        pages = [full('pc.ram', 0, A), fill('pc.ram', 0), full('pc.ram', 3, A), fill('pc.ram', 3),
                 full('pc.ram', 3, B), full('pc.ram', 1, A), full('pc.ram', 1, B)]
        self.assertEqual(self.raw(stream(SMALL, *pages)), {'pc.ram.raw': NOTHING + B + NOTHING + B})

    def test_pages_of_one_octet(self):
        self.assertEqual(self.raw(stream(SMALL, fill('pc.ram', 1, 0x5a))),
                         {'pc.ram.raw': NOTHING + B + NOTHING * 2})

    def test_deltas(self):
        pages = [full('pc.ram', 0, A), delta('pc.ram', 0, b'\1\2xy'),
                 delta('pc.ram', 1, b'\xff\1\1z' + b'\1\1w')]
        changed = bytearray(A)
        changed[1:3] = b'xy'
        fresh = bytearray(PAGE)
        fresh[255:256], fresh[257:258] = b'z', b'w'
        self.assertEqual(self.raw(stream(SMALL, *pages)),
                         {'pc.ram.raw': bytes(changed) + bytes(fresh) + NOTHING * 2})

    def test_long_deltas(self):
        """As long as QEMU makes them: not longer than a page."""
        octets = b'\x03' + bytes([0x80 | (PAGE - 3 - 3) & 0x7f, (PAGE - 3 - 3) >> 7]) + A[3:-3]
        self.assertEqual(self.raw(stream(SMALL, delta('pc.ram', 3, octets))),
                         {'pc.ram.raw': NOTHING * 3 + bytes(3) + A[3:-3] + bytes(3)})

    def test_wrong_deltas(self):
        for octets in [
                b'\0\0',                 # nothing is replaced
                b'\1',                   # no second count
                b'\1\2x',                # too few octets
                b'\xff\x1f\2xy',         # one octet beyond the page
                b'\1\1x\0\1y',           # a later count of 0
                b'\xff\xff\1\1x']:       # a count of three octets
            self.refuse(stream(SMALL, delta('pc.ram', 2, octets)), r'pc\.ram: page 2: .*xbzrle')

    def test_compressed_pages(self):
        pages = [packed('pc.ram', 0, A), packed('pc.ram', 2, os.urandom(16) * (PAGE // 16))]
        images = self.raw(stream(SMALL, *pages))
        self.assertEqual(images['pc.ram.raw'][:PAGE], A)

    def test_wrong_compressed_pages(self):
        for data in (A[:-1], A + b'x', A * 100):
            self.refuse(stream(SMALL, packed('pc.ram', 0, data)), r'pc\.ram: page 0: zlib')
        self.refuse(stream(SMALL, page('pc.ram', 0, ZLIB, struct.pack('>I', 8) + b'no zlib!')), 'zlib')

    def test_names_that_lead_elsewhere(self):
        names = ['..', '../up', '/etc/passwd', 'a/b', 'a%2Fb', '.hidden', 'new\nline', '0000:00:02.0/vga.vram',
                 'x' * 255, '/' * 255]
        blocks = [(name, PAGE) for name in names]
        pages = [full(name, 0, bytes([number]) * PAGE) for number, name in enumerate(names, 1)]
        images = self.raw(stream(blocks, *pages))
        self.assertEqual(sorted(octets[0] for octets in images.values()), list(range(1, len(names) + 1)))
        self.assertEqual(set(os.listdir(self.folder)), {'raw0', 'raw1'})
        for name in images:
            self.assertRegex(name, r'\A[A-Za-z0-9%_-][A-Za-z0-9%._-]*\.raw\Z')

    def test_files_are_sparse(self):
        self.raw(stream([('pc.ram', 1 << 30)], full('pc.ram', 5000, A)), folder='big')
        self.assertLess(os.stat(self.path('big0/pc.ram.raw')).st_blocks * 512, 1 << 20)

    def test_nothing_after_a_failure(self):
        octets = stream(SMALL, full('pc.ram', 0, A))
        self.refuse(octets[:-100], 'ends')
        self.refuse(self.convert(octets)[:-1], 'ends|trailer')
        self.refuse(legacy.HEADER + legacy.configuration() + legacy.device() + legacy.END
                    + legacy.description(), 'no memory')

    def test_disk_full(self):
        self.refuse(stream(SMALL, full('pc.ram', 3, A)), 'File too large', status=RUN,
                    preexec_fn=limit_file_size)

    def test_old_files_stay_after_a_failure(self):
        os.mkdir(self.path('raw'))
        old = self.path('raw/pc.ram.raw', b'old')
        self.bermig('extract', '--raw=' + self.path('raw'), '-', status=INPUT,
                    stdin=stream(SMALL, full('pc.ram', 0, A))[:-1])
        self.assertEqual(self.read(old), b'old')

    def test_usage(self):
        for options in ([], ['--raw=x', '--elf=y'], ['--raw=x', '--map=a:0:1:2'], ['--elf=-']):
            self.bermig('extract', *options, '-', status=RUN)


class Core(cli.CliTest):
    def core(self, octets, *options):
        path = self.path('core')
        self.bermig('extract', '--elf=' + path, *options, '-', stdin=octets)
        return path

    def segments(self, path):
        """{address: octets} of what is loaded."""
        text = subprocess.run(['readelf', '-lW', path], capture_output=True, text=True, check=True).stdout
        found = {}
        with open(path, 'rb') as file:
            for at, virtual, physical, size in re.findall(
                    r'LOAD +(0x\w+) (0x\w+) (0x\w+) (0x\w+)', text):
                self.assertEqual(virtual, physical)
                file.seek(int(at, 16))
                found[int(physical, 16)] = (file.read(PAGE), int(size, 16))
        return found

    def refuse(self, octets, message, *options):
        done = self.bermig('extract', '--elf=' + self.path('core'), *options, '-', stdin=octets, status=INPUT)
        self.assertRegex(done.stderr.decode(), message)
        self.assertEqual(os.listdir(self.folder), [])

    def test_maps_of_machines(self):
        gib = 1 << 30
        # machine, block, size, {address: first octet in the block}
        for machine, block, size, places in [
                ('pc-i440fx-7.2', 'pc.ram', 3 * gib, {0: 0}),
                ('pc-i440fx-7.2', 'pc.ram', 4 * gib, {0: 0, 4 * gib: 3 * gib}),
                ('pc-q35-10.0', 'pc.ram', 5 * gib // 2, {0: 0}),
                ('pc-q35-10.0', 'pc.ram', 3 * gib, {0: 0, 4 * gib: 2 * gib}),
                ('pc-q35-10.0', 'my-backend', gib, {0: 0}),
                ('microvm', 'microvm.ram', 4 * gib, {0: 0, 4 * gib: 3 * gib}),
                ('virt-7.2', 'mach-virt.ram', gib, {gib: 0})]:
            pages = [full(block, offset // PAGE, bytes([number]) * PAGE)
                     for number, offset in enumerate(places.values(), 1)]
            path = self.core(stream([(block, size), ('pc.bios', 2 * PAGE)], *pages, machine=machine))
            found = self.segments(path)
            for number, address in enumerate(places, 1):
                self.assertEqual(found[address][0], bytes([number]) * PAGE, (machine, hex(address)))
            self.assertEqual(sum(length for address, (_, length) in found.items() if address in places), size)
            if not machine.startswith('virt'):
                self.assertIn(4 * gib - 2 * PAGE, found)
            os.unlink(path)

    def test_other_machines_by_hand(self):
        octets = stream([('a:b', 2 * PAGE)], full('a:b', 1, A), machine='toaster')
        self.refuse(octets, "'toaster'.*--map")
        self.refuse(octets, 'x86-64 or aarch64', '--map=a:b:0x1000:4096:0x7000')

    def test_maps_by_hand_go_before_known_ones(self):
        octets = stream(SMALL, full('pc.ram', 1, A), machine='pc-i440fx-7.2')
        found = self.segments(self.core(octets, '--map=pc.ram:0x1000:4096:0x7000'))
        self.assertEqual(found, {0x7000: (A, PAGE)})

    def test_wrong_maps(self):
        octets = stream(SMALL, machine='pc-i440fx-7.2')
        for text, message in [('pc.ram:0:99999999:0', '16384 octets'), ('nobody:0:1:0', "no block 'nobody'"),
                              ('pc.ram:0:1', 'expected BLOCK'), ('pc.ram:0:1:x', 'expected BLOCK'),
                              ('pc.ram:0:1:99999999999999999999', 'expected BLOCK')]:
            self.refuse(octets, message, '--map=' + text)

    def test_blocks_that_are_not_there(self):
        """An image of nothing but zeros is not passed off as memory."""
        shared = b'\5' + legacy.string('configuration/capabilities') + struct.pack('>II', 1, 1)
        shared += legacy.string('x-ignore-shared')
        octets = stream([('a', PAGE), ('b', PAGE)], full('b', 0, A))
        with_addresses = octets.replace(legacy.string('a') + legacy.word(PAGE),
                                        legacy.string('a') + legacy.word(PAGE) + legacy.word(0))
        with_addresses = with_addresses.replace(legacy.string('b') + legacy.word(PAGE),
                                                legacy.string('b') + legacy.word(PAGE) + legacy.word(0))
        ignored = with_addresses.replace(legacy.head(), legacy.head() + shared)
        for name, given, why in (('x', octets, 'multifd'), ('y', ignored, 'x-ignore-shared')):
            done = self.bermig('extract', '--raw=' + self.path(name), '-', stdin=given)
            self.assertRegex(done.stderr.decode(),
                             rf'^<stdin>: a: warning: no page of this block is in the stream \(.*{why}.*\)\n$')
        done = self.bermig('extract', '--raw=' + self.path('z'), '-', stdin=stream(SMALL, fill('pc.ram', 0)))
        self.assertRegex(done.stderr.decode(), r'^<stdin>: warning: no page with content is in the stream .*multifd')


cli.main()
