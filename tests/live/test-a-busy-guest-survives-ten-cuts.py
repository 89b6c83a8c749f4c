#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Connections are cut ten times while a guest that dirties its memory moves, over one of them or with
channels; neither QEMU notices, and the guest's memory is right afterwards."""
import os
import re
import sys

import live
from move import Move, expect_clean, wait_for_listener
from waiting import Failure

sys.path[:0] = [os.path.join(os.path.dirname(__file__), '..', folder) for folder in ('session', 'cli')]

from relay import Harm, Relay  # noqa: E402  (the line above finds it)

MIB = 1 << 20
CUTS = 10


def survive(folder, guest, cuts, **how):
    os.makedirs(folder)
    with Move(folder, guest, live.bermig(), **how) as move:
        guest.wait_for(move.source, 20, rounds=2)
        wait_for_listener(move.destination, move.uri)
        relay = Relay(move.uri, [Harm(cut=100000 + 12345 * i, reset=bool(i % 2)) for i in range(CUTS)])
        move.send_uri = relay.uri
        try:
            move.begin(max_bandwidth=32 * MIB, downtime_ms=50)
            result = move.finish(move.watch())
        finally:
            relay.close()
        expect_clean(move.source, move.destination)
    print(result)
    for summary in (result.send, result.recv):
        expect_resumed(summary.line, cuts)


def test(folder):
    guest = live.tiny_guest(mib=48, pages_per_tick=256)
    survive(os.path.join(folder, 'one'), guest, CUTS)
    # What goes over the first connection then may be less than what a cut is waiting for.
    survive(os.path.join(folder, 'channels'), guest, CUTS // 2,
            send_options=['--channels=2', '--resume=60'], recv_options=['--resume=60'])


def expect_resumed(line, cuts):
    resumed = re.search(r'resumed (\d+) time', line)
    if not resumed or int(resumed[1]) < cuts:
        raise Failure(f'not cut {cuts} times: {line}')


if __name__ == '__main__':
    live.run(test)
