# SPDX-License-Identifier: BSD-2-Clause
"""Device state: save and load, by bermig and by others (bench/device)."""
import collections
import math
import os
import subprocess

import chart
from figures import Report, Target, ratios, spread
from processes import Failed

TITLE = 'Device state'
PROGRAMS = ['bench/device/bench-device']
OURS = 'bermig, BER'
FAST = ('protobuf-c', 'GVariant')


def measure(program, module, rounds):
    """{(device, fields): {contender: {'octets': n, 'save': [ns], 'load': [ns]}}}"""
    done = subprocess.run([program, str(rounds)], env={**os.environ, 'BENCH_MODULE': module}, capture_output=True,
                          text=True, check=False)
    if done.returncode:
        raise Failed(done.stderr.strip())
    devices = collections.defaultdict(lambda: collections.defaultdict(lambda: {'save': [], 'load': []}))
    for line in done.stdout.splitlines():
        device, fields, what, contender, octets, ns = line.split('\t')
        of = devices[device, int(fields)][contender]
        of[what].append(float(ns))
        of['octets'] = int(octets)
    return devices


def row(name, samples, ours, fields):
    cells = [name, samples['octets']]
    for what in ('save', 'load'):
        cells += [f'{spread(samples[what]).median:,.0f}', f'{spread(samples[what]).median / fields:.1f}',
                  f'{ratios(samples[what], ours[what]):.2f}']
    return cells


def all_ratios(devices, name, what):
    """Of all devices: a contender's time to ours, its geometric mean in each round."""
    per_device = [[other / own for other, own in zip(one[name][what], one[OURS][what])] for one in devices.values()]
    return spread(math.exp(sum(map(math.log, values)) / len(values)) for values in zip(*per_device))


def targets(report, devices):
    names = next(iter(devices.values()))
    for begin, limit in (('asn1c', 10), ('libtasn1', 30), *((name, 1) for name in FAST), ("bermig, QEMU's octets", 1 / 1.5),
                         ('plain octets', 1 / 1.5)):
        name = next(name for name in names if name.startswith(begin))
        for what in ('save', 'load'):
            report.targets.append(Target(f'{what}: time of {name} / bermig', round(limit, 2),
                                         all_ratios(devices, name, what)))


def run(context):
    report = Report(TITLE)
    program, module = (os.path.join(context.build, 'bench/device', name) for name in ('bench-device', 'bench.asn1'))
    if not os.path.exists(program):
        report.skipped.append('all: bench-device was not built, run scripts/setup.sh bench')
        return report
    devices = measure(program, module, context.rounds)
    report.paragraph('''Three devices of a pc go from the C object in memory to octets in memory (save), and back
        (load).  Processor time for the whole device; "per value" is that by the number of values.  The ratio is the
        contender's time to that of bermig, so above 1 bermig is faster.  bermig saves the device's own struct by its
        table, with conditions, hooks, nested structs and subsections, and checks each value against its description;
        "bermig, QEMU's octets" is the same walk to and from QEMU's form.  The others have the values as a flat list,
        arrays as octets ready for the wire; "plain octets" is that list copied big-endian in a loop, with no name, no
        type and no length: what no format can beat.  A schema is there before, as those of the others are, and was
        walked before; what the first time costs, and where the time goes, is in HACKING.md.''')
    panels = []
    for (device, fields), contenders in devices.items():
        report.text.append(f'## {device}, {fields} values')
        report.table(['', 'octets', 'save, ns', 'per value', 'ratio (min-max)', 'load, ns', 'per value',
                      'ratio (min-max)'],
                     [row(name, samples, contenders[OURS], fields) for name, samples in contenders.items()])
        panels.append((f'{device}, {fields} values',
                       [(name, [spread(value / fields for value in samples[what]) for what in ('save', 'load')])
                        for name, samples in contenders.items()]))
    report.chart('device', chart.bars('Device state: processor time for one value', ['save', 'load'], panels,
                                      'ns for one value, logarithmic', logarithmic=True))
    targets(report, devices)
    return report
