#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The second guest of a kind that moves between two hosts needs hardly a description, there and back."""
import os

import live
from move import Move, expect_clean
from waiting import Failure

DIGEST = 45  # octets of the record that stands for a description
# What a device was doing can make a subsection, which is described as well.
MOST = 1000


def move_a_guest(folder, guest, here, there):
    """The octets of description on the wire."""
    os.makedirs(folder)
    with Move(folder, guest, live.bermig(), transport='unix', send_options=[f'--description-cache={here}'],
              recv_options=[f'--description-cache={there}']) as move:
        guest.wait_for(move.source, 20, rounds=1)
        move.begin()
        result = move.finish(move.watch())
        expect_clean(move.source, move.destination)
    print(result.send.line)
    return result.send.description


def test(folder):
    guest = live.tiny_guest(mib=16)
    here, there = os.path.join(folder, 'here'), os.path.join(folder, 'there')
    first = move_a_guest(os.path.join(folder, '1'), guest, here, there)
    second = move_a_guest(os.path.join(folder, '2'), guest, here, there)
    back = move_a_guest(os.path.join(folder, '3'), guest, there, here)
    if first < 5 * MOST or not all(DIGEST <= octets <= MOST for octets in (second, back)):
        raise Failure(f'the description took {first}, {second} and {back} octets')


if __name__ == '__main__':
    live.run(test)
