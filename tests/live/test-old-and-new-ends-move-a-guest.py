#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Old and new ends of the installed QEMU: a guest moves in each pairing, and a plain QEMU notices nothing."""
import live
from table import Cell, expect_all
from versions import common_machine, installed


def cells():
    qemu = installed()
    for return_path, family in ((True, 'pc-i440fx'), (False, 'pc-q35')):
        machine = common_machine(qemu.number, qemu.number, family)
        for sender, receiver in (('bermig', 'bermig'), ('bermig', 'plain'), ('plain', 'bermig')):
            yield Cell(qemu, qemu, machine, sender, receiver, return_path)
    yield Cell(qemu, qemu, machine, send_options=('--format=qemu',))
    # Nothing is heard of the other end, so that it gets the format which all know.
    yield Cell(qemu, qemu, machine, receiver='plain', return_path=False, one_way=True)


def test(_):
    expect_all(cells(), live.tiny_guest(mib=8, pages_per_tick=128))


if __name__ == '__main__':
    live.run(test)
