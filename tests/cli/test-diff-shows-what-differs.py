#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""diff: exactly what differs, in any mix of formats, and an exit status that says whether."""
import json
import struct

import cli
import legacy
from cli import DONE, RUN

DIFFERENT = 1


def stream(fields=legacy.FIELDS, machine='pc-small', content=legacy.page_content, pages=legacy.BLOCK_PAGES,
           numbers=None):
    return (legacy.HEADER + legacy.configuration(machine) + legacy.ram_start(pages)
            + legacy.ram_pages(range(pages) if numbers is None else numbers, content)
            + legacy.ram_pages([], end=True) + legacy.device(fields) + legacy.END + legacy.description(fields))


def changed(name, octets):
    return [(n, kind, octets if n == name else old) for n, kind, old in legacy.FIELDS]


class Diff(cli.CliTest):
    def both(self, a, b, *options, status=DIFFERENT):
        """The lines, which are the same for all mixes of formats."""
        results = set()
        for first in (a, self.convert(a)):
            for second in (b, self.convert(b)):
                results.add(self.diff(first, second, *options, status=status))
        self.assertEqual(len(results), 1, results)
        return results.pop().splitlines()

    def diff(self, a, b, *options, status=DIFFERENT):
        files = self.path('a', a), self.path('b', b)
        # The only status that is neither good nor comes with a message.
        if status == DIFFERENT:
            done = self.start('diff', *options, *files)
            out, err = done.communicate(timeout=cli.SECONDS)
            self.assertEqual((done.returncode, err), (DIFFERENT, b''))
            return out.decode()
        return self.bermig('diff', *options, *files, status=status).stdout.decode()

    def test_same(self):
        self.assertEqual(self.both(stream(), stream(), status=DONE), [])

    def test_values(self):
        a = stream()
        self.assertEqual(self.both(a, stream(changed('level', struct.pack('>i', 3)))),
                         ['small.level: 0xfffffffe != 0x3'])
        self.assertEqual(self.both(a, stream(changed('on', b'\0'))), ['small.on: 0x1 != 0x0'])
        self.assertEqual(self.both(a, stream(changed('name', b'great\0\0\0'))),
                         ['small.name(8)(1): 736d616c6c000000 != 6772656174000000'])
        self.assertEqual(self.both(a, stream(machine='pc-other')),
                         ['configuration.machine: "pc-small" != "pc-other"'])

    def test_types(self):
        other = [(n, 'uint32' if n == 'level' else kind, octets) for n, kind, octets in legacy.FIELDS]
        self.assertEqual(self.both(stream(), stream(other)),
                         ['small.level: (int32) 0xfffffffe != (uint32) 0xfffffffe'])

    def test_fields(self):
        more = legacy.FIELDS + [('speed', 'uint16', b'\0\x0c')]
        self.assertEqual(self.both(stream(), stream(more)), ['only in B: small.speed = (uint16) 0xc'])
        self.assertEqual(self.both(stream(more), stream()), ['only in A: small.speed = (uint16) 0xc'])

    def test_longer_buffer(self):
        fields = changed('name', b'small\0\0\0\0')
        self.assertEqual(self.both(stream(), stream(fields)),
                         ['small.name(9)(1): 736d616c6c000000 != 736d616c6c00000000'])

    def test_devices(self):
        without = stream().replace(legacy.device(), b'').replace(legacy.description(), b'')
        done = self.both(stream(), without)
        self.assertEqual(done, ['only in A: small (device 0000:00:01.0/small instance 0)'])
        self.assertEqual(self.both(stream(), without, '--path=*.level'),
                         ['only in A: small.level = (int32) 0xfffffffe'])

    def test_pages(self):
        def other(number):
            return b'\5' * legacy.PAGE if number in (3, 4, 9) else legacy.page_content(number)

        self.assertEqual(self.both(stream(), stream(content=other)),
                         ['ram.pc.ram.pages.[0x3, 0x4]: contents differ',
                          'ram.pc.ram.pages.[0x9, 0x9]: contents differ'])
        self.assertEqual(self.both(stream(), stream(content=other), '--no-pages', status=DONE), [])

    def test_last_version_of_a_page_counts(self):
        numbers = list(range(16)) + [5, 3]
        self.assertEqual(self.both(stream(), stream(numbers=numbers), status=DONE), [])
        self.assertEqual(self.both(stream(), stream(numbers=range(14))), ['only in A: ram.pc.ram.pages.[0xe, 0xf]'])

    def test_zeros_sent_in_full(self):
        def full(number):
            return legacy.page_content(number) or bytes(legacy.PAGE)

        self.assertEqual(self.both(stream(), stream(content=full), status=DONE), [])

    def test_blocks(self):
        lines = self.both(stream(), stream(pages=8))
        self.assertEqual(lines[0], 'ram.pc.ram.length: 0x10000 != 0x8000')
        self.assertEqual(lines[1], 'only in A: ram.pc.ram.pages.[0x8, 0xf]')

    def test_glob(self):
        b = stream(changed('level', struct.pack('>i', 3)), machine='pc-other')
        self.assertEqual(self.both(stream(), b, '--path=small.*'), ['small.level: 0xfffffffe != 0x3'])
        self.assertEqual(self.both(stream(), b, '--path=nothing', status=DONE), [])

    def test_json(self):
        document = json.loads(self.diff(stream(), stream(changed('on', b'\0')), '--format=json'))
        self.assertEqual(document['differences'],
                         [{'difference': 'value', 'path': 'small.on', 'a': {'type': 'bool', 'value': '0x1'},
                           'b': {'type': 'bool', 'value': '0x0'}}])
        self.assertEqual(document['count'], 1)

    def test_trouble(self):
        good = self.path('good', stream())
        self.bermig('diff', good, self.path('cut', stream()[:-3000]), status=RUN)
        self.bermig('diff', good, self.path('missing'), status=RUN)
        self.bermig('diff', '-', '-', status=RUN)
        self.bermig('diff', good, status=RUN)


cli.main()
