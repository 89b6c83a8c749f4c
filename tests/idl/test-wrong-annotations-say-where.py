#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Each mistake in an annotation is one line with file, line, member and what to do."""
import unittest

import idl
from idl import OK, RUN, WRONG

WAY_OUT = ', or say why it is not sent, e.g. BM_IMMUTABLE("...")'
NO_SIZE = ('a pointer is not sent without a word; BM_SIZE and BM_MAX for an array' + WAY_OUT)

# what stands in the struct, the member that is wrong, what is said of it
MISTAKES = [
    # optional
    ('int x BM_OPTIONAL(has_x);', 'x',
     'BM_OPTIONAL(has_x): Timer has no member has_x; add bool has_x before it'),
    ('int x BM_OPTIONAL(has_x); bool has_x;', 'x', 'BM_OPTIONAL(has_x): has_x must stand before it'),
    ('int has_x; int x BM_OPTIONAL(has_x);', 'x', 'BM_OPTIONAL(has_x): has_x must be a bool'),
    ('bool has_x BM_DEFAULT(true); int x BM_OPTIONAL(has_x);', 'x',
     'BM_OPTIONAL(has_x): has_x must be sent always'),
    # size
    ('uint8_t f[4] BM_SIZE(nonsense);', 'f', 'BM_SIZE(nonsense): Timer has no member nonsense'),
    ('uint8_t f[4] BM_SIZE(n); uint8_t n;', 'f',
     'BM_SIZE(n): n must stand before it, so that loading knows the number first'),
    ('bool n; uint8_t f[4] BM_SIZE(n);', 'f',
     'BM_SIZE(n): n is a bool; uint8_t, uint16_t, uint32_t, uint64_t, int32_t and int64_t count'),
    ('uint8_t f[4] BM_SIZE(obj->nonsense + 1);', 'f',
     "BM_SIZE(obj->nonsense + 1): no member named 'nonsense' in 'struct Timer'"),
    ('uint8_t f[4] BM_SIZE(obj->n / 2); uint8_t n;', 'f',
     'BM_SIZE(obj->n / 2): n must stand before it'),
    ('uint8_t f[4] BM_SIZE(2 +);', 'f', 'BM_SIZE(2 +): expected expression'),
    ('uint8_t n; uint8_t f BM_SIZE(n);', 'f',
     'BM_SIZE(n): only arrays have a number of elements'),
    ('uint8_t n; uint8_t *f BM_SIZE(n);', 'f', 'BM_SIZE(n): a pointer needs BM_MAX(number) too, '
     'or a stream could ask for any amount of memory'),
    ('uint8_t n; uint8_t f[4] BM_SIZE(n) BM_MAX(4);', 'f',
     'BM_MAX(4): it is for a pointer with BM_SIZE'),
    ('uint8_t n; uint8_t *f BM_SIZE(n) BM_MAX(0);', 'f',
     'the number of its elements must be from 1 to 4294967295'),
    # default
    ('int x BM_DEFAULT(NONE);', 'x', "BM_DEFAULT(NONE): use of undeclared identifier 'NONE'"),
    ('uint8_t n; uint8_t f[4] BM_SIZE(n) BM_DEFAULT(1);', 'f',
     'BM_DEFAULT(1): only numbers, strings and arrays of them can have a default'),
    ('char s[4] BM_STRING BM_DEFAULT(0);', 's',
     'BM_DEFAULT(0): the default of a string is a literal'),
    # version
    ('int x BM_VERSION(3);', 'x', 'BM_VERSION(3): Timer has version 2; raise that in its '
     'BM_DEVICE, or take one from 1 to it'),
    ('int x BM_VERSION(0);', 'x', 'BM_VERSION(0): Timer has version 2; raise that in its '
     'BM_DEVICE, or take one from 1 to it'),
    # markers
    ('int x BM_IMMUTABLE("");', 'x', 'immutable needs a reason'),
    ('int x BM_PROPERTY("");', 'x', 'property needs a name'),
    ('int x BM_IMMUTABLE("a") BM_BROKEN("b");', 'x',
     'it is both immutable and broken; one of them says why it is not sent'),
    ('int x BM_IMMUTABLE("a") BM_DEFAULT(1);', 'x', 'it is immutable and not sent; BM_OPTIONAL, '
     'BM_DEFAULT and BM_VERSION are for what is sent'),
    ('int x BM_DERIVED("a");', 'x',
     'it is derived, but Timer has no BM_POST_LOAD(function) that computes it'),
    # types
    ('void *p;', 'p', NO_SIZE),
    ('const char *p;', 'p', NO_SIZE),
    ('uint32_t *p;', 'p', NO_SIZE),
    ('struct Bus { int x; } *p;', 'p', 'struct Bus has no BM_DEVICE, so that nothing is known of '
     'its members; give it one' + WAY_OUT),
    ('struct Bus { int x; } bus;', 'bus', 'struct Bus has no BM_DEVICE, so that nothing is known '
     'of its members; give it one' + WAY_OUT),
    ('struct Timer *next;', 'next', 'it leads back to a struct that contains it; '
     'BM_ELSEWHERE("...") says who sends what it points to'),
    ('void *p[4];', 'p', 'the stream has no type for void *[4]; take another' + WAY_OUT),
    ('int *p[4];', 'p', 'an array of pointers can be sent if they point to structs with '
     'BM_DEVICE; take such' + WAY_OUT),
    ('long x;', 'x', 'the size of long depends on the host; take int32_t or int64_t' + WAY_OUT),
    ('unsigned long x;', 'x', 'the size of unsigned long depends on the host; take uint32_t or '
     'uint64_t, or BM_BITMAP(bits) for an array of bits' + WAY_OUT),
    ('__SIZE_TYPE__ x;', 'x', 'the size of unsigned long depends on the host; take uint32_t or '
     'uint64_t, or BM_BITMAP(bits) for an array of bits' + WAY_OUT),
    ('float x;', 'x', 'the stream has no type for float; take another' + WAY_OUT),
    ('char x;', 'x',
     'char has a sign on some hosts and none on others; take int8_t or uint8_t'),
    ('char x[4];', 'x', 'is it text or octets? BM_STRING for text, uint8_t for octets'),
    ('union { int a; float b; } u;', 'u', 'a union does not say which of its members counts; send '
     'that from a struct of its own' + WAY_OUT),
    ('int a : 3;', 'a', 'a bit-field has no address; take a type of its own' + WAY_OUT),
    ('int n; int rest[];', 'rest', 'an array without a size cannot be sent; give it one' + WAY_OUT),
    ('uint8_t x[4] BM_STRING;', 'x', 'BM_STRING is for an array of char only'),
    ('char x[4][4] BM_STRING;', 'x', 'BM_STRING is for an array of char only'),
    ('uint64_t x[4] BM_BITMAP(4);', 'x', 'BM_BITMAP is for arrays of unsigned long only'),
    ('unsigned long x[1] BM_BITMAP(65);', 'x', 'BM_BITMAP(65): the array holds 1 to 64 bits'),
    ('int x BM_TIMER;', 'x', 'BM_TIMER is for int64_t only'),
    # lists
    ('int *x BM_QUEUE(Item) BM_MAX(4);', 'x', 'BM_QUEUE is for GQueue * only'),
    ('int *x BM_TREE(Item) BM_MAX(4);', 'x', 'BM_TREE is for GTree * only'),
    ('int x BM_TAILQ(Item, next) BM_MAX(4);', 'x',
     'BM_TAILQ and BM_LIST are for heads of <sys/queue.h> only'),
    ('struct { void *a; } x BM_LIST(Item, next) BM_MAX(4);', 'x', 'Item has no member next that links it'),
    ('struct { void *a; } x BM_LIST(Item, n);', 'x',
     'a list needs BM_MAX(number), or a stream could ask for any amount of memory'),
    ('struct { void *a; } x BM_LIST(Nothing, n) BM_MAX(4);', 'x', 'there is no struct Nothing'),
    ('struct { void *a; } x BM_LIST(struct Plain, n) BM_MAX(4);', 'x', 'struct Plain has no BM_DEVICE, so '
     'that nothing is known of its members; give it one' + WAY_OUT),
    ('int x BM_THROUGH(Item) BM_DEFAULT(1);', 'x',
     'BM_DEFAULT(1): only numbers, strings and arrays of them can have a default'),
    # comparisons
    ('bool x BM_CHECK_EQUAL;', 'x',
     'BM_CHECK_EQUAL is for one integer, without the other and without BM_DEFAULT'),
    ('int x[2] BM_CHECK_AT_MOST;', 'x',
     'BM_CHECK_AT_MOST is for one integer, without the other and without BM_DEFAULT'),
    ('int x BM_CHECK_AT_MOST BM_CHECK_EQUAL;', 'x',
     'BM_CHECK_EQUAL is for one integer, without the other and without BM_DEFAULT'),
    # subsections
    ('bool a BM_IN("timer/a"); int x BM_OPTIONAL(a);', 'x', 'a is in the subsection "timer/a", which is '
     'loaded apart; take one of the struct itself'),
    ('int x BM_IN("timer/a") BM_VERSION(5);', 'x', 'BM_VERSION(5): timer/a has version 4; raise that in its '
     'BM_SUBSECTION, or take one from 1 to it'),
    ('int x BM_IN("timer/x");', 'x',
     'BM_IN("timer/x"): Timer has no BM_SUBSECTION("timer/x", version, needed)'),
]


