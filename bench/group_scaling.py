# SPDX-License-Identifier: BSD-2-Clause
"""How time and memory grow with the guest's memory, its devices and the passes over its memory.

Streams are made here and go to bermig through a pipe; none is stored.  Processor time
and peak memory are those of bermig alone.
"""
import dataclasses
import json
import os
import struct

import chart
import legacy
from figures import Report, Target, ratios, spread

TITLE = 'Scaling'
MIB = 1 << 20
LARGEST_PEAK_MIB = 64
STEADY = 1.5        # most that one unit may cost more in the largest stream than in the smallest


@dataclasses.dataclass
class Series:
    name: str
    unit: str
    sizes: list
    feed: object        # of a size: a function that writes the stream
    per: str            # what one unit is, in words


# ---- streams

def item(block, offset, flags):
    return legacy.word(offset | flags) + block


def zero_pages(write, pages):
    """All of a memory as zero pages, with one full page in each 4 MiB."""
    write(b'\2' + struct.pack('>I', legacy.RAM_ID))
    full = os.urandom(legacy.PAGE)
    block, flags, step = legacy.string('pc.ram'), 0, 1024
    pack = struct.Struct('>QB').pack
    for first in range(0, pages, step):
        write(item(block, first * legacy.PAGE, flags | legacy.FULL) + full)
        block, flags = b'', legacy.CONTINUE
        zero = flags | legacy.ZERO
        write(b''.join(pack(page * legacy.PAGE | zero, 0) for page in range(first + 1, min(first + step, pages))))
    write(legacy.word(legacy.EOS) + legacy.footer(legacy.RAM_ID))


def memory_stream(mib):
    pages = mib * MIB // legacy.PAGE

    def feed(write):
        write(legacy.head() + legacy.ram_start(pages))
        zero_pages(write, pages)
        write(legacy.ending())
    return feed


def device(number):
    fields = b''.join(octets for _, _, octets in legacy.FIELDS)
    return (b'\4' + struct.pack('>I', number) + legacy.string(f'bus/{number}') + struct.pack('>II', 0, 2) + fields
            + legacy.footer(number))


def described(number):
    return {'name': f'bus/{number}', 'instance_id': 0, 'vmsd_name': 'small', 'version': 2,
            'fields': [{'name': name, 'type': kind, 'size': len(octets)} for name, kind, octets in legacy.FIELDS]}


def device_stream(count):
    def feed(write):
        write(legacy.beginning() + legacy.ram_pages([], end=True))
        for number in range(count):
            write(device(legacy.DEVICE_ID + number))
        text = json.dumps({'page_size': legacy.PAGE,
                           'devices': [described(legacy.DEVICE_ID + number) for number in range(count)]}).encode()
        write(legacy.END + b'\6' + struct.pack('>I', len(text)) + text)
    return feed


def busy_stream(passes, mib=4):
    pages = mib * MIB // legacy.PAGE
    memory = os.urandom(2 * legacy.PAGE * 64)

    def content(turn, page):
        begin = (turn * 7 + page * 13) % 64 * legacy.PAGE + turn % 64
        return memory[begin:begin + legacy.PAGE]

    def one_pass(turn):
        octets = [b'\2' + struct.pack('>I', legacy.RAM_ID)]
        block, flags = legacy.string('pc.ram'), 0
        for page in range(pages):
            octets.append(item(block, page * legacy.PAGE, flags | legacy.FULL) + content(turn, page))
            block, flags = b'', legacy.CONTINUE
        octets.append(legacy.word(legacy.EOS) + legacy.footer(legacy.RAM_ID))
        return b''.join(octets)

    def feed(write):
        write(legacy.head() + legacy.ram_start(pages))
        for turn in range(passes):
            write(one_pass(turn))
        write(legacy.ending())
    return feed


def all_series(quick):
    limit = (lambda sizes: sizes[:3]) if quick else (lambda sizes: sizes)
    return [
        Series('sparse memory', 'GiB of memory', limit([256, 1024, 4096, 16384]), memory_stream, 'page'),
        Series('devices', 'devices', limit([10, 100, 1000, 10000]), device_stream, 'device'),
        Series('passes', 'passes over 4 MiB of memory', limit([4, 16, 64, 256]), busy_stream, 'pass'),
    ]


# ---- measuring

COMMANDS = {'convert': ['convert', '-', '-'], 'validate': ['validate', '-'], 'dump': ['dump', '-']}


def measure(context, series):
    """{(command, size): [Took]}"""
    took = {(command, size): [] for command in COMMANDS for size in series.sizes}
    for _ in range(context.rounds):
        for (command, size), runs in took.items():
            runs.append(context.runner.run([context.bermig, *COMMANDS[command]], feed=series.feed(size)))
    return took


def shown(series, size):
    return size / 1024 if series.unit.startswith('GiB') else size


def add(report, series, took):
    report.text.append(f'## {series.name[0].upper()}{series.name[1:]}')
    head = [series.unit] + [f'{command}, {what}' for command in COMMANDS for what in ('CPU s', 'MiB at most')]
    rows = []
    for size in series.sizes:
        cells = [f'{shown(series, size):g}']
        for command in COMMANDS:
            runs = took[command, size]
            cells += [f'{spread(one.cpu for one in runs):.3f}', f'{max(one.peak for one in runs) / MIB:.1f}']
        rows.append(cells)
    report.table(head, rows)
    small, large = series.sizes[-2:]
    for command in COMMANDS:
        per_unit = [[one.cpu / size for one in took[command, size]] for size in (large, small)]
        report.targets.append(Target(f'{command}: CPU of one {series.per}, in a stream {large // small} times as long',
                                     STEADY, ratios(*per_unit), at_least=False))
        peaks = spread(one.peak / MIB for one in took[command, large])
        report.targets.append(Target(f'{command}: MiB of memory with {shown(series, large):g} {series.unit}',
                                     LARGEST_PEAK_MIB, peaks, at_least=False))


def panels(series, took):
    for what, unit, value in (('processor time', 'seconds', lambda one: one.cpu),
                              ('peak memory', 'MiB', lambda one: one.peak / MIB)):
        yield (f'{what}, {series.name}', f'{series.unit}', unit,
               [(command, [(shown(series, size), spread(map(value, took[command, size]))) for size in series.sizes])
                for command in COMMANDS])


def run(context):
    report = Report(TITLE)
    report.paragraph('''Streams are made on the fly and go to bermig through a pipe.  Sparse memory is one full page in
        each 4 MiB, the others zero.  All devices and their descriptions have to be held until the end of a QEMU stream
        is there, since the description comes last: so memory grows with devices, and with nothing else.''')
    charts = []
    for series in all_series(context.quick):
        context.say(f'{series.name}: {", ".join(f"{shown(series, size):g}" for size in series.sizes)}')
        took = measure(context, series)
        add(report, series, took)
        charts += panels(series, took)
    report.chart('scaling', chart.lines('Time and memory as the guest grows', charts))
    return report
