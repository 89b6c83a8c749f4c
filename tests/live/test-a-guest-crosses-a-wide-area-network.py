#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""A guest moves to another network over 100 Mbit/s with 20 ms there and back, also to and from a plain QEMU."""
import live
from lines import WideArea
from table import Cell, run_cell
from versions import common_machine, installed

ONE_WAY_SECONDS, MBIT = 0.010, 100


def test(folder):
    qemu = installed()
    machine = common_machine(qemu.number, qemu.number)
    guest = live.tiny_guest(mib=16, pages_per_tick=64)
    for sender, receiver in (('plain', 'plain'), ('bermig', 'bermig'), ('bermig', 'plain'), ('plain', 'bermig')):
        with WideArea(folder, ONE_WAY_SECONDS, MBIT) as line:
            cell = Cell(qemu, qemu, machine, sender, receiver)
            outcome = run_cell(cell, guest, line=line)
            print(f'ok      {cell}, delayed by {line.delayed_by} | {outcome}; {outcome.total_ms} ms in all, '
                  f'{outcome.downtime_ms} ms down', flush=True)


if __name__ == '__main__':
    live.run(test, 120)
