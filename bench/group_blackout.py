# SPDX-License-Identifier: BSD-2-Clause
"""What a stream costs while its guest stands still, when its description is new and when it is not."""
import os
import subprocess

from figures import Report
from processes import Failed
from streams import make, x86_machines

TITLE = 'Blackout'


def run(context):
    report = Report(TITLE)
    program = os.path.join(context.build, 'bench/bench-blackout')
    if not os.path.exists(program):
        report.skipped.append('all: bench-blackout was not built')
        return report
    report.paragraph('''From the end of the guest's memory to the end of the stream, memory to memory: devices and their
        description.  "Seen before" is a guest whose description both ends have kept of an earlier one; they
        read it before the guest stands still; "but for a name" is one that differs in one device, that in the middle
        of the text, which in a pc has half of it.  QEMU's own work, system calls and the network are not in the first
        three columns.  The wanted most is 1 ms for each end.''')
    for machine in x86_machines(None):
        if machine.name not in ('pc', 'q35-devices'):
            continue
        done = subprocess.run([program, make(machine, context.folder)], capture_output=True, text=True, check=False)
        if done.returncode:
            raise Failed(done.stderr.strip())
        report.paragraph(f'{machine.name} of the QEMU that is installed, medians of 41 rounds in turn:')
        report.text.append(done.stdout.strip())
    return report
