# SPDX-License-Identifier: BSD-2-Clause
"""Waiting that ends."""
import time


class Failure(Exception):
    """What a live test or the demo expected did not happen."""


def wait_until(condition, seconds, what, step=0.05):
    """The first true value of condition(); Failure when there is none in time."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise Failure(f'waited {seconds} s in vain for: {what}')
        time.sleep(step)
