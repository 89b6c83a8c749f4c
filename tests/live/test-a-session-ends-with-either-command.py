#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""send or recv is killed while their session would survive a lost connection: the guest goes on at the
source, runs nowhere else, and nobody waits for ever.  Without their session the same is tried at many
places by test-one-guest-runs-after-each-failure."""
import os

import live
from broken import begun_move, expect_never_ran
from move import expect_clean
from waiting import Failure

# So that what ends a sender whose receiver was killed is not that it has tried long enough.
LONG = '--resume=3600'


def killed(folder, command):
    os.mkdir(folder)
    with begun_move(folder, send_options=[LONG]) as move:
        move.kill(command)
        state = move.watch(20)
        if state['status'] != 'failed':
            raise Failure(f'the source says {state["status"]} of a move whose {command} was killed')
        move.guest.wait_for_more(move.source, 20, move.guest.last(move.source.serial()), 1)
        expect_never_ran(move.destination)
        expect_clean(move.source, move.destination)
        print(f'{command} killed: the source noticed')


def test(folder):
    for command in ('send', 'recv'):
        killed(os.path.join(folder, command), command)


if __name__ == '__main__':
    live.run(test)
