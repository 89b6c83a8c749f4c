#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""A stream that ends early, at whichever octet, is an error with one line and no crash."""
import concurrent.futures
import os

import cli
import legacy
from cli import INPUT

# Enough for every kind of record; the pages' contents are all alike.
SMALL = (legacy.HEADER + legacy.configuration() + legacy.command(legacy.PING, b'\0\0\0\1') + legacy.ram_start()
         + legacy.ending())

# A process with a sanitizer takes long to start: then every so many octets.  Each of them is tried by
# tests/hostile/test-cut-streams-are-refused.c, which needs no process for that.
STEP = 7 if os.environ.get('BERMIG_SANITIZE', 'none') != 'none' else 1


class Cuts(cli.CliTest):
    def every_cut(self, octets, command):
        def cut(length):
            self.bermig(command, '-', stdin=octets[:length], status=INPUT)

        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            list(pool.map(cut, range(0, len(octets), STEP)))

    def test_ber(self):
        self.every_cut(self.convert(SMALL), 'validate')

    def test_ber_dump(self):
        self.every_cut(self.convert(SMALL), 'dump')

    def test_legacy(self):
        # Up to the end marker; the description behind it may be missing.
        end = SMALL.index(legacy.END + legacy.description())
        self.every_cut(SMALL[:end + 1], 'validate')


cli.main()