# In one line, so that the others keep their numbers.
ITEMS = ('typedef struct Item { int n; } BM_DEVICE("item", 1) Item; struct Plain { int n; }; ')


class Mistakes(idl.IdlTest):
    def test_members(self):
        for members, name, sentence in MISTAKES:
            with self.subTest(members=members):
                self.write('\n\n' + members, before=ITEMS,
                           marks='BM_SUBSECTION("timer/a", 4, needed)')
                self.assertEqual(self.idl('--output=out', status=WRONG),
                                 f'{self.line(3)}Timer.{name}: {sentence}\n')
                self.assertEqual(list(self.folder.glob('out*')), [])

    def test_structs(self):
        for versions, marks, sentence in [
                (0, '', 'version 0, minimum 1'), (1, 'BM_MINIMUM(2)', 'version 1, minimum 2')]:
            self.write('int x;', versions=versions, marks=marks)
            self.assertEqual(self.idl('--output=out', status=WRONG),
                             f'{self.line()}Timer: {sentence}: a version is at least 1, and the '
                             'minimum not above it\n')

    def test_two_of_one_name(self):
        self.write('int x;', before='typedef struct A { int x; } BM_DEVICE("timer", 1) A;\n')
        self.assertEqual(self.idl('--output=out', status=WRONG),
                         f'{self.line(2)}Timer: BM_DEVICE("timer"): A has this name already\n')

    def test_members_without_a_name(self):
        self.write('\nstruct { int x; };')
        self.assertEqual(self.idl('--output=out', status=WRONG), self.line(2) +
                         'Timer.(no name): members of a struct or union without a name cannot be '
                         'told apart from its own; give it one\n')

    def test_several(self):
        self.write('long a;\n long b;')
        self.assertEqual(len(self.idl('--output=out', status=WRONG).splitlines()), 2)

    def test_no_device(self):
        (self.folder / 'timer.h').write_text('struct Timer { int x; };\n')
        self.assertEqual(self.idl('--output=out', status=WRONG),
                         'timer.h: no struct has BM_DEVICE\n')

    def test_not_c(self):
        self.write('\n unknown_t x;')
        self.assertEqual(self.idl('--output=out', status=WRONG),
                         f"{self.line(2)}unknown type name 'unknown_t'\n")

    def test_what_the_compiler_only_warns_of(self):
        self.write('\n uint8_t x BM_DEFAULT(300);')
        said = self.idl('--output=out', status=WRONG)
        self.assertTrue(said.startswith(f'{self.line(2)}Timer.x: BM_DEFAULT(300): '), said)
        self.assertIn('changes value from 300 to 44', said)


