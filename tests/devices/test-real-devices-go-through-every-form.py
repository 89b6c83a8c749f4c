# SPDX-License-Identifier: BSD-2-Clause
"""All devices that there is a table for, in streams that the installed QEMU writes
now and, where they lie beside the checkout (../shared/corpus) or BERMIG_CORPUS
names them, in those of QEMU 5.2 to 11.1: from QEMU's octets into the struct, as
BER into another one, and back to the same octets."""
import collections
import glob
import os
import subprocess
import sys
import tempfile

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(TOP, 'tests', 'live'))

from streams import make_all

PROGRAM = os.environ['REAL_DEVICES']
# In fresh streams of the machines pc and q35, whatever the release.
ALWAYS = ('mc146818rtc', 'i8259', 'i8254', 'serial', 'ps2kbd', 'pckbd', 'hpet', '/PIIX3', '/e1000',
          'ioapic', 'fw_cfg', '/piix4_pm', '/virtio-blk')

# With a sanitizer, which takes several times as long, one of so many streams of a collection: the tables
# that they go through are the same.
STEP = 3 if os.environ.get('BERMIG_SANITIZE', 'none') != 'none' else 1

sections = collections.Counter()
values = collections.Counter()
wrong = 0


def pass_through(path):
    global wrong
    done = subprocess.run([PROGRAM, path], capture_output=True, text=True, timeout=120)
    for line in done.stdout.splitlines():
        name, spelling, count, leaves = line.split()
        sections[name, spelling] += int(count)
        values[name, spelling] += int(leaves)
    if done.returncode != 0:
        print(done.stderr[-2000:])
        wrong += 1


def report(title, streams):
    print(f'{title}: {streams} streams')
    for (name, spelling), count in sections.items():
        print(f'  {name:12} {spelling:4} {count:6} sections {values[name, spelling]:9} values')


def fresh(folder):
    streams = make_all(folder, os.environ.get('TINY_GUEST'))
    for stream in streams:
        pass_through(stream['path'])
    report('fresh', len(streams))
    missing = [name for name in ALWAYS if not any(sections[name, s] for s in ('own', 'qemu'))]
    if missing:
        sys.exit(f'no {", ".join(missing)} in fresh streams')


def collection(folder):
    corpus = os.environ.get('BERMIG_CORPUS') or os.path.join(TOP, '..', 'shared', 'corpus')
    packed = [path for ending in ('mig', 'save') for path in glob.glob(f'{corpus}/*.{ending}.zst')
              if 'mapped-ram' not in path and 'sparse' not in path]
    packed = sorted(packed)[::STEP]
    for path in packed:
        plain = os.path.join(folder, os.path.basename(path)[:-len('.zst')])
        subprocess.run(['zstd', '-dqf', path, '-o', plain], check=True)
        pass_through(plain)
        os.unlink(plain)
    if packed:
        report('with the collection', len(packed))


with tempfile.TemporaryDirectory(prefix='bermig-devices-') as scratch:
    fresh(scratch)
    collection(scratch)
sys.exit(1 if wrong else 0)
