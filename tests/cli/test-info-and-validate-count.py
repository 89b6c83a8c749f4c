#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""info and validate say of both formats what is in them."""
import json

import cli
import legacy
from cli import INPUT


class Info(cli.CliTest):
    def setUp(self):
        super().setUp()
        self.mig = legacy.stream(return_path=True)
        self.ber = self.convert(self.mig)

    def info(self, octets):
        return json.loads(self.bermig('info', '--format=json', '-', stdin=octets).stdout)

    def test_numbers(self):
        for octets, name in ((self.mig, 'qemu'), (self.ber, 'ber')):
            info = self.info(octets)
            expected = {
                'format': name, 'octets': len(octets), 'machine': 'pc-small', 'pageSize': legacy.PAGE,
                'blocks': [{'name': 'pc.ram', 'length': 16 * legacy.PAGE}], 'ram': 16 * legacy.PAGE,
                'devices': 1, 'devicesStructured': 1, 'devicesOctets': 0, 'fields': 4, 'structuredPercent': 100,
                'schemas': 1, 'description': 'derived', 'pages': 12, 'zeroPages': 4, 'commands': 2, 'remainder': 0,
            }
            self.assertEqual(expected, {key: info[key] for key in expected})

    def test_sizes(self):
        info = self.info(self.ber)
        sizes = info['recordOctets']
        self.assertEqual(sizes['schema'], info['descriptionOctets'])
        # The frame around the records is small.
        self.assertLess(info['octets'] - sum(sizes.values()), 40)
        self.assertAlmostEqual(info['descriptionPercent'], 100 * sizes['schema'] / len(self.ber), delta=0.01)

    def test_text(self):
        for octets in (self.mig, self.ber):
            text = self.bermig('info', '-', stdin=octets).stdout.decode()
            self.assertIn('pc-small', text)
            self.assertIn('100.00 % structured', text)

    def test_device_without_description(self):
        stream = legacy.beginning() + legacy.ram_pages([], end=True) + legacy.device() + legacy.END
        info = self.info(self.convert(stream))
        self.assertEqual(info['description'], 'none')

    def test_valid(self):
        for octets, word in ((self.mig, 'QEMU stream'), (self.ber, 'BER stream')):
            path = self.path('stream', octets)
            line = self.bermig('validate', path).stdout.decode()
            self.assertRegex(line, rf'\A{path}: valid {word}.*, 16 pages, {len(octets)} octets\n\Z')

    def test_not_understood(self):
        line = self.bermig('validate', '-', stdin=self.mig + b'later').stdout
        self.assertIn(b', the last 5 not understood\n', line)

    def test_every_flipped_bit_is_found(self):
        for at in range(0, len(self.ber), 7):
            octets = bytearray(self.ber)
            octets[at] ^= 1 << at % 8
            self.bermig('validate', '-', stdin=bytes(octets), status=INPUT)


cli.main()
