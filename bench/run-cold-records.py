# SPDX-License-Identifier: BSD-2-Clause
"""Has the installed QEMU write the stream of a pc machine, and measures its cold
records: what bench-cold-records takes as an argument."""
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'tests', 'live'))

from streams import make, x86_machines

with tempfile.TemporaryDirectory(prefix='bermig-bench-') as folder:
    machine = next(machine for machine in x86_machines(None) if machine.name == 'pc')
    ber = os.path.join(folder, 'pc.ber')
    subprocess.run([os.environ['BERMIG'], 'convert', make(machine, folder), ber], check=True)
    subprocess.run([os.environ['BENCH_COLD_RECORDS'], ber], check=True)
