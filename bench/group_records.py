# SPDX-License-Identifier: BSD-2-Clause
"""Cold records: schemas and what stands around them, by us, by asn1c and by libtasn1."""
import os
import subprocess

import chart
from figures import Report, parsed, tables
from processes import Failed
from streams import make, x86_machines

TITLE = 'Cold records'


def add_chart(report, rows):
    panels = [(what, [(cells[0].replace('our ', 'bermig: our '), [parsed(cells[at])]) for cells in rows if parsed(cells[at])])
              for what, at in (('decode', 1), ('encode', 3))]
    report.chart('records', chart.bars('Cold records', ['time'], panels, 'ns per record'))


def run(context):
    report = Report(TITLE)
    program = os.path.join(context.build, 'bench/bench-cold-records')
    if not os.path.exists(program):
        report.skipped.append('all: bench-cold-records was not built')
        return report
    machine = next(machine for machine in x86_machines(None) if machine.name == 'pc')
    ber = os.path.join(context.folder, 'pc.ber')
    subprocess.run([context.bermig, 'convert', make(machine, context.folder), ber], check=True)
    done = subprocess.run([program, ber], capture_output=True, text=True, check=False)
    if done.returncode:
        raise Failed(done.stderr.strip())
    report.paragraph('''The preamble, the configuration, the schemas, the finish and the trailer of a pc machine.  "Our
        reader and writer" also checks checksums, names and limits and interns the schemas; the others go from octets
        to their own trees and back.''')
    report.text.append(done.stdout.strip())
    add_chart(report, tables(done.stdout)[0][1])
    return report
