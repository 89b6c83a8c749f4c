#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""One end has no bermig: it gets QEMU's own format, and logs nothing unusual."""
import live
from move import ENDED, exec_uri, free_uri, listens, wait_for_listener
from vm import Vm
from waiting import Failure, wait_until

COUNTED = 'passed on'


def migrate(source, uri, return_path):
    source.qmp('migrate-set-capabilities',
               capabilities=[{'capability': 'return-path', 'state': return_path}])
    source.qmp('migrate-set-parameters', max_bandwidth=1 << 33)
    source.qmp('migrate', uri=uri)

    def ended():
        state = source.migration()
        return state['status'] if state['status'] in ENDED else None
    status = wait_until(ended, 30, 'the end of the move')
    if status != 'completed':
        raise Failure(f'{status}: {source.stderr()}')


def runs_on(guest, source, destination):
    wait_until(lambda: destination.run_state() == 'running', 20, 'the destination to run')
    guest.wait_for_more(destination, 20, guest.last(source.serial()), 1)
    guest.expect_no_gap(source.serial(), destination.serial())


def check_line(vm, command):
    line = wait_until(lambda: next((text for text in vm.stderr().splitlines()
                                    if text.startswith(f'bermig {command}: ') and COUNTED in text), None),
                      10, f'the last line of bermig {command}; {vm.stderr()}')
    print(line)
    if 'the peer is a QEMU' not in line:
        raise Failure(line)


def qemu_receives(folder, guest, return_path):
    uri = free_uri(folder)
    source = Vm(folder, 'source', guest.arguments)
    destination = Vm(folder, 'destination', [*guest.arguments, '-incoming', uri])
    try:
        guest.wait_for(source, 20, rounds=1)
        wait_until(lambda: listens(uri), 15, uri)
        migrate(source, exec_uri(live.bermig(), 'send', uri), return_path)
        runs_on(guest, source, destination)
        check_line(source, 'send')
        if destination.stderr().strip():
            raise Failure(f'the plain QEMU complains: {destination.stderr()}')
    finally:
        source.stop()
        destination.stop()


def qemu_sends(folder, guest, return_path):
    uri = free_uri(folder)
    source = Vm(folder, 'source', guest.arguments)
    destination = Vm(folder, 'destination',
                     [*guest.arguments, '-incoming', exec_uri(live.bermig(), 'recv', uri)])
    try:
        guest.wait_for(source, 20, rounds=1)
        wait_for_listener(destination, uri)
        migrate(source, uri, return_path)
        runs_on(guest, source, destination)
        check_line(destination, 'recv')
    finally:
        source.stop()
        destination.stop()


def test(folder):
    guest = live.tiny_guest(mib=16, pages_per_tick=128)
    for return_path in (False, True):
        qemu_receives(folder, guest, return_path)
        qemu_sends(folder, guest, return_path)


if __name__ == '__main__':
    live.run(test)
