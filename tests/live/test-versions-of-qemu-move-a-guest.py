#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Each version of QEMU moves a guest to each other one, between old and new ends; prints the table."""
import itertools

import live
from table import Cell, expect_all
from versions import all_versions, common_machine

ENDS = (('bermig', 'bermig'), ('bermig', 'plain'), ('plain', 'bermig'))
WAYS = ((True, 'pc-i440fx'), (False, 'pc-q35'))
SWITCHOVER_ACK = (8, 1)
SECONDS = 1500


def cells(versions):
    for source, destination in itertools.product(versions, versions):
        for (sender, receiver), (return_path, family) in itertools.product(ENDS, WAYS):
            machine = common_machine(source.number, destination.number, family)
            yield Cell(source, destination, machine, sender, receiver, return_path)
    # The destination says through the return path when it agrees to the switch-over.
    for qemu, (sender, receiver) in itertools.product(versions, ENDS):
        if qemu.number >= SWITCHOVER_ACK:
            machine = common_machine(qemu.number, qemu.number)
            yield Cell(qemu, qemu, machine, sender, receiver, capabilities=('switchover-ack',))


def test(_):
    versions, missing = all_versions()
    print('versions:', ', '.join(one.version for one in versions))
    for reason in missing:
        print('skipped:', reason)
    expect_all(cells(versions), live.tiny_guest(mib=8, pages_per_tick=128))


if __name__ == '__main__':
    live.run(test, SECONDS)
