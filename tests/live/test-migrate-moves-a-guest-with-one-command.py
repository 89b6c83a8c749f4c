#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""bermig migrate: a running guest runs on at the destination, a paused one is paused there."""
import os
import tempfile

import live
from migrate import Ends, expect, expect_nothing_left
from move import expect_clean
from waiting import wait_until


def running_guest(folder, guest, options, expected, *, status='postmigrate'):
    with Ends(folder, guest, destination_options=options['destination']) as ends:
        guest.wait_for(ends.source, 20, rounds=1)
        out, _ = ends.end(ends.begin(*options['migrate']), 0)
        expect(out, 'The guest is at the destination, running.', *expected)
        guest.wait_for_more(ends.destination, 20, guest.last(ends.source.serial()))
        guest.expect_no_gap(ends.source.serial(), ends.destination.serial())
        wait_until(lambda: ends.source.run_state() == status, 10, f'the source to be {status}')
        expect_clean(ends.source, ends.destination)
        expect_nothing_left(ends)


def paused_guest(folder, guest):
    with Ends(folder, guest) as ends:
        guest.wait_for(ends.source, 20, rounds=1)
        ends.source.qmp('stop')
        out, _ = ends.end(ends.begin('--compress=none'), 0)
        expect(out, 'The guest is at the destination, paused.')
        if ends.destination.serial():
            raise AssertionError('it has run')
        ends.destination.qmp('cont')
        guest.wait_for_more(ends.destination, 20, guest.last(ends.source.serial()), 1)


def test(folder):
    guest = live.tiny_guest(mib=16, pages_per_tick=128)
    for name, options, expected, status in (
            ('plain', {'destination': [], 'migrate': []}, ['format:      BER', 'downtime:'], 'postmigrate'),
            ('waits for cont', {'destination': ['-S'], 'migrate': ['--quit-source', '--format=ber']},
             ['told to quit'], 'ended'),
            ('no bermig there', {'destination': [],
                                 'migrate': ['--remote-bermig=none', f'--via=unix:{folder}/direct']},
             ["format:      QEMU's own, not BER: the peer is a QEMU"], 'postmigrate')):
        with tempfile.TemporaryDirectory(dir=folder) as own:
            print(name)
            running_guest(own, guest, options, expected, status=status)
    own = os.path.join(folder, 'p')
    os.mkdir(own)
    paused_guest(own, guest)


if __name__ == '__main__':
    live.run(test)
