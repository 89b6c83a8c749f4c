#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""dump goes on behind the pages of a file without reading them: what damages only these is for
validate to find.  Through a pipe it reads all, and all is checked."""
import os
import random
import struct

import cli
import legacy
from cli import INPUT

ROUNDS = 24         # many times what one read fetches ahead
LATE = ROUNDS - 4   # a round that no such read has brought along
ZSTD = bytes.fromhex('28b52ffd')


def content(turn, number):
    """Most of it is like chance, so that compressed pages make large records too."""
    if number % 4 == 3:
        return None
    return random.Random(turn << 8 | number).randbytes(3 * legacy.PAGE // 4) + bytes(legacy.PAGE // 4)


def flipped(octets, at):
    return octets[:at] + bytes([octets[at] ^ 1]) + octets[at + 1:]


class NoPages(cli.CliTest):
    def setUp(self):
        super().setUp()
        self.mig = legacy.busy_stream(ROUNDS, content)
        self.plain = self.converted('--compress=none')
        self.in_page = self.plain.index(content(LATE, 5)) + 100

    def converted(self, *options):
        """Out of a file: records are as large as can be, where a pipe makes some smaller."""
        ber = self.path('ber')
        self.bermig('convert', *options, self.path('mig', self.mig), ber)
        with open(ber, 'rb') as file:
            return file.read()

    def dump_file(self, octets, *options, status=cli.DONE):
        return self.bermig('dump', *options, self.path('in', octets), status=status)

    def assert_damage_is_for_validate(self, octets, at):
        damaged = flipped(octets, at)
        self.assertEqual(self.dump_file(damaged).stdout, self.dump_file(octets).stdout)
        for command in ('dump', 'validate'):
            path = '-' if command == 'dump' else self.path('damaged', damaged)
            done = self.bermig(command, path, stdin=damaged, status=INPUT)
            self.assertIn(b'checksum', done.stderr)

    def test_the_same_values_come_out(self):
        for stream in (self.mig, self.plain, self.converted('--compress=1'), self.converted('--seekable')):
            for options in ([], ['--pages'], ['--format=json', '--pages'], ['--handshake']):
                piped = self.bermig('dump', *options, '-', stdin=stream)
                self.assertEqual(self.dump_file(stream, *options).stdout, piped.stdout)

    def test_plain_pages_are_not_read(self):
        self.assert_damage_is_for_validate(self.plain, self.in_page)

    def test_compressed_pages_are_not_read(self):
        packed = self.converted('--compress=1')
        self.assert_damage_is_for_validate(packed, packed.index(ZSTD, len(packed) * 3 // 4) + 1000)

    def test_damage_to_anything_else_is_found(self):
        for word in (struct.pack('>Q', 0x123456789abcdef0), b'pc-small', b'pc.ram'):
            damaged = flipped(self.plain, self.plain.index(word))
            self.assertIn(b'checksum', self.dump_file(damaged, status=INPUT).stderr)

    def test_a_cut_is_where_the_file_ends(self):
        in_qemus = self.mig.index(content(LATE, 5)) + 100
        cuts = [(self.plain, at) for at in (self.in_page, self.in_page + 3 * legacy.PAGE, len(self.plain) - 5)]
        cuts += [(self.mig, at) for at in (in_qemus, in_qemus - 104, in_qemus + 3 * legacy.PAGE)]
        for stream, at in cuts:
            cut = stream[:at]
            piped = self.bermig('dump', '-', stdin=cut, status=INPUT)
            done = self.dump_file(cut, status=INPUT)
            self.assertEqual(done.stdout, piped.stdout)
            self.assertIn(b'in:%d: ' % at, done.stderr)

    def test_a_file_that_is_cut_meanwhile_is_a_message(self):
        path = self.path('in', legacy.busy_stream(800, lambda turn, number: None if number % 2 else b'page' * 1024))
        process = self.start('dump', '--pages', path)
        # It has begun, and more lines are to come than a pipe holds.
        process.stdout.read(1)
        os.truncate(path, 0)
        _, errors = process.communicate(timeout=cli.SECONDS)
        self.assertEqual(process.returncode, INPUT)
        self.assert_one_line(errors)
        self.assertIn(b'in:', errors)


cli.main()
