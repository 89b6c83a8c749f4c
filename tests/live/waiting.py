# SPDX-License-Identifier: BSD-2-Clause
"""Waiting that ends."""
import time


# A limit is for what hangs.  The machine may have many times as much to do as it can.
PATIENCE = 6


class Failure(Exception):
    """What a live test or the demo expected did not happen."""


def wait_until(condition, seconds, what, step=0.05):
    """The first true value of condition(), which comes in less than `seconds` when nothing else is to be
    done; Failure when there is none in a multiple of that."""
    end = time.monotonic() + PATIENCE * seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise Failure(f'waited {PATIENCE * seconds} s in vain for: {what}')
        time.sleep(step)
