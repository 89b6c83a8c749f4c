#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Move a running Linux between two QEMUs and tell about it; ./demo sets it up.

usage: demo.py BERMIG KERNEL INITRAMFS
"""
import os
import signal
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'tests', 'live'))

from guest import linux  # noqa: E402
from migrate import Ends  # noqa: E402
from qmp import QmpError  # noqa: E402
from waiting import Failure  # noqa: E402

MIB = 1 << 20
# On one machine the move would be over before anybody could see it.
BANDWIDTH = 24 * MIB
SECONDS = 120
# What is shown of the stream: which paths, and how many lines of each.
DUMPED = (('configuration.machine', 1), ('cpu.env.eip', 1), ('cpu.env.segs*', 3), ('serial.serial.*', 3),
          ('PIIX3*irq_state*', 2))


def show(text=''):
    print(text, flush=True)


def boot(guest, vm):
    show('A Linux boots in the first QEMU and starts to rewrite its memory ...')
    guest.wait_for(vm, 120, count=10, rounds=3)
    show(f'    it prints: {last_line(vm)}')


def last_line(vm):
    return vm.serial().splitlines()[-2]  # the very last one may be half


def move_live(ends, record):
    options = [f'--max-bandwidth={BANDWIDTH}', f'--send-option=--record={record}', '--progress']
    show('\nA second QEMU waits with -incoming defer, and the guest moves while it runs')
    show(f'    (held to {BANDWIDTH // MIB} MiB/s, so that there is something to see)\n')
    show(f'$ bermig migrate --from=unix:source.qmp --to=unix:destination.qmp --max-bandwidth={BANDWIDTH}')
    # Its line and its summary are for whoever looks on.
    if ends.begin(*options, stdout=None, stderr=None).wait(SECONDS) != 0:
        raise Failure(f'the guest was not moved; {ends.story()}')


def look_at_guest(guest, ends):
    before = guest.last(ends.source.serial())
    guest.wait_for_more(ends.destination, 60, before)
    guest.expect_no_gap(ends.source.serial(), ends.destination.serial())
    after = guest.last(ends.destination.serial())
    show('\nThe guest runs on')
    show(f'    count      {before[0]} when it left, {after[0]} now, and not a line is missing')
    show(f'    memory     checked {after[1] - before[1]} times since, every octet right')
    show(f'    it prints: {last_line(ends.destination)}')


def show_dump(bermig, record):
    show('\nA look into the stream: bermig dump')
    for glob, count in DUMPED:
        for line in dump(bermig, record, glob)[:count]:
            show('    ' + line)


def dump(bermig, record, glob):
    done = subprocess.run([bermig, 'dump', f'--path={glob}', record], capture_output=True, text=True,
                          timeout=60, check=False)
    if done.returncode != 0:
        raise Failure(f'bermig dump: {done.stderr.strip()}')
    return done.stdout.splitlines()


def demonstrate(bermig, kernel, initramfs, folder):
    os.environ['BERMIG'] = bermig
    guest = linux(kernel, initramfs)
    record = os.path.join(folder, 'record.ber')
    with Ends(folder, guest) as ends:
        boot(guest, ends.source)
        move_live(ends, record)
        look_at_guest(guest, ends)
    show_dump(bermig, record)


def end(number, _frame):
    sys.exit(128 + number)  # as an exception, so that everything is cleaned up


def main():
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, end)
    try:
        # Not below TMPDIR: the path of a UNIX socket has at most 107 octets.
        with tempfile.TemporaryDirectory(prefix='bermig-live-', dir='/tmp') as folder:
            demonstrate(*map(os.path.abspath, sys.argv[1:]), folder)
    except (Failure, QmpError, subprocess.TimeoutExpired) as failure:
        sys.exit(f'\ndemo: {failure}')


if __name__ == '__main__':
    main()
