#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""A guest that dirties its memory all the time moves over TCP, over one connection or several, and
goes on as if nothing was."""
import os
import subprocess

import live
from move import Move, expect_clean
from waiting import Failure

MIB = 1 << 20
PASSES = 4


CHANNELS = 3


def test(folder):
    for channels in (0, CHANNELS):
        busy_move(folder, channels)


def busy_move(folder, channels):
    guest = live.tiny_guest(mib=48, pages_per_tick=256)
    record = os.path.join(folder, 'record.ber')
    options = [f'--channels={channels}'] if channels else []
    with Move(folder, guest, live.bermig(), record=record, send_options=options) as move:
        guest.wait_for(move.source, 20, rounds=2)
        # While what is left is more than goes over in a millisecond, it takes one pass after the other.
        move.begin(max_bandwidth=32 * MIB, downtime_ms=1)
        state = move.watch(progress=lambda state: let_it_end(move, state))
        result = move.finish(state)
        expect_several_passes(state)
        expect_clean(move.source, move.destination)
    print(result)
    expect_record_is_whole([record] + [f'{record}.{number + 1}' for number in range(channels)], result.send.wire)


def let_it_end(move, state):
    if state.get('ram', {}).get('dirty-sync-count', 0) >= PASSES:
        move.source.qmp('migrate-set-parameters', max_bandwidth=1 << 33, downtime_limit=2000)


def expect_several_passes(state):
    passes = state['ram']['dirty-sync-count']
    if passes < PASSES:
        raise Failure(f'the memory was sent in {passes} passes only, so the guest was not busy')


def expect_record_is_whole(names, octets):
    """Each stream is valid, and they have all that went over the wire; with several, each has its share."""
    sizes = [os.path.getsize(name) for name in names]
    if sum(sizes) != octets:
        raise Failure(f'--record has {sizes} octets, {octets} went over the wire')
    if len(names) > 1 and min(sizes[1:]) < octets // len(names) // 2:
        raise Failure(f'the channels have {sizes[1:]} octets of {octets}')
    for name in names:
        check = subprocess.run([live.bermig(), 'validate', name], capture_output=True, text=True, check=False)
        if check.returncode != 0:
            raise Failure(f'bermig validate refuses {name}: {check.stdout}{check.stderr}')


if __name__ == '__main__':
    live.run(test)
