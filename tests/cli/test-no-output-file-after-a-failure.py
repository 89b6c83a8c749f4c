#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Whatever goes wrong: no file that looks complete, no file left over, the old file as it was."""
import os
import resource
import signal
import subprocess
import time

import cli
import legacy
from cli import INPUT, RUN


def limit_file_size():
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))


class NoOutput(cli.CliTest):
    def assert_only(self, *names):
        self.assertEqual(sorted(os.listdir(self.folder)), sorted(names))

    def test_cut_input(self):
        stream = legacy.stream()
        for octets in (stream, self.convert(stream)):
            for length in (0, 1, 30, len(octets) // 2, len(octets) - 1):
                self.bermig('convert', '-', self.path('out'), stdin=octets[:length], status=INPUT)
        self.assert_only()

    def test_old_file_stays(self):
        out = self.path('out', b'old')
        self.bermig('convert', '-', out, stdin=legacy.stream()[:-1000], status=INPUT)
        self.assert_only('out')
        with open(out, 'rb') as file:
            self.assertEqual(file.read(), b'old')

    def test_disk_full(self):
        self.path('in', legacy.stream())
        done = self.bermig('convert', '--compress=none', self.path('in'), self.path('out'), status=RUN,
                           preexec_fn=limit_file_size)
        self.assertIn(b'/out: File too large', done.stderr)
        self.assert_only('in')

    def test_folder_that_does_not_exist(self):
        self.bermig('convert', self.path('in', legacy.stream()), self.path('no/out'), status=RUN)
        self.assert_only('in')

    def convert_with_signal(self, number, handler):
        """A convert at work.  What nohup(1) or a CI set for a signal is not what is tested."""
        process = self.start('convert', '-', self.path('out'),
                             preexec_fn=lambda: signal.signal(number, handler))
        process.stdin.write(legacy.beginning())
        process.stdin.flush()
        end = time.monotonic() + cli.SECONDS
        while not os.listdir(self.folder) and time.monotonic() < end:
            time.sleep(0.01)
        return process

    def test_signals(self):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            process = self.convert_with_signal(number, signal.SIG_DFL)
            self.assertEqual(len(os.listdir(self.folder)), 1)
            process.send_signal(number)
            self.assertEqual(process.wait(cli.SECONDS), -number)
            self.assert_only()

    def test_ignored_signal_stays_ignored(self):
        process = self.convert_with_signal(signal.SIGHUP, signal.SIG_IGN)
        process.send_signal(signal.SIGHUP)
        process.stdin.write(legacy.ending())
        process.stdin.close()
        self.assertEqual(process.wait(cli.SECONDS), 0)
        self.assert_only('out')

    def test_info_and_validate_print_nothing(self):
        for octets in (legacy.stream()[:-1], self.convert(legacy.stream())[:-1]):
            for command in ('info', 'validate'):
                self.assertEqual(self.bermig(command, '-', stdin=octets, status=INPUT).stdout, b'')


cli.main()
