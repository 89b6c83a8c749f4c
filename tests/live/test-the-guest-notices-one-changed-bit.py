#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The proof that memory is whole, proved: the guest sees a single bit that changed on the way.

No bermig takes part: QEMU writes a stream into a file and reads it from there.
"""
import os
import shlex
import struct

import live
from streams import write_stream
from vm import Vm
from waiting import Failure, wait_until

ADDRESS = 3 << 20
PAGE_AND_CONTINUE = 0x28  # the flags of a full page in a block that is already known


def test(folder):
    guest = live.tiny_guest(mib=8)
    path = os.path.join(folder, 'stream')
    with Vm(folder, 'source', guest.arguments) as source:
        guest.wait_for(source, 20, rounds=1)
        source.qmp('stop')  # so that no page is sent a second time, right again
        write_stream(source, path)
    flip_bit_of_page(path)
    with Vm(folder, 'destination', [*guest.arguments, '-incoming', f'exec:cat {shlex.quote(path)}']) as destination:
        wait_until(lambda: destination.run_state() == 'paused', 20, 'the stream to be loaded')
        destination.qmp('cont')
        wait_until(lambda: 'BAD ' in destination.serial(), 20, 'the guest to notice')
        expect_right_address(destination.serial())


def flip_bit_of_page(path):
    with open(path, 'r+b') as file:
        header = struct.pack('>Q', ADDRESS | PAGE_AND_CONTINUE)
        place = file.read().index(header) + len(header)
        file.seek(place)
        octet = file.read(1)[0]
        file.seek(place)
        file.write(bytes([octet ^ 1]))


def expect_right_address(text):
    if f'BAD {ADDRESS}\n' not in text:
        raise Failure(f'it was the word at {ADDRESS}, but the guest says {text!r}')


if __name__ == '__main__':
    live.run(test)
