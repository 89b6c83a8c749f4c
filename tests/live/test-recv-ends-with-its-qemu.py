#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""A recv that still waits for its sender ends, and frees the address, when its QEMU is gone."""
import live
from move import free_uri, listens, start_destination, wait_for_listener
from waiting import wait_until


def test(folder):
    guest = live.tiny_guest(mib=4)
    uri = free_uri(folder)
    with start_destination(folder, guest, live.bermig(), uri) as destination:
        wait_for_listener(destination, uri)
        destination.kill()
        wait_until(lambda: not listens(uri), 10, 'recv to end')


if __name__ == '__main__':
    live.run(test)
