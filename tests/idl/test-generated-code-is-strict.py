#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Generated code needs no edits under the strictest warnings, and is the same each time."""
import filecmp
import os
import pathlib
import shutil
import subprocess
import unittest

import idl
from idl import GLIB, SOURCE

STRICT = '''-std=gnu11 -O2 -Werror -Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wshadow
    -Wcast-qual -Wcast-align -Wmissing-prototypes -Wstrict-prototypes -Wold-style-definition -Wundef
    -Wfloat-equal -Wvla -Wwrite-strings -Wredundant-decls -Wswitch-enum -Wpointer-arith -Wformat=2
    -Wnull-dereference -Wdouble-promotion -Wunused'''.split()
OF = {
    'gcc': ['-Wlogical-op', '-Wduplicated-cond', '-Wduplicated-branches', '-Wjump-misses-init'],
    # All there are, but two that are opinions on layout and on C before C99.
    'clang': ['-Weverything', '-Wno-padded', '-Wno-declaration-after-statement',
              '-Wno-unknown-warning-option'],
}
HERE = pathlib.Path(__file__).resolve().parent


class Strict(idl.IdlTest):
    def setUp(self):
        super().setUp()
        self.idl('--output=uart-table', '--write-schema=uart.schema', header=HERE / 'uart.h')

    def compile(self, compiler):
        if not shutil.which(compiler):
            self.skipTest(f'there is no {compiler}')
        # GLib's headers are not under test.
        glib = [flag.replace('-I', '-isystem') for flag in GLIB]
        done = subprocess.run(
            [compiler, *STRICT, *OF[compiler], '-c', 'uart-table.c', '-o', 'o', f'-I{HERE}',
             f'-I{SOURCE}/visitor', '-iquote', SOURCE / 'codec', *glib],
            cwd=self.folder, capture_output=True, text=True, timeout=idl.SECONDS)
        self.assertEqual((done.returncode, done.stderr), (0, ''))

    def test_gcc(self):
        self.compile('gcc')

    def test_clang(self):
        self.compile('clang')

    def test_the_stored_schema_is_up_to_date(self):
        self.assertTrue(filecmp.cmp(HERE / 'uart.schema', self.folder / 'uart.schema', False),
                        (self.folder / 'uart.schema').read_text())

    def test_twice_is_the_same(self):
        self.idl('--output=again/uart-table', status=idl.RUN, header=HERE / 'uart.h')
        os.mkdir(self.folder / 'again')
        self.idl('--output=again/uart-table', header=HERE / 'uart.h')
        for name in ('uart-table.c', 'uart-table.h'):
            self.assertTrue(filecmp.cmp(self.folder / name, self.folder / 'again' / name, False))

    def test_reasons_stand_in_the_code(self):
        code = (self.folder / 'uart-table.c').read_text()
        for line in ('{"clock", "immutable", "const"}',
                     '{"irq", "derived", "from status and fifo_len"}',
                     '{"holding", "broken", "old versions did not send it either"}',
                     '{"next", "elsewhere", "the bus has the list"}',
                     '{"baudbase", "property", "baudbase"}'):
            self.assertIn(line, code)


if __name__ == '__main__':
    unittest.main()
