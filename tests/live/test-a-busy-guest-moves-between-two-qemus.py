#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""A guest that dirties its memory all the time moves over TCP, and goes on as if nothing was."""
import os
import subprocess

import live
from move import Move, expect_clean
from waiting import Failure

MIB = 1 << 20
PASSES = 4


def test(folder):
    guest = live.tiny_guest(mib=48, pages_per_tick=256)
    record = os.path.join(folder, 'record.ber')
    with Move(folder, guest, live.bermig(), record=record) as move:
        guest.wait_for(move.source, 20, rounds=2)
        # While what is left is more than goes over in a millisecond, it takes one pass after the other.
        move.begin(max_bandwidth=32 * MIB, downtime_ms=1)
        state = move.watch(progress=lambda state: let_it_end(move, state))
        result = move.finish(state)
        expect_several_passes(state)
        expect_clean(move.source, move.destination)
    print(result)
    expect_record_is_whole(record, result.send.wire)


def let_it_end(move, state):
    if state.get('ram', {}).get('dirty-sync-count', 0) >= PASSES:
        move.source.qmp('migrate-set-parameters', max_bandwidth=1 << 33, downtime_limit=2000)


def expect_several_passes(state):
    passes = state['ram']['dirty-sync-count']
    if passes < PASSES:
        raise Failure(f'the memory was sent in {passes} passes only, so the guest was not busy')


def expect_record_is_whole(record, octets):
    if os.path.getsize(record) != octets:
        raise Failure(f'--record has {os.path.getsize(record)} octets, {octets} went over the wire')
    check = subprocess.run([live.bermig(), 'validate', record], capture_output=True, text=True, check=False)
    if check.returncode != 0:
        raise Failure(f'bermig validate refuses the record: {check.stdout}{check.stderr}')


if __name__ == '__main__':
    live.run(test)
