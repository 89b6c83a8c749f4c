#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""check: each rule with a guest that breaks it, and one that does not."""
import copy
import json
import struct

import cli
import legacy
from cli import INPUT, RUN

NAME = '0000:00:01.0/small'


def field(name, size, since=0, exists=False, **more):
    return {'field': name, 'version_id': since, 'field_exists': exists, 'size': size, **more}


def dump(fields=None, version=2, minimum=1, subsections=None, machine='pc-small'):
    """What -dump-vmstate would say of the machine that legacy.stream() is from."""
    return {
        'vmschkmachine': {'Name': machine},
        'other': {'Name': 'other', 'version_id': 1, 'minimum_version_id': 1,
                  'Description': {'name': 'other', 'version_id': 1, 'minimum_version_id': 1}},
        'small-device': {'Name': 'small-device', 'version_id': version, 'minimum_version_id': minimum, 'Description': {
            'name': 'small', 'version_id': version, 'minimum_version_id': minimum,
            'Fields': fields or [field('ticks', 8), field('level', 4), field('on', 1), field('name', 8)],
            **({'Subsections': subsections} if subsections else {})}},
    }


class Check(cli.CliTest):
    def json(self, document):
        return self.path('expect.json', json.dumps(document).encode())

    def findings(self, expect, stream=None, status=cli.DONE):
        """What check finds, as lines without their words."""
        done = self.start('check', '--format=json', expect, '-')
        out, err = done.communicate(legacy.stream() if stream is None else stream, timeout=cli.SECONDS)
        self.assertEqual((done.returncode, err), (status, b''))
        document = json.loads(out)
        self.assertEqual(document['blocking'], sum(f['severity'] == 'block' for f in document['findings']))
        return [' '.join([f['severity'], str(f['code']), f['name'], f['path'],
                          *(f[key] for key in ('expected', 'got') if key in f)]) for f in document['findings']]

    def expect(self, expected, document, stream=None):
        blocks = any(line.startswith('block') for line in expected)
        self.assertEqual(self.findings(self.json(document), stream, INPUT if blocks else cli.DONE), expected)

    # ---- a list of what is known

    def test_what_fits(self):
        self.expect([], dump())
        self.assertEqual(self.bermig('check', self.json(dump()), '-', stdin=legacy.stream()).stdout, b'OK\n')
        self.assertEqual(self.findings(self.json(dump()), self.convert(legacy.stream())), [])

    def test_machine(self):
        self.expect(['block 301 machine configuration.machine pc-large pc-small'], dump(machine='pc-large'))

    def test_versions(self):
        self.expect([f'block 322 version-newer {NAME} 1 2'], dump(version=1))
        self.expect([f'block 323 version-older {NAME} 3 2'], dump(version=4, minimum=3))
        self.expect([], dump(version=4, minimum=2))

    def test_fields(self):
        fields = dump()['small-device']['Description']['Fields']
        ticks, level, on, name = fields
        more = field('extra', 4)
        self.expect([f'block 331 field-added {NAME}.extra'], dump([ticks, more, level, on, name]))
        self.expect([f'block 331 field-added {NAME}.extra'], dump([*fields, more]))
        self.expect([], dump([ticks, field('extra', 4, since=3), level, on, name], version=3))
        self.expect([], dump([ticks, field('extra', 4, exists=True), level, on, name]))
        self.expect([f'block 330 field-removed {NAME}.level'], dump([ticks, on, name]))
        self.expect([f'block 334 field-size {NAME}.level 8 4'], dump([ticks, field('level', 8), on, name]))
        self.expect([f'block 333 field-moved {NAME}.level'], dump([level, ticks, on, name]))
        self.expect([f'warn 332 field-renamed {NAME}.level height level'], dump([ticks, field('height', 4), on, name]))
        self.expect([], dump([ticks, field('unused', 4), on, name]))
        self.expect([f'warn 331 field-added {NAME}.list'], dump([*fields, field('list', 40)]))

    def test_names_that_occur_twice_are_numbered_as_in_streams(self):
        fields = [('config[1]', 'uint32', b'1234')]
        stream = (legacy.HEADER + legacy.configuration() + legacy.ram_start() + legacy.ram_pages([], end=True)
                  + legacy.device(fields) + legacy.END + legacy.description(fields))
        self.expect([], dump([field('config', 1, exists=True), field('config', 4, exists=True)]), stream)

    def test_structs(self):
        stream, struct_of = legacy.stream(), {'name': 'inner', 'version_id': 1, 'minimum_version_id': 1}
        self.expect([f'warn 332 field-renamed {NAME}.level inner level'],
                    dump([field('ticks', 8), field('inner', 4), field('on', 1), field('name', 8)]), stream)
        # A list of structs may be empty, and is then not sent.
        self.expect([], dump([*dump()['small-device']['Description']['Fields'],
                              field('list', 40, Description=struct_of)]))

    def test_subsections(self):
        stream = with_subsection()
        self.expect([f'block 340 subsection-unknown {NAME}.small/more'], dump(), stream)
        known = {'name': 'small/more', 'version_id': 1, 'minimum_version_id': 1, 'Fields': [field('x', 4)]}
        self.expect([], dump(subsections=[known]), stream)
        self.expect([f'block 322 version-newer {NAME}.small/more 0 1'],
                    dump(subsections=[{**known, 'version_id': 0}]), stream)
        self.expect([f'block 334 field-size {NAME}.small/more.x 8 4'],
                    dump(subsections=[{**known, 'Fields': [field('x', 8)]}]), stream)
        self.expect([], dump(subsections=[known]))

    def test_the_variant_that_fits_counts(self):
        document = dump(version=1)
        document['small-variant'] = copy.deepcopy(dump()['small-device'])
        self.expect([], document)

    # ---- another stream

    def test_memory(self):
        self.assertEqual(self.findings(self.path('same.mig', legacy.stream())), [])
        other = legacy.stream().replace(b'\x06pc.ram', b'\x06pc.rom')
        self.assertEqual(self.findings(self.path('rom.mig', other), status=INPUT),
                         ['block 310 ram-missing ram.pc.ram', 'warn 311 ram-extra ram.pc.rom'])
        resized = self.path('resized.mig', with_block('pc.ram', 2 * legacy.BLOCK_PAGES))
        self.assertEqual(self.findings(resized, status=INPUT), ['block 312 ram-size ram.pc.ram 131072 65536'])
        table = self.path('table.mig', with_block('/rom@t', 2 * legacy.BLOCK_PAGES))
        self.assertEqual(self.findings(table, with_block('/rom@t', legacy.BLOCK_PAGES)), [])

    def test_devices(self):
        moved = legacy.stream().replace(b'0000:00:01.0/small', b'0000:00:02.0/small')
        self.assertEqual(self.findings(self.path('moved.mig', moved), status=INPUT),
                         [f'block 320 device-missing {NAME}', 'warn 321 device-extra 0000:00:02.0/small'])
        self.assertIn(b'at another place, 0000:00:02.0/small', self.report(self.path('moved.mig', moved)))
        without = legacy.HEADER + legacy.configuration() + other_device() + legacy.END
        self.assertEqual(self.findings(self.path('without.mig', without), status=INPUT)[0],
                         f'block 320 device-missing {NAME}')

    def test_sections_that_are_known_and_not_always_saved(self):
        sample = self.path('sample.mig', legacy.stream())
        for name, missing in ('audio', False), ('globalstate', False), ('timer', True):
            stream = (legacy.HEADER + legacy.configuration() + other_device(name) + legacy.END)
            found = self.findings(sample, stream, INPUT if missing else cli.DONE)
            self.assertEqual(found[:-1], [f'block 320 device-missing {name}'] if missing else [])

    def test_a_sample_may_know_more(self):
        sample = self.path('sample.mig', legacy.stream())
        self.assertEqual(self.findings(sample, with_subsection()),
                         [f'warn 340 subsection-unknown {NAME}.small/more'])
        description = self.path('description', self.bermig('describe', '-', stdin=legacy.stream()).stdout)
        self.assertEqual(self.findings(description, with_subsection()),
                         [f'warn 340 subsection-unknown {NAME}.small/more'])
        ber = self.path('ber', self.bermig('describe', '--format=ber', '-', stdin=legacy.stream()).stdout)
        self.assertEqual(self.findings(ber, with_subsection()), [f'warn 340 subsection-unknown {NAME}.small/more'])

    # ---- the command

    def report(self, expect):
        done = self.start('check', expect, '-')
        out, err = done.communicate(legacy.stream(), timeout=cli.SECONDS)
        self.assertEqual((done.returncode, err), (INPUT, b''))
        return out

    def test_text(self):
        line = self.report(self.json(dump(version=1))).decode()
        self.assertRegex(line, rf"\ABLOCK 322 version-newer: {NAME}: .*'bermig rewrite' \(expected 1, got 2\)\n\Z")

    def test_what_is_no_expectation(self):
        for content in b'', b'{', b'{}', b'[]', b'{"a": {"Description": {}}}', b'{"vmschkmachine": {}}', b'no':
            self.bermig('check', self.path('bad', content), '-', stdin=legacy.stream(), status=RUN)
        deep = {'name': 'x'}
        for _ in range(70):
            deep = {'name': 'x', 'Fields': [field('f', 4, Description=deep)]}
        self.bermig('check', self.json({'x': {'Description': deep}}), '-', stdin=legacy.stream(), status=RUN)
        self.bermig('check', self.json(dump()), '-', stdin=legacy.stream()[:-9], status=RUN)
        self.bermig('check', '-', '-', stdin=b'', status=RUN)

    def test_a_long_list_is_cut(self):
        fields = [field(f'f{i}', 4) for i in range(3000)]
        found = self.findings(self.json(dump(fields)), status=INPUT)
        self.assertEqual(len(found), 1024)
        self.assertEqual(found[-1], 'block 390 more ')


def other_device(name='timer'):
    return (b'\4' + struct.pack('>I', 9) + legacy.string(name) + struct.pack('>II', 0, 1) + legacy.footer(9))


def with_block(name, pages):
    start = legacy.ram_start(pages).replace(b'\x06pc.ram', legacy.string(name))
    return (legacy.HEADER + legacy.configuration() + start + legacy.ram_pages([], end=True) + legacy.device()
            + legacy.END + legacy.description())


def with_subsection():
    """legacy.stream(), in which the device has the subsection small/more."""
    body = b'\5' + legacy.string('small/more') + struct.pack('>I', 1) + b'1234'
    description = legacy.description()
    text = json.loads(description[5:])
    text['devices'][0]['subsections'] = [{'vmsd_name': 'small/more', 'version': 1,
                                          'fields': [{'name': 'x', 'type': 'uint32', 'size': 4}]}]
    text = json.dumps(text).encode()
    device = legacy.device()
    return (legacy.beginning() + legacy.ram_pages([], end=True) + device[:-5] + body + device[-5:] + legacy.END
            + b'\6' + struct.pack('>I', len(text)) + text)


if __name__ == '__main__':
    cli.unittest.main()
