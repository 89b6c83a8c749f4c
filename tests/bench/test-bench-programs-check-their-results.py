#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""A benchmark measures what is right: each program runs once and compares what came out.

The environment names the programs; those that are not there could not be built.
"""
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

TOP = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..')
sys.path[:0] = [os.path.join(TOP, 'bench'), os.path.join(TOP, 'tests', 'live'), os.path.join(TOP, 'tests', 'cli')]

import legacy  # noqa: E402
from processes import Failed, Runner  # noqa: E402
from streams import make, x86_machines  # noqa: E402


class BenchPrograms(unittest.TestCase):
    def program(self, name):
        path = os.environ.get(name)
        if not path:
            self.skipTest(f'{name} was not built')
        return path

    def check(self, *command):
        done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False)
        self.assertEqual((done.returncode, done.stderr), (0, ''), command)

    def test_devices_come_back_from_every_encoder(self):
        self.check(self.program('BENCH_DEVICE'), '--check')

    def test_cold_records_are_the_same_octets_by_every_encoder(self):
        if not shutil.which('qemu-system-x86_64'):
            self.skipTest('qemu-system-x86_64 is not installed')
        machine = next(machine for machine in x86_machines(None) if machine.name == 'pc-stopped')
        with tempfile.TemporaryDirectory() as folder:
            ber = os.path.join(folder, 'pc.ber')
            self.check(self.program('BERMIG'), 'convert', make(machine, folder), ber)
            self.check(self.program('BENCH_COLD_RECORDS'), '--check', ber)

    def test_a_description_seen_before_changes_no_octet(self):
        if not shutil.which('qemu-system-x86_64'):
            self.skipTest('qemu-system-x86_64 is not installed')
        machine = next(machine for machine in x86_machines(None) if machine.name == 'pc-stopped')
        with tempfile.TemporaryDirectory() as folder:
            self.check(self.program('BENCH_BLACKOUT'), '--check', make(machine, folder))

    def test_guest_memory_is_what_was_written(self):
        self.check(self.program('BENCH_RAM'), '16', '1')

    def test_pages_that_come_again_are_counted(self):
        def content(turn, number):
            return None if number == 3 else bytes([turn // 2, number]) + bytes(legacy.PAGE - 2)

        with tempfile.NamedTemporaryFile() as file:
            file.write(legacy.busy_stream(3, content))
            file.flush()
            done = subprocess.run([self.program('BENCH_DELTA'), file.name], capture_output=True, text=True, check=True)
        # Three rounds of fifteen pages; the second one is like the first, the third changes an octet of each.
        self.assertIn(f'| {file.name} | 45 | 30 | 50.0 % | 0.0 % |', done.stdout)

    def test_a_device_that_does_not_come_back_is_noticed(self):
        program = self.program('BENCH_DEVICE')
        done = subprocess.run([program, '--check'], env={**os.environ, 'BENCH_MODULE': '/nonexistent'},
                              capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn('libtasn1', done.stderr)

    def test_what_a_program_took_is_its_own(self):
        took = self.program('TOOK')
        runner = Runner(os.path.dirname(os.path.dirname(took)))
        busy = runner.run(['python3', '-c', 'x = bytearray(64 << 20); sum(range(1000000))'])
        idle = runner.run(['true'])
        self.assertGreater(busy.peak, 64 << 20)
        # This Python has more than that, and is not to be counted.
        self.assertLess(idle.peak, 8 << 20)
        self.assertGreater(busy.cpu, idle.cpu)

    def test_a_program_that_fails_is_no_figure(self):
        runner = Runner(os.path.dirname(os.path.dirname(self.program('TOOK'))))
        with self.assertRaises(Failed):
            runner.run(['false'])


if __name__ == '__main__':
    unittest.main()
