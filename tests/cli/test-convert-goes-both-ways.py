#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""convert: any of file, pipe and device at either end, and the same octets after both ways."""
import os
import random
import stat
import struct
import subprocess

import cli
import legacy
from cli import INPUT, RUN


class Convert(cli.CliTest):
    def setUp(self):
        super().setUp()
        self.stream = legacy.stream()
        self.mig = self.path('a.mig', self.stream)
        self.ber = self.path('a.ber')

    def read(self, name):
        with open(self.path(name), 'rb') as file:
            return file.read()

    def test_files(self):
        self.assertEqual(self.bermig('convert', self.mig, self.ber).stdout, b'')
        self.assertTrue(self.read('a.ber').startswith(b'\x30\x80\x06\x14'))
        self.bermig('convert', self.ber, self.path('b.mig'))
        self.assertEqual(self.read('b.mig'), self.stream)
        self.assertEqual(sorted(os.listdir(self.folder)), ['a.ber', 'a.mig', 'b.mig'])

    def test_pipes(self):
        self.assertEqual(self.convert(self.convert(self.stream)), self.stream)

    def test_more_than_any_buffer_holds(self):
        """Pages that compress, pages that do not, and zero ones, in turns."""
        def content(turn, number):
            if number % 7 == 3:
                return None
            if turn // 20 % 2:
                return struct.pack('>II', turn, number) * (legacy.PAGE // 8)
            return random.Random(turn << 8 | number).randbytes(legacy.PAGE)

        stream = legacy.busy_stream(70, content)
        mig = self.path('large.mig', stream)
        for options in (['--compress=none'], ['--compress=1'], ['--seekable']):
            self.bermig('convert', *options, mig, self.ber)
            self.assertEqual(self.convert(self.read('a.ber')), stream)
            self.assertEqual(self.convert(self.convert(stream, *options)), stream)

    def test_streams_of_other_kinds(self):
        for stream in [legacy.stream(return_path=True), legacy.stream(pages=0), legacy.HEADER + legacy.END,
                       legacy.beginning() + legacy.END, legacy.stream() + b'more']:
            self.assertEqual(self.convert(self.convert(stream)), stream)

    def test_same_format(self):
        self.assertEqual(self.convert(self.stream, '--to=qemu'), self.stream)
        loose = self.convert(self.stream, '--to=ber', '--compress=none')
        tight = self.convert(loose, '--to=ber', '--compress=19')
        self.assertLess(len(tight), len(loose) // 2)
        self.assertEqual(self.convert(tight, '--to=ber', '--compress=none'), loose)
        self.assertEqual(self.convert(tight), self.stream)

    def test_onto_itself(self):
        self.bermig('convert', self.mig, self.mig)
        self.bermig('convert', self.mig, self.mig)
        self.assertEqual(self.read('a.mig'), self.stream)

    def test_mode_of_a_new_file(self):
        self.bermig('convert', self.mig, self.ber, umask=0o027)
        self.assertEqual(stat.S_IMODE(os.stat(self.ber).st_mode), 0o640)

    def test_mode_of_an_old_file(self):
        os.chmod(self.path('a.ber', b'old'), 0o600)
        self.bermig('convert', self.mig, self.ber, umask=0)
        self.assertEqual(stat.S_IMODE(os.stat(self.ber).st_mode), 0o600)

    def test_link(self):
        os.symlink('b.ber', self.ber)
        self.path('b.ber', b'old')
        self.bermig('convert', self.mig, self.ber)
        self.assertTrue(os.path.islink(self.ber))
        self.assertEqual(self.convert(self.read('b.ber')), self.stream)

    def test_device(self):
        self.bermig('convert', self.mig, '/dev/null')
        self.assertTrue(stat.S_ISCHR(os.stat('/dev/null').st_mode))

    def test_fifo(self):
        os.mkfifo(self.ber)
        with subprocess.Popen(['cat', self.ber], stdout=subprocess.PIPE) as reader:
            self.bermig('convert', self.mig, self.ber)
            self.assertEqual(self.convert(reader.stdout.read()), self.stream)
        self.assertTrue(stat.S_ISFIFO(os.stat(self.ber).st_mode))

    def test_octets_after_the_end(self):
        self.bermig('convert', '-', self.ber, stdin=self.convert(self.stream) + b'x', status=INPUT)
        self.assertFalse(os.path.exists(self.ber))

    def test_full_device(self):
        done = self.bermig('convert', self.mig, '/dev/full', status=RUN)
        self.assertIn(b'/dev/full: No space', done.stderr)


cli.main()
