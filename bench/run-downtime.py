#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Downtime and total time of a move through bermig, beside QEMU's own tcp: one.

usage: run-downtime.py [ROUNDS [MIB]]

Two emulated guests of the same kind move in turn, once as BER and once from QEMU to
QEMU, ROUNDS (5) times; each has MIB (64) of memory in use and changes some of it all
the time.  Both have a return path, so that QEMU counts until the destination has
loaded everything.  Printed are the medians.  The target is at most 5 ms more
downtime; the exit status is 1 if it is missed.
"""
import os
import statistics
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'tests', 'live'))

import live  # noqa: E402
from table import Cell, run_cell  # noqa: E402
from versions import common_machine, installed  # noqa: E402

TARGET_MS = 5
PAGES_PER_TICK = 16
# Otherwise QEMU goes over at once, and the downtime is that of the memory.
LIMIT_MS = 5


def measure(rounds, mib):
    qemu = installed()
    guest = live.tiny_guest(mib, PAGES_PER_TICK)
    machine = common_machine(qemu.number, qemu.number)
    outcomes = {'plain': [], 'bermig': []}
    for _ in range(rounds):
        for ends, results in outcomes.items():
            results.append(run_cell(Cell(qemu, qemu, machine, ends, ends, downtime_ms=LIMIT_MS), guest, rounds=0))
    return qemu, outcomes


def median(results, what):
    return statistics.median(getattr(result, what) for result in results)


def show(name, results):
    downtimes = ' '.join(str(result.downtime_ms) for result in results)
    print(f'{name:16} {median(results, "downtime_ms"):6.0f} ms down {median(results, "total_ms"):8.0f} ms in all'
          f'   downtimes: {downtimes}')


def main():
    if len(sys.argv) > 3 or not all(word.isdigit() for word in sys.argv[1:]):
        sys.exit(__doc__)
    rounds, mib = (int(word) for word in (*sys.argv[1:], *('5', '64')[len(sys.argv) - 1:]))
    try:
        qemu, outcomes = measure(rounds, mib)
    except live.Skip as reason:
        sys.exit(str(reason))
    print(f'QEMU {qemu.version}, {mib} MiB in use, medians of {rounds}')
    show('QEMU tcp:', outcomes['plain'])
    show('bermig, BER', outcomes['bermig'])
    more = median(outcomes['bermig'], 'downtime_ms') - median(outcomes['plain'], 'downtime_ms')
    print(f'{more:+.0f} ms of downtime, the target is at most {TARGET_MS:+}')
    sys.exit(more > TARGET_MS)


if __name__ == '__main__':
    main()
