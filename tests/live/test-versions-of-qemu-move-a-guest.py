#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Each version of QEMU moves a guest to each other one, between old and new ends; prints the table."""
import itertools

import live
from table import Cell, expect_all
from versions import all_versions, common_machine

ENDS = (('bermig', 'bermig'), ('bermig', 'plain'), ('plain', 'bermig'))
WAYS = ((True, 'pc-i440fx'), (False, 'pc-q35'))
SECONDS = 1500


def cells(versions):
    for source, destination in itertools.product(versions, versions):
        for (sender, receiver), (return_path, family) in itertools.product(ENDS, WAYS):
            machine = common_machine(source.number, destination.number, family)
            yield Cell(source, destination, machine, sender, receiver, return_path)


def test(_):
    versions, missing = all_versions()
    print('versions:', ', '.join(one.version for one in versions))
    for reason in missing:
        print('skipped:', reason)
    expect_all(cells(versions), live.tiny_guest(mib=8, pages_per_tick=128))


if __name__ == '__main__':
    live.run(test, SECONDS)
