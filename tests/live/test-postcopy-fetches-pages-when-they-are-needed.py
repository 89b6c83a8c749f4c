#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Postcopy through send and recv: the guest runs at the destination while most of its memory is still at
the source, asks for pages through the return path, and finds all of it right.

usage: test-postcopy-fetches-pages-when-they-are-needed.py [--all-versions]
"""
import itertools
import os
import signal
import sys
import tempfile

import live
from move import ENDED, find_bermig, free_uri
from table import Cell, Ends, last_line
from versions import all_versions, common_machine, installed
from waiting import Failure, wait_until

ALL_VERSIONS = '--all-versions' in sys.argv[1:]
MIB = 1 << 20
# The guest walks through its memory faster than it would come by itself, and precopy has no end: what is
# left is never as little as goes over in a millisecond.
GUEST = dict(mib=16, pages_per_tick=512)
# So that there is time to break something.
CALM_GUEST = dict(mib=16, pages_per_tick=64)
PRECOPY = POSTCOPY = 8 * MIB
SWITCH = 4 * MIB
USERFAULTFD = '/proc/sys/vm/unprivileged_userfaultfd'


def need_userfaultfd():
    with open(USERFAULTFD, encoding='ascii') as file:
        if os.geteuid() != 0 and file.read().strip() != '1' and not os.access('/dev/userfaultfd', os.R_OK | os.W_OK):
            raise live.Skip('postcopy needs userfaultfd, which this user may not use')


def start_postcopy(ends, rate=POSTCOPY):
    """Begin with precopy and go over to postcopy in the middle."""
    def reached():
        state = ends.source.migration()
        if state['status'] in ENDED:
            raise Failure(f'{state}; {ends.source.stderr()}')
        return state.get('ram', {}).get('transferred', 0) >= SWITCH
    ends.begin(max_bandwidth=PRECOPY, max_postcopy_bandwidth=rate)
    wait_until(reached, 20, 'the middle of the memory')
    ends.source.qmp('migrate-start-postcopy')


def switch_over(ends):
    """Precopy and postcopy; what query-migrate says at the end."""
    seen = set()

    def ended():
        state = ends.source.migration()
        seen.add(state['status'])
        return state if state['status'] in (*ENDED, 'postcopy-paused') else None
    start_postcopy(ends)
    state = wait_until(ended, 30, 'the end of the move', step=0.02)
    if state['status'] != 'completed' or 'postcopy-active' not in seen:
        raise Failure(f'{state["status"]} after {seen}; {ends.source.stderr()}')
    return state


def move(source, destination, guest, sender, receiver):
    machine = common_machine(source.number, destination.number)
    cell = Cell(source, destination, machine, sender, receiver, capabilities=('postcopy-ram',), downtime_ms=1)
    with tempfile.TemporaryDirectory(prefix='bermig-live-', dir='/tmp') as folder, Ends(folder, cell, guest) as ends:
        guest.wait_for(ends.source, 20, rounds=1)
        state = switch_over(ends)
        requests = state['ram']['postcopy-requests']
        if requests == 0:
            raise Failure('no page was asked for, so nothing was shown')
        guest.wait_for_more(ends.destination, 20, guest.last(ends.source.serial()))
        guest.expect_no_gap(ends.source.serial(), ends.destination.serial())
        print(f'{cell} | {requests} pages asked for, downtime {state["downtime"]} ms')
        for vm, end, command in ((ends.source, sender, 'send'), (ends.destination, receiver, 'recv')):
            if end == 'bermig':
                print(last_line(vm, command), flush=True)


def a_broken_one_is_taken_up_again(guest, victim):
    """Neither end has the whole guest when a command dies: both pause, and QEMU's own recovery goes on from there."""
    qemu = installed()
    cell = Cell(qemu, qemu, 'pc', send_options=('--no-session',), capabilities=('postcopy-ram',), downtime_ms=1)
    with tempfile.TemporaryDirectory(prefix='bermig-live-', dir='/tmp') as folder, Ends(folder, cell, guest) as ends:
        guest.wait_for(ends.source, 20, rounds=1)
        start_postcopy(ends, rate=MIB)
        wait_until(lambda: ends.destination.run_state() == 'running', 10, 'the guest to run on')
        os.kill(find_bermig(victim, (ends.source if victim == 'send' else ends.destination).process.pid), signal.SIGKILL)
        for vm in (ends.source, ends.destination):
            wait_until(lambda: vm.migration()['status'] == 'postcopy-paused', 20, f'the {vm.name} to pause')
        uri = free_uri(folder)
        ends.source.qmp('migrate-set-parameters', max_postcopy_bandwidth=0)
        ends.destination.qmp('migrate-recover', uri=uri)
        ends.source.qmp('migrate', uri=uri, resume=True)
        wait_until(lambda: ends.source.migration()['status'] == 'completed', 20, 'the end of the recovery')
        guest.wait_for_more(ends.destination, 20, guest.last(ends.source.serial()), 1)
        guest.expect_no_gap(ends.source.serial(), ends.destination.serial())
    print(f'{victim} killed in postcopy | both ends paused, and went on over {uri}', flush=True)


def test(_):
    need_userfaultfd()
    guest = live.tiny_guest(**GUEST)
    if ALL_VERSIONS:
        versions, _ = all_versions()
        for source, destination in itertools.product(versions, versions):
            move(source, destination, guest, 'bermig', 'bermig')
    else:
        for sender, receiver in (('bermig', 'bermig'), ('bermig', 'plain'), ('plain', 'bermig')):
            move(installed(), installed(), guest, sender, receiver)
        calm = live.tiny_guest(**CALM_GUEST)
        for victim in ('send', 'recv'):
            a_broken_one_is_taken_up_again(calm, victim)


if __name__ == '__main__':
    live.run(test, 300 if ALL_VERSIONS else live.SECONDS)
