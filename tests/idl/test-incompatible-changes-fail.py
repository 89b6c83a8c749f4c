#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""A header whose streams of yesterday cannot be read fails, and says why in one sentence."""
import subprocess
import unittest

import idl
from idl import HEAD, OK, RUN, WRONG

BEFORE = '''
    uint32_t reload;
    uint8_t fifo_len;
    uint8_t fifo[16] BM_SIZE(fifo_len);
    uint16_t regs[4];
    char name[8] BM_STRING;
    unsigned long irqs[2] BM_BITMAP(100);
    uint8_t mode BM_DEFAULT(5);
    bool has_alarm;
    bool has_other;
    uint64_t alarm BM_OPTIONAL(has_alarm);
    uint32_t late BM_VERSION(2);
    uint32_t cache BM_IMMUTABLE("set when it is made");
'''
CANNOT = '; a stored stream cannot be read any more. '
NEW_NAME = 'Add a field with a new name, or raise the version.'
LOST = ('; what a stored stream has in it would be lost. Keep it, or raise the version and refuse '
        'version 2 with BM_MINIMUM(3).')


class Changes(idl.IdlTest):
    def setUp(self):
        super().setUp()
        self.write(BEFORE)
        self.idl('--write-schema=timer.schema')

    def change(self, old, new, versions=2, marks=''):
        """Replaces a line of the struct; returns the number of it."""
        self.assertIn(old, BEFORE)
        self.write(BEFORE.replace(old, new, 1), versions=versions, marks=marks)
        return BEFORE[:BEFORE.index(old)].count('\n') + 1

    def fails(self, old, new, sentence, versions=2, marks=''):
        line = self.line(self.change(old, new, versions, marks))
        said = self.idl('--schema=timer.schema', '--output=timer-table', status=WRONG)
        self.assertEqual(said, f'{line}Timer{sentence}\n')
        self.assertEqual(list(self.folder.glob('timer-table*')), [])

    def passes(self, old, new, versions=2, marks='', noted=True):
        self.change(old, new, versions, marks)
        said = self.idl('--schema=timer.schema', '--output=timer-table')
        note = ('timer.schema: note: the header has changed, compatibly; write it again with '
                '--write-schema\n')
        self.assertEqual(said, note if noted else '')
        self.assertTrue((self.folder / 'timer-table.c').exists())

    # ---- subsections and lists ----

    def changed(self, old, new, old_marks='', new_marks='', status=WRONG):
        """What is said of the change, without its place."""
        before = ('typedef struct Item { int n; } BM_DEVICE("item", 1) Item; struct GQueue; '
                  'typedef struct GQueue GQueue; ')
        self.write(old, marks=old_marks, before=before)
        self.idl('--write-schema=timer.schema')
        self.write(new, marks=new_marks, before=before)
        return self.idl('--schema=timer.schema', status=status).removeprefix(self.line())

    def test_subsection(self):
        one, two = ('BM_SUBSECTION("timer/x", 1, needed) ', 'BM_SUBSECTION("timer/y", 1, needed) ')
        inside = 'int x BM_IN("timer/x");'
        self.assertEqual(self.changed(inside, 'int x;', one),
                         f'Timer.x: it was in timer/x and is now in the struct itself{CANNOT}{NEW_NAME}\n')
        self.assertEqual(self.changed('int x;', inside, '', one),
                         f'Timer.x: it was in the struct itself and is now in timer/x{CANNOT}{NEW_NAME}\n')
        self.changed(inside, inside + 'int y BM_IN("timer/y");', one, one + two, status=OK)
        self.assertIn('Timer.z: a new field that is always expected',
                      self.changed(inside, inside + 'int z BM_IN("timer/x");', one, one))

    def test_list(self):
        text = 'GQueue *q BM_QUEUE(Item) BM_MAX(%d);'
        self.changed(text % 4, text % 5, status=OK)
        self.assertEqual(self.changed(text % 4, text % 3),
                         f'Timer.q: it had at most 4 elements and has now at most 3{CANNOT}{NEW_NAME}\n')

    # ---- what fails ----

    def test_removed(self):
        self.write(BEFORE.replace('uint16_t regs[4];', ''))
        self.assertEqual(self.idl('--schema=timer.schema', status=WRONG),
                         f'{self.line()}Timer: the field regs is gone{LOST}\n')

    def test_not_sent_any_more(self):
        self.fails('regs[4]', 'regs[4] BM_IMMUTABLE("never changes")',
                   f'.regs: it was sent and is now immutable{LOST}')

    def test_type(self):
        self.fails('uint32_t reload', 'uint64_t reload',
                   f'.reload: type changed from uint32 to uint64{CANNOT}{NEW_NAME}')

    def test_sign(self):
        self.fails('uint32_t reload', 'int32_t reload',
                   f'.reload: type changed from uint32 to int32{CANNOT}{NEW_NAME}')

    def test_type_with_the_version_alone(self):
        self.fails('uint32_t reload', 'uint64_t reload',
                   f'.reload: type changed from uint32 to uint64{CANNOT}Add a field with a new '
                   'name, or refuse version 2 with BM_MINIMUM(3).', versions=3)

    def test_renamed(self):
        self.fails('reload', 'period', f'.period: renamed from reload{CANNOT}{NEW_NAME}')

    def test_array(self):
        self.fails('regs[4]', 'regs[8]',
                   f'.regs: it had 4 elements and has now 8{CANNOT}{NEW_NAME}')

    def test_counted_array_shrinks(self):
        self.fails('fifo[16]', 'fifo[8]', '.fifo: it had at most 16 elements and has now at most '
                   f'8{CANNOT}{NEW_NAME}')

    def test_counted_array_is_fixed(self):
        self.fails('fifo[16] BM_SIZE(fifo_len)', 'fifo[16]',
                   f'.fifo: its number of elements was fifo_len and is now fixed{CANNOT}{NEW_NAME}')

    def test_string_shrinks(self):
        self.fails('name[8]', 'name[4]',
                   f'.name: its size changed from 8 to 4 octets{CANNOT}{NEW_NAME}')

    def test_bitmap(self):
        self.fails('BM_BITMAP(100)', 'BM_BITMAP(101)',
                   f'.irqs: its size changed from 100 to 101 bits{CANNOT}{NEW_NAME}')

    def test_new_mandatory_field(self):
        self.fails('uint32_t late', 'uint32_t count; uint32_t late',
                   '.count: a new field that is always expected, and a stored stream does not '
                   'have it. Give it BM_DEFAULT, BM_OPTIONAL or BM_VERSION(3).')

    def test_now_sent(self):
        self.fails('uint32_t cache BM_IMMUTABLE("set when it is made")', 'uint32_t cache',
                   '.cache: a new field that is always expected, and a stored stream does not '
                   'have it. Give it BM_DEFAULT, BM_OPTIONAL or BM_VERSION(3).')

    def test_default_changes(self):
        self.fails('BM_DEFAULT(5)', 'BM_DEFAULT(6)',
                   '.mode: default changed from 5 to 6; a stored stream without it means 5. Never '
                   'change a default without renaming the field: it is ABI.')

    def test_default_is_gone(self):
        self.fails('mode BM_DEFAULT(5)', 'mode',
                   f'.mode: its default 5 is gone, and a stream without it means that{CANNOT}'
                   f'{NEW_NAME}')

    def test_default_is_new(self):
        self.fails('reload', 'reload BM_DEFAULT(0)',
                   '.reload: a default is new, so that it is not always sent; readers of version '
                   '2 expect it. Raise the version.')

    def test_optional_is_gone(self):
        self.fails('alarm BM_OPTIONAL(has_alarm)', 'alarm',
                   f'.alarm: it was optional (has_alarm) and is now always expected{CANNOT}'
                   f'{NEW_NAME}')

    def test_optional_changes(self):
        self.fails('BM_OPTIONAL(has_alarm)', 'BM_OPTIONAL(has_other)',
                   '.alarm: it was sent when has_alarm and is now sent when has_other'
                   f'{CANNOT}{NEW_NAME}')

    def test_optional_is_new(self):
        self.fails('regs[4]', 'regs[4] BM_OPTIONAL(has_early)',
                   '.regs: BM_OPTIONAL(has_early): Timer has no member has_early; add bool '
                   'has_early before it')

    def test_first_version_changes(self):
        self.fails('late BM_VERSION(2)', 'late BM_VERSION(1)',
                   f'.late: its first version changed from 2 to 1{CANNOT}{NEW_NAME}')

    def test_version_goes_back(self):
        self.write(BEFORE.replace(' BM_VERSION(2)', ''), versions=1)
        self.assertEqual(self.idl('--schema=timer.schema', status=WRONG),
                         f'{self.line()}Timer: the version went back from 2 to 1; a stored stream '
                         'would be refused. Versions only rise.\n')

    def test_device_is_gone(self):
        (self.folder / 'timer.h').write_text(
            HEAD + 'typedef struct Clock { int now; } BM_DEVICE("clock", 1) Clock;\n')
        self.assertEqual(self.idl('--schema=timer.schema', status=WRONG),
                         'timer.h:1: Timer: no struct has BM_DEVICE("timer") any more; a stored '
                         'stream that has it cannot be read. The name of a device is ABI.\n')

    def test_all_of_them_are_told(self):
        self.write(BEFORE.replace('uint32_t reload', 'uint64_t reload').replace('(5)', '(6)'))
        said = self.idl('--schema=timer.schema', status=WRONG).splitlines()
        self.assertEqual(len(said), 2)

    # ---- what passes ----

    def test_nothing(self):
        self.passes('reload', 'reload', noted=False)

    def test_comments_places_and_reasons(self):
        self.passes('uint32_t reload', '/* ticks */\n\n\nuint32_t reload', noted=False)
        self.passes('set when it is made', 'a property', noted=True)

    def test_new_field_with_default(self):
        self.passes('bool has_alarm', 'uint32_t count BM_DEFAULT(3); bool has_alarm')

    def test_new_field_of_a_new_version(self):
        self.passes('bool has_alarm', 'uint32_t count BM_VERSION(3); bool has_alarm', versions=3)

    def test_new_optional_field(self):
        self.passes('bool has_alarm', 'bool has_x; int x BM_OPTIONAL(has_x); bool has_alarm')

    def test_larger_ones(self):
        self.passes('fifo[16]', 'fifo[32]')
        self.passes('name[8]', 'name[9]')

    def test_order(self):
        self.passes('bool has_alarm;\n    bool has_other;', 'bool has_other;\n    bool has_alarm;')

    def test_name_of_the_struct(self):
        self.write(BEFORE, struct='QuickTimer')
        self.idl('--schema=timer.schema')

    def test_old_versions_are_refused(self):
        self.passes('uint32_t reload', 'uint64_t reload', versions=3, marks='BM_MINIMUM(3)')

    # ---- the file itself ----

    def test_no_stored_schema(self):
        said = self.idl('--schema=none', status=RUN)
        self.assertTrue(said.startswith('none: ') and '--write-schema writes the first one' in said)

    def test_not_a_schema(self):
        (self.folder / 'odd').write_text('[timer]\nreload=1\n')
        self.assertEqual(self.idl('--schema=odd', status=RUN),
                         'odd: not a schema of bermig-idl, format 1\n')

    def test_nothing_is_written_over_it(self):
        before = (self.folder / 'timer.schema').read_text()
        self.change('uint32_t reload', 'uint64_t reload')
        self.idl('--schema=timer.schema', '--write-schema=timer.schema', status=WRONG)
        self.assertEqual((self.folder / 'timer.schema').read_text(), before)


