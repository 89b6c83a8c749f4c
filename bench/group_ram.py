# SPDX-License-Identifier: BSD-2-Clause
"""Guest memory: what bench-ram prints."""
import os
import subprocess

from figures import Report
from processes import Failed

TITLE = 'Guest memory'


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
    return report
