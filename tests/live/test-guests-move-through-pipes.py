#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""send - | something | recv -, as with ssh in the middle: it goes one way, so QEMU has to do without answers."""
import os

import live
from move import ENDED, expect_clean
from vm import Vm
from waiting import Failure, wait_until


def migrate(source, command, return_path):
    source.qmp('migrate-set-capabilities', capabilities=[{'capability': 'return-path', 'state': return_path}])
    source.qmp('migrate-set-parameters', max_bandwidth=1 << 33)
    source.qmp('migrate', uri='exec:' + command)

    def ended():
        state = source.migration()
        return state['status'] if state['status'] in ENDED else None
    return wait_until(ended, 30, 'the end of the move')


def expect_line(vm, text):
    wait_until(lambda: text in vm.stderr(), 10, f'"{text}" from the {vm.name}, which said: {vm.stderr()}')


def with_return_path(_, source, destination, send):
    """The source would never hear that its guest runs at the destination."""
    status = migrate(source, send, return_path=True)
    expect_line(source, 'return-path needs answers')
    if status != 'failed' or source.run_state() != 'running':
        raise Failure(f'the move is {status}, the source {source.run_state()}')
    if destination.run_state() == 'running':
        raise Failure('a guest runs at the destination, which got nothing')


def without(guest, source, destination, send):
    status = migrate(source, send, return_path=False)
    if status != 'completed':
        raise Failure(f'{status}: {source.stderr()}{destination.stderr()}')
    wait_until(lambda: destination.run_state() == 'running', 20, 'the destination to run')
    guest.wait_for_more(destination, 20, guest.last(source.serial()), 1)
    guest.expect_no_gap(source.serial(), destination.serial())
    for vm in (source, destination):
        expect_line(vm, 'one way, nobody confirmed it')


def test(folder):
    guest = live.tiny_guest(mib=8, pages_per_tick=128)
    pipe = os.path.join(folder, 'between')
    os.mkfifo(pipe)
    send = f'{live.bermig()} send --format=ber - | cat > {pipe}'
    incoming = ['-incoming', f'exec:cat {pipe} | {live.bermig()} recv -']
    for part, name in ((with_return_path, 'refused'), (without, 'moved')):
        # A source each: after a failure, QEMU 7.2 opens a return path whatever it is told.
        with Vm(folder, name + '-source', guest.arguments) as source, \
                Vm(folder, name + '-destination', [*guest.arguments, *incoming]) as destination:
            guest.wait_for(source, 20, rounds=1)
            part(guest, source, destination, send)
            expect_clean(source, destination)


if __name__ == '__main__':
    live.run(test)
