#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""dump: the same values from either format, chosen by path, as text or JSON, up to a cut."""
import json

import cli
import legacy
from cli import INPUT, RUN


class Dump(cli.CliTest):
    def setUp(self):
        super().setUp()
        self.mig = legacy.stream()
        self.ber = self.convert(self.mig)

    def dump(self, octets, *options):
        return self.bermig('dump', *options, '-', stdin=octets).stdout.decode()

    def values(self, octets, *options):
        return [line for line in self.dump(octets, *options).splitlines() if not line.startswith('#')]

    def test_text(self):
        lines = self.values(self.ber)
        for line in ['small.ticks = (uint64) 0x123456789abcdef0', 'small.level = (int32) 0xfffffffe',
                     'small.on = (bool) 0x1', 'configuration.machine = (string) "pc-small"']:
            self.assertIn(line, lines)

    def test_formats_agree(self):
        for options in ([], ['--pages'], ['--path=small.*']):
            self.assertEqual(self.values(self.mig, *options), self.values(self.ber, *options))

    def test_path(self):
        self.assertEqual(self.values(self.ber, '--path=*.level'), ['small.level = (int32) 0xfffffffe'])
        self.assertEqual(self.values(self.ber, '--path=nothing'), [])

    def test_pages(self):
        self.assertGreater(len(self.values(self.ber, '--pages')), len(self.values(self.ber)))

    def test_json(self):
        for octets in (self.mig, self.ber):
            document = self.dump(octets, '--format=json', '--pages')
            self.assertIn('ticks', json.dumps(json.loads(document)))

    def test_cut(self):
        at = self.ber.index(bytes.fromhex('123456789abcdef0'))
        done = self.bermig('dump', '-', stdin=self.ber[:at + 20], status=INPUT)
        self.assertIn(b'small.ticks = (uint64) 0x123456789abcdef0\n', done.stdout)

    def test_output_full(self):
        with open('/dev/full', 'wb') as full:
            for command in ('dump', 'info', 'validate'):
                done = self.bermig(command, self.path('in', self.ber), stdout=full, status=RUN)
                self.assertIn(b'<stdout>: No space', done.stderr)


cli.main()
