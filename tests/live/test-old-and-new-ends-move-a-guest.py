#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Old and new ends of the installed QEMU: a guest moves in each pairing, and a plain QEMU notices nothing."""
import live
from table import Cell, Refused, expect_all, run_cell
from versions import common_machine, installed
from waiting import Failure


def cells():
    qemu = installed()
    for return_path, family in ((True, 'pc-i440fx'), (False, 'pc-q35')):
        machine = common_machine(qemu.number, qemu.number, family)
        for sender, receiver in (('bermig', 'bermig'), ('bermig', 'plain'), ('plain', 'bermig')):
            yield Cell(qemu, qemu, machine, sender, receiver, return_path)
    yield Cell(qemu, qemu, machine, send_options=('--format=qemu',))
    # Nothing is heard of the other end, so that it gets the format which all know.
    for receiver in ('plain', 'bermig'):
        yield Cell(qemu, qemu, machine, receiver=receiver, return_path=False, one_way=True)


def a_source_that_needs_answers_is_refused(guest):
    """It would never learn that its guest runs at the destination, and run it as well."""
    qemu = installed()
    cell = Cell(qemu, qemu, 'pc', return_path=True, one_way=True)
    try:
        outcome = run_cell(cell, guest)
    except Refused as refused:
        print('refused', cell, '|', refused)
        if 'needs answers' not in str(refused):
            raise Failure('another reason was expected') from None
    else:
        raise Failure(f'{cell}: {outcome}')


def test(_):
    guest = live.tiny_guest(mib=8, pages_per_tick=128)
    expect_all(cells(), guest)
    a_source_that_needs_answers_is_refused(guest)


if __name__ == '__main__':
    live.run(test)
