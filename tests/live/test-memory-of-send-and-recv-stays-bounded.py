#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""send and recv stay under 64 MiB with a guest that has half a GiB of memory in use."""
import live
from move import Move
from waiting import Failure

MIB = 1 << 20
LIMIT = 64 * MIB


def test(folder):
    if live.is_sanitized():
        raise live.Skip('AddressSanitizer multiplies memory, so a measurement says nothing')
    guest = live.tiny_guest(mib=512, pages_per_tick=64)
    with Move(folder, guest, live.bermig()) as move:
        guest.wait_for(move.source, 30, rounds=1)  # by then all of the memory was written to
        move.begin()
        # A whole round would take minutes at this pace; others prove the memory.
        result = move.finish(move.watch(), rounds=0)
    print(result)
    expect_below_limit('send', result.send_peak)
    expect_below_limit('recv', result.recv_peak)


def expect_below_limit(command, octets):
    if not 0 < octets < LIMIT:
        raise Failure(f'bermig {command} used {octets / MIB:.1f} MiB at its peak, the limit is {LIMIT / MIB:.0f} MiB')


if __name__ == '__main__':
    live.run(test)
