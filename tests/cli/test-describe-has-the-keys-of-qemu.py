#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""describe: the fields of a stream's devices in QEMU's keys, the same from either format."""
import json

import cli
import legacy
from cli import INPUT, RUN


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

    def test_ber(self):
        mig = legacy.stream()
        ber = self.bermig('describe', '--format=ber', '-', stdin=mig).stdout
        self.assertLess(len(ber), 1000)
        self.assertEqual(self.bermig('describe', '--format=ber', '-', stdin=self.convert(mig)).stdout, ber)
        self.assertEqual(self.bermig('describe', '--format=ber', '-', stdin=ber).stdout, ber)
        for option in (), ('--format=json',):
            self.assertEqual(self.bermig('describe', *option, '-', stdin=ber).stdout,
                             self.bermig('describe', '-', stdin=mig).stdout)
        self.bermig('validate', '-', stdin=ber)
        info = json.loads(self.bermig('info', '--format=json', '-', stdin=ber).stdout)
        self.assertEqual([info[key] for key in ('announced', 'devices', 'schemas')], [1, 0, 1])
        self.assertEqual(self.bermig('dump', '--path=announce*', '-', stdin=ber).stdout.decode().splitlines(), [
            'announce.name = (string) "0000:00:01.0/small"',
            'announce.instance = (uint32) 0x0',
            'announce.version = (uint32) 0x2',
            'announce.schema = (uint32) 0x0'])

    def test_a_description_is_no_state(self):
        ber = self.bermig('describe', '--format=ber', '-', stdin=legacy.stream()).stdout
        done = self.bermig('convert', '--to=qemu', '-', self.path('out'), stdin=ber, status=INPUT)
        self.assertIn(b'a description, which has no state of a guest', done.stderr)

    def test_diff_of_descriptions(self):
        files = []
        for name, fields in ('a', legacy.FIELDS), ('b', [('level', 'uint32', b'1234'), *legacy.FIELDS[2:]]):
            stream = (legacy.HEADER + legacy.configuration() + legacy.device(fields) + legacy.END
                      + legacy.description(fields))
            files.append(self.path(name, self.bermig('describe', '--format=ber', '-', stdin=stream).stdout))
        self.assertEqual(self.bermig('diff', files[0], files[0]).stdout, b'')
        done = self.start('diff', *files)
        out, err = done.communicate(timeout=cli.SECONDS)
        self.assertEqual((done.returncode, err), (1, b''))
        self.assertEqual(out.decode().splitlines(), [
            'small.level: "int32, 4 octets" != "uint32, 4 octets"',
            'only in A: small.ticks = (string) "uint64, 8 octets"'])

    def test_usage(self):
        self.bermig('describe', '--format=yaml', '-', status=RUN)

    def test_cut(self):
        self.bermig('describe', '-', stdin=self.convert(legacy.stream())[:-9], status=INPUT)


cli.main()
