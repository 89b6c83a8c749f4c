#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""describe: the fields of a stream's devices in QEMU's keys, the same from either format."""
import json

import cli
import legacy
from cli import INPUT


class Describe(cli.CliTest):
    def test_fields(self):
        mig = legacy.stream()
        texts = [self.bermig('describe', '-', stdin=octets).stdout for octets in (mig, self.convert(mig))]
        self.assertEqual(texts[0], texts[1])
        document = json.loads(texts[0])
        self.assertEqual(document['vmschkmachine'], {'Name': 'pc-small'})
        device = document['0000:00:01.0/small']
        self.assertEqual(device['version_id'], 2)
        description = device['Description']
        self.assertEqual(list(description), ['name', 'version_id', 'minimum_version_id', 'Fields'])
        self.assertEqual(description['Fields'], [
            {'field': 'ticks', 'version_id': 0, 'field_exists': False, 'size': 8, 'type': 'uint64', 'signed': False},
            {'field': 'level', 'version_id': 0, 'field_exists': False, 'size': 4, 'type': 'int32', 'signed': True},
            {'field': 'on', 'version_id': 0, 'field_exists': False, 'size': 1, 'type': 'bool'},
            {'field': 'name', 'version_id': 0, 'field_exists': False, 'size': 8, 'type': 'buffer'},
        ])

    def test_cut(self):
        self.bermig('describe', '-', stdin=self.convert(legacy.stream())[:-9], status=INPUT)


cli.main()
