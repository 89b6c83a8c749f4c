# SPDX-License-Identifier: BSD-2-Clause
"""Guest memory: what bench-ram prints."""
import os
import subprocess

import chart
from figures import Report, Target, parsed, tables
from processes import Failed

TITLE = 'Guest memory'
# Of the time from end to end, where the machine has nothing else to do.
TARGETS = (('From memory to a pipe', 'bermig, the guest stands still'), ('From a pipe to memory', 'bermig, into place'),
           ('Looking for zeros in zeros', 'bermig'))
LEAST = 0.9


def add_chart(report, groups):
    panels = [(title, [(name, [parsed(ratio)]) for name, _, ratio, _, _ in rows if 'vmsplice' not in name])
              for title, rows in groups]
    report.chart('ram', chart.bars('Guest memory, from end to end', ['speed'], panels,
                                   'times as fast as the first of the group (vmsplice is not shown)'))


def add_targets(report, groups):
    ratios = {(title, name): ratio for title, rows in groups for name, _, ratio, _, _ in rows}
    for title, name in TARGETS:
        peer = next(rows[0][0] for group, rows in groups if group == title)
        report.targets.append(Target(f'{title}: speed of {name} / {peer}', LEAST, parsed(ratios[title, name])))


def run(context):
    report = Report(TITLE)
    program = os.path.join(context.build, 'bench/bench-ram')
    if not os.path.exists(program):
        report.skipped.append('all: bench-ram was not built')
        return report
    done = subprocess.run([program, '64' if context.quick else '512', str(context.rounds)], capture_output=True, text=True, check=False)
    if done.returncode:
        raise Failed(done.stderr.strip())
    report.text.append(done.stdout.strip())
    groups = tables(done.stdout)
    add_chart(report, groups)
    add_targets(report, groups)
    return report
