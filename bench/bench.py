#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Runs groups of benchmarks and writes what they say, as Markdown and SVG; called by ../bench."""
import argparse
import dataclasses
import importlib
import os
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, '..', 'tests', name) for name in ('live', 'cli')]

from processes import Failed, Runner  # noqa: E402

GROUPS = ('device', 'ram', 'records', 'blackout', 'tools', 'scaling', 'migration')


@dataclasses.dataclass
class Context:
    """What a group needs to know."""
    build: str          # build folder
    quick: bool         # less of everything, to see whether it works
    folder: str         # for files, large ones too
    rounds: int
    guests: list = dataclasses.field(default_factory=list)  # of the group migration: parts of their names; empty: all
    ways: list = dataclasses.field(default_factory=list)    # the same

    @property
    def bermig(self):
        return os.path.join(self.build, 'cli/bermig')

    @property
    def runner(self):
        return Runner(self.build)

    @staticmethod
    def say(text):
        print(f'    {text}', file=sys.stderr, flush=True)


def write(folder, name, report, rounds):
    os.makedirs(folder, exist_ok=True)
    for chart, svg in report.charts.items():
        with open(os.path.join(folder, f'{chart}.svg'), 'w', encoding='utf-8') as file:
            file.write(svg)
    text = report.markdown(rounds)
    with open(os.path.join(folder, f'{name}.md'), 'w', encoding='utf-8') as file:
        file.write(text)
    print(text, flush=True)


def run_group(name, context, out):
    group = importlib.import_module(f'group_{name}')
    begin = time.monotonic()
    print(f'{name} ...', file=sys.stderr, flush=True)
    report = group.run(context)
    kind = 'a quick run: only to see that it works' if context.quick else time.strftime('%Y-%m-%d')
    write(out, name, report, f'Medians of {context.rounds} interleaved rounds, least and most in brackets; {kind}.')
    print(f'{name}: {time.monotonic() - begin:.0f} s', file=sys.stderr, flush=True)
    if report.failed:
        raise Failed('; '.join(report.failed))


def main():
    parser = argparse.ArgumentParser(prog='bench', description=__doc__)
    parser.add_argument('--build', required=True)
    parser.add_argument('--out', required=True)
    parser.add_argument('--quick', action='store_true')
    parser.add_argument('--rounds', type=int)
    parser.add_argument('--guest', action='append', default=[])
    parser.add_argument('--way', action='append', default=[])
    parser.add_argument('groups', nargs='*', metavar='GROUP', help=', '.join(GROUPS))
    options = parser.parse_args()
    for name in options.groups:
        if name not in GROUPS:
            parser.error(f'there is no group {name}; there are: {", ".join(GROUPS)}')
    failed = []
    # /tmp, not TMPDIR: the path of a UNIX socket has at most 107 octets.
    with tempfile.TemporaryDirectory(prefix='bermig-bench-', dir='/tmp') as folder:
        os.environ.setdefault('BERMIG', os.path.join(options.build, 'cli/bermig'))
        os.environ.setdefault('TINY_GUEST', os.path.join(options.build, 'tests/guest/tiny.elf'))
        context = Context(os.path.abspath(options.build), options.quick, folder,
                          options.rounds or (3 if options.quick else 5), options.guest, options.way)
        for name in options.groups or GROUPS:
            try:
                run_group(name, context, options.out)
            except Failed as problem:
                print(f'bench: {name}: {problem}', file=sys.stderr)
                failed.append(name)
    if failed:
        sys.exit(f'bench: failed: {", ".join(failed)}')


if __name__ == '__main__':
    main()
