#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Move a running Linux between two QEMUs and tell about it; ./demo sets it up.

usage: demo.py BERMIG KERNEL INITRAMFS
"""
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'tests', 'live'))

from guest import linux  # noqa: E402
from move import Move  # noqa: E402
from qmp import QmpError  # noqa: E402
from waiting import Failure  # noqa: E402

MIB = 1 << 20
# On one machine the move would be over before anybody could see it.
BANDWIDTH = 24 * MIB
# What is shown of the stream: which paths, and how many lines of each.
DUMPED = (('configuration.machine', 1), ('cpu.env.eip', 1), ('cpu.env.segs*', 3), ('serial.serial.*', 3),
          ('PIIX3*irq_state*', 2))


class Screen:
    """Plain lines, and one that is written over as long as something goes on.

    Where the output is no terminal such a line comes once a second instead.
    """

    def __init__(self):
        self._terminal = sys.stdout.isatty()
        self._width = min(shutil.get_terminal_size().columns, 80) - 1
        self._last = 0.0
        self._open = False

    def line(self, text=''):
        self._close()
        print(text, flush=True)

    def passing(self, text):
        if self._terminal:
            print('\r' + text[:self._width].ljust(self._width), end='', flush=True)
            self._open = True
        elif time.monotonic() - self._last >= 1:
            self._last = time.monotonic()
            print(text, flush=True)

    def _close(self):
        if self._open:
            print()
            self._open = False


def show_progress(screen, state):
    ram = state.get('ram')
    if ram:
        screen.passing(f'    {state["status"]:10} {ram["transferred"] / MIB:7.1f} MiB sent '
                       f'{ram["remaining"] / MIB:7.1f} MiB left {ram["mbps"] / 8.389:6.1f} MiB/s'
                       f'  pass {ram["dirty-sync-count"]}')


def boot(screen, guest, vm):
    screen.line('A Linux boots in the first QEMU and starts to rewrite its memory ...')
    guest.wait_for(vm, 120, count=10, rounds=3)
    screen.line(f'    it prints: {last_line(vm)}')


def last_line(vm):
    return vm.serial().splitlines()[-2]  # the very last one may be half


def move_live(screen, move):
    screen.line('\nA second QEMU waits for it, and it moves while it runs')
    screen.line(f'    there: -incoming "exec:bermig recv {move.uri}"')
    screen.line(f'    here:  migrate  "exec:bermig send {move.uri}"')
    screen.line(f'    (held to {BANDWIDTH // MIB} MiB/s, so that there is something to see)')
    move.begin(max_bandwidth=BANDWIDTH)
    return move.watch(120, lambda state: show_progress(screen, state))


def report(screen, move, result):
    send = result.send
    screen.line('\nThe guest runs on the destination')
    screen.line(f'    count      {result.before[0]} when it left, {result.after[0]} now, and not a line is missing')
    screen.line(f'    memory     checked {result.after[1] - result.before[1]} times since, every octet right')
    screen.line(f'    it prints: {last_line(move.destination)}')
    screen.line(f'    time       {result.total_ms / 1000:.1f} s, of which it stood still for {result.downtime_ms} ms')
    screen.line('\nWhat went over the wire')
    screen.line(f"    QEMU's own stream   {send.qemu:>13,} octets")
    screen.line(f'    the same as BER     {send.wire:>13,} octets, {percent(send.wire, send.qemu)} of it')
    screen.line(f'    the description     {send.description:>13,} octets, {percent(send.description, send.wire)} of the BER')


def percent(part, whole):
    return f'{100 * part / whole:.2f} %'


def show_dump(screen, bermig, record):
    screen.line('\nA look into the stream: bermig dump')
    for glob, count in DUMPED:
        for line in dump(bermig, record, glob)[:count]:
            screen.line('    ' + line)


def dump(bermig, record, glob):
    done = subprocess.run([bermig, 'dump', f'--path={glob}', record], capture_output=True, text=True,
                          timeout=60, check=False)
    if done.returncode != 0:
        raise Failure(f'bermig dump: {done.stderr.strip()}')
    return done.stdout.splitlines()


def demonstrate(bermig, kernel, initramfs, folder):
    screen = Screen()
    guest = linux(kernel, initramfs)
    record = os.path.join(folder, 'record.ber')
    with Move(folder, guest, bermig, record=record) as move:
        boot(screen, guest, move.source)
        state = move_live(screen, move)
        result = move.finish(state, 60)
        report(screen, move, result)
    show_dump(screen, bermig, record)


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
