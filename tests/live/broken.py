# SPDX-License-Identifier: BSD-2-Clause
"""Moves that break half-way, and what has to be true afterwards."""
import contextlib

import live
from move import Move
from waiting import Failure, wait_until

MIB = 1 << 20
# Slow enough for the middle to last for seconds; and it has no end while the guest is at work, for what
# is left is never as little as goes over in a millisecond.
MEMORY = 32
BANDWIDTH = 8 * MIB
MIDDLE = 10 * MIB


@contextlib.contextmanager
def begun_move(folder, send_options=()):
    """A Move that is in the middle of the memory."""
    guest = live.tiny_guest(MEMORY, pages_per_tick=512)
    with Move(folder, guest, live.bermig(), send_options=send_options) as move:
        guest.wait_for(move.source, 20, rounds=1)
        move.begin(max_bandwidth=BANDWIDTH, downtime_ms=1)
        move.wait_for_transferred(MIDDLE)
        yield move


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