class ABuild(idl.IdlTest):
    """The same in a build, which reads again when any header has changed."""

    RULES = '''
rule idl
  command = {idl} -I{visitor} timer.h --schema=timer.schema --output=timer-table --depfile=d
  depfile = d
build timer-table.c timer-table.h: idl timer.h timer.schema
'''

    def ninja(self):
        return subprocess.run(['ninja'], cwd=self.folder, capture_output=True, text=True,
                              timeout=idl.SECONDS)

    def test_it_fails(self):
        (self.folder / 'timer-types.h').write_text('typedef uint32_t Ticks;\n')
        self.write('\n Ticks reload;', before='#include "timer-types.h"\n')
        self.idl('--write-schema=timer.schema')
        (self.folder / 'build.ninja').write_text(
            self.RULES.format(idl=idl.IDL, visitor=idl.SOURCE / 'visitor'))
        self.assertEqual(self.ninja().returncode, 0)
        self.assertIn('no work to do', self.ninja().stdout)
        (self.folder / 'timer-types.h').write_text('typedef uint64_t Ticks;\n')
        done = self.ninja()
        self.assertEqual(done.returncode, 1)
        self.assertIn(f'{self.line(3)}Timer.reload: type changed from uint32 to uint64{CANNOT}'
                      f'{NEW_NAME}\n', done.stdout)


if __name__ == '__main__':
    unittest.main()