class WithoutAWord(idl.IdlTest):
    """What needs no annotation: it stands in the table of what is not sent, with a reason."""

    def test_const_and_functions(self):
        self.write('int x; const int a; void *const b; const int c[3]; void (*d)(void); '
                   'int (*e[2])(int); int : 3;')
        self.assertEqual(self.idl('--output=out', status=OK), '')
        code = (self.folder / 'out.c').read_text()
        for name in 'abc':
            self.assertIn(f'{{"{name}", "immutable", "const"}}', code)
        for name in 'de':
            self.assertIn(f'{{"{name}", "immutable", "a pointer to a function"}}', code)


class Usage(idl.IdlTest):
    def test_wrong(self):
        self.write('int x;')
        for arguments in [(), ('--no-such-option',), ('--output=a', 'b.h'), ('--depfile=a',)]:
            self.assertIn('try bermig-idl --help', self.idl(*arguments, status=RUN))

    def test_no_header(self):
        self.assertEqual(self.idl('--output=a', header='none.h', status=WRONG),
                         'none.h: clang cannot read it\n')

    def test_no_folder(self):
        self.write('int x;')
        self.assertIn('No such file', self.idl('--output=no/such/folder', status=RUN))

    def test_macros_from_outside(self):
        self.write('int x[N];')
        self.idl('--output=a', '-DN=3')
        self.assertIn('.count = 3', (self.folder / 'a.c').read_text())


if __name__ == '__main__':
    unittest.main()
