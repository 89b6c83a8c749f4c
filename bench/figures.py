# SPDX-License-Identifier: BSD-2-Clause
"""Figures: samples of interleaved runs, their ratios, and tables of them in Markdown."""
import dataclasses
import os
import platform
import re
import statistics
import subprocess


@dataclasses.dataclass
class Spread:
    """The median of some samples, and how far they reach."""
    median: float
    low: float
    high: float

    def __format__(self, spec):
        return f'{self.median:{spec}} ({self.low:{spec}}-{self.high:{spec}})'


def first_line(text):
    return str(text).strip().partition('\n')[0]


def spread(samples):
    samples = list(samples)
    return Spread(statistics.median(samples), min(samples), max(samples))


def ratios(samples, others):
    """How much the first are of the second, round by round: what one round was disturbed by hit both."""
    return spread(one / other for one, other in zip(samples, others) if other)


@dataclasses.dataclass
class Target:
    """What the project wants of a ratio."""
    what: str
    limit: float
    got: Spread
    at_least: bool = True

    def is_met(self):
        return self.got.median >= self.limit if self.at_least else self.got.median <= self.limit

    def row(self):
        return [self.what, f'{"at least" if self.at_least else "at most"} {self.limit:g}', f'{self.got:.4g}',
                'yes' if self.is_met() else '**no**']


@dataclasses.dataclass
class Report:
    """What a group has to say: Markdown, and charts by the ends of their names."""
    title: str
    text: list = dataclasses.field(default_factory=list)
    charts: dict = dataclasses.field(default_factory=dict)
    targets: list = dataclasses.field(default_factory=list)
    skipped: list = dataclasses.field(default_factory=list)
    failed: list = dataclasses.field(default_factory=list)

    def paragraph(self, text):
        self.text.append(' '.join(text.split()))

    def table(self, head, rows):
        self.text.append(markdown(head, rows))

    def chart(self, name, svg):
        self.charts[name] = svg
        self.text.append(f'![{self.title}: {name}]({name}.svg)')

    def markdown(self, rounds):
        parts = [f'# {self.title}', f'{machine()}.  {rounds}', *self.text]
        if self.targets:
            parts += ['## Targets', markdown(['ratio', 'target', 'got', 'met'], [one.row() for one in self.targets])]
        if self.skipped:
            parts += ['Left out: ' + '; '.join(self.skipped) + '.']
        if self.failed:
            parts += ['Failed: ' + '; '.join(self.failed) + '.']
        return '\n\n'.join(parts) + '\n'


def markdown(head, rows):
    """The first column is text, the others are figures."""
    lines = ['| ' + ' | '.join(head) + ' |', '|---|' + '---:|' * (len(head) - 1)]
    return '\n'.join(lines + ['| ' + ' | '.join(str(cell) for cell in row) + ' |' for row in rows])


def tables(text):
    """[(title, [cells of a row])] of Markdown that a program printed, each table with the title before it."""
    title, found = '', []
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.split('|')[1:-1]]
        if line.startswith('#'):
            title = line.lstrip('# ')
        elif line.startswith('|---'):
            found.append((title, []))
        elif line.startswith('| ') and found and found[-1][0] == title:
            found[-1][1].append(cells)
    return found


def parsed(text):
    """The Spread in a cell, "1.02 (0.91-1.05)" or "1.02"; None if there is none."""
    found = re.fullmatch(r'([\d.]+)(?: \(([\d.]+)-([\d.]+)\))?', text)
    return Spread(*(float(value or found[1]) for value in found.groups())) if found else None


def machine():
    """The machine by its processor, memory and kernel, and how busy it is with other things."""
    with open('/proc/cpuinfo', encoding='ascii', errors='replace') as file:
        model = re.search(r'^(?:model name|Hardware)\s*:\s*(.*)$', file.read(), re.MULTILINE)
    memory = os.sysconf('SC_PHYS_PAGES') * os.sysconf('SC_PAGE_SIZE') / 2**30
    return (f'{model[1] if model else platform.machine()}, {os.cpu_count()} processors, {memory:.0f} GiB, '
            f'{platform.system()} {platform.release()}, load {os.getloadavg()[0]:.1f}')


def version(*command):
    """The first thing like a version that a program says of itself."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    found = re.search(r'\d+\.\d+[\w.]*', done.stdout + done.stderr)
    return found[0] if found else ''
