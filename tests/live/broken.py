# SPDX-License-Identifier: BSD-2-Clause
"""Moves that break half-way, and what has to be true afterwards."""
import contextlib

import live
from move import Move, expect_clean
from waiting import Failure, wait_until

MIB = 1 << 20
# Slow enough for the middle to last for seconds.
MEMORY = 32
BANDWIDTH = 8 * MIB
MIDDLE = 10 * MIB


def move_that_breaks(folder, break_it):
    """Break a move in the middle of the memory; both ends have to do what is right."""
    with begun_move(folder) as move:
        break_it(move)
        expect_goes_on(move)
        expect_never_ran(move.destination)
        expect_clean(move.source, move.destination)


@contextlib.contextmanager
def begun_move(folder):
    """A Move that is in the middle of the memory."""
    guest = live.tiny_guest(MEMORY, pages_per_tick=512)
    with Move(folder, guest, live.bermig()) as move:
        guest.wait_for(move.source, 20, rounds=1)
        move.begin(max_bandwidth=BANDWIDTH)
        move.wait_for_transferred(MIDDLE)
        yield move


def expect_goes_on(move, seconds=20):
    """The source has to know that the move broke, and its guest to go on there."""
    state = move.watch(seconds)
    if state['status'] != 'failed':
        raise Failure(f'the source says {state["status"]} of a move that broke')
    before = move.guest.last(move.source.serial())
    move.guest.wait_for_more(move.source, seconds, before)


def expect_never_ran(destination, seconds=20):
    """The destination has to give up, and its guest must not have run."""
    try:
        wait_until(destination.has_ended, seconds, 'the destination to give up')
    except Failure:
        raise Failure(f'the destination is still there, {destination.run_state()}; '
                      f'it said: {destination.stderr()}') from None
    if destination.process.returncode == 0:
        raise Failure('the destination ended as if all had gone well')
    if destination.serial():
        raise Failure(f'the guest ran on the destination: {destination.serial()!r}')
