#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Messages read FILE:OFFSET: PATH: what, and obey nothing that a hostile stream says."""
import cli
import legacy
from cli import INPUT


class Messages(cli.CliTest):
    def message(self, octets, *arguments):
        return self.bermig(*(arguments or ('validate', '-')), stdin=octets, status=INPUT).stderr.decode()

    def test_offset_of_a_cut(self):
        octets = self.convert(legacy.stream())
        path = self.path('cut.ber', octets[:-30])
        line = self.message(b'', 'validate', path)
        self.assertRegex(line, rf'\A{path}:\d+: .+\n\Z')

    def test_standard_input(self):
        self.assertRegex(self.message(legacy.stream()[:1000]), r'\A<stdin>:\d+: ')

    def test_offset_of_a_flipped_bit(self):
        octets = bytearray(self.convert(legacy.stream()))
        at = octets.index(b'pc-small')
        octets[at] ^= 1
        offset = int(self.message(bytes(octets)).split(':')[1])
        self.assertLess(abs(offset - at), 100)

    def test_path_of_a_cut_field(self):
        octets = self.convert(legacy.stream())
        at = octets.index(bytes.fromhex('123456789abcdef0'))
        self.assertIn('ticks', self.message(octets[:at + 4]))

    def test_what_it_is_instead(self):
        for octets, word in [(b'', 'empty'), (b'QFI\xfb' + bytes(100), 'qcow2'), (b'\x1f\x8b' + bytes(100), 'gzip')]:
            self.assertIn(word, self.message(octets))

    def test_control_characters(self):
        octets = legacy.stream(machine='a\x1b[2Jb')
        for command in ('info', 'dump'):
            done = self.bermig(command, '-', stdin=octets)
            self.assertNotIn(b'\x1b', done.stdout)
        path = self.path('a\x1b[2Jb\xff'.encode('latin-1').decode('utf-8', 'surrogateescape'), b'x')
        self.assertIn('a\\x1b[2Jb\\xff', self.message(b'', 'validate', path))


cli.main()
