#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""bermig migrate breaks half-way: exactly one guest runs, and the last line has the reason."""
import os
import signal

import live
from broken import BANDWIDTH, MEMORY, MIDDLE
from migrate import Ends, expect, expect_nothing_left
from move import expect_clean, find_bermig
from waiting import Failure, wait_until


def interrupt(ends, process):
    process.send_signal(signal.SIGINT)


def kill_destination(ends, process):
    ends.destination.kill()


def kill_source(ends, process):
    ends.source.kill()


def kill_send(ends, process):
    os.kill(find_bermig('send', ends.source.process.pid), signal.SIGKILL)


def goes_on(ends):
    """At the source, whose memory is whole, and which could be moved again."""
    before = ends.guest.last(ends.source.serial())
    ends.guest.wait_for_more(ends.source, 20, before, rounds=1)
    on = [entry['capability'] for entry in ends.source.qmp('query-migrate-capabilities') if entry['state']]
    if set(on) & {'return-path', 'events'}:
        raise Failure(f'capabilities were left switched on: {on}')


def never_ran(destination):
    """It has ended, by itself or because it was told to."""
    wait_until(destination.has_ended, 20, f'the destination to end; it said {destination.stderr()}')
    if destination.serial():
        raise Failure(f'the guest ran on the destination: {destination.serial()!r}')


def breaks(folder, guest, break_it, *words):
    os.mkdir(folder)
    with Ends(folder, guest) as ends:
        guest.wait_for(ends.source, 20, rounds=1)
        process = ends.begin(f'--max-bandwidth={BANDWIDTH}', '--downtime-limit=1')
        ends.wait_for_transferred(MIDDLE)
        break_it(ends, process)
        _, err = ends.end(process, 1)
        expect(err.splitlines()[-1], *words)
        if break_it is not kill_source:
            goes_on(ends)
        if break_it is not kill_destination:
            never_ran(ends.destination)
        expect_clean(ends.source, ends.destination)
        expect_nothing_left(ends)


def other_machine(folder, guest):
    os.mkdir(folder)
    with Ends(folder, guest, destination_options=['-machine', 'q35', '-m', '64']) as ends:
        guest.wait_for(ends.source, 20)
        _, err = ends.end(ends.begin(), 1)
        expect(err, 'start it with -machine pc-i440fx-', 'base-memory differs')
        wait_until(lambda: ends.destination.run_state() == 'inmigrate', 5, 'the destination to wait on')
        if ends.source.migration()['status'] != 'none':
            raise Failure('the source was touched')


def test(folder):
    guest = live.tiny_guest(MEMORY, pages_per_tick=128)
    other_machine(f'{folder}/m', guest)
    breaks(f'{folder}/i', guest, interrupt, 'cancelled by a signal; the guest is at the source, running; the '
                                            'destination has ended')
    breaks(f'{folder}/d', guest, kill_destination, 'bermig recv: <stdout>: its reader has gone; the guest is at the '
                                                   'source, running')
    breaks(f'{folder}/x', guest, kill_send, 'the guest is at the source, running; the destination has ended')
    breaks(f'{folder}/s', guest, kill_source, 'QMP of the source: ', 'has ended')


if __name__ == '__main__':
    live.run(test)
