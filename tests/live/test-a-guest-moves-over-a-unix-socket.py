#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The URI unix:PATH serves as well as tcp:HOST:PORT."""
import live
from move import Move, expect_clean


def test(folder):
    guest = live.tiny_guest(mib=16, pages_per_tick=128)
    with Move(folder, guest, live.bermig(), transport='unix') as move:
        guest.wait_for(move.source, 20, rounds=1)
        move.begin()
        print(move.finish(move.watch()))
        expect_clean(move.source, move.destination)


if __name__ == '__main__':
    live.run(test)
