#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""A connection that stalls ends the move at a stated deadline, and a source with the certificate of
somebody else gets nothing: the guest goes on where it was, and each end says why."""
import contextlib
import os
import re
import socket
import sys
import threading

import live
from move import ENDED, exec_uri, expect_clean, free_uri, listens
from vm import Vm
from waiting import Failure, wait_until

sys.path.append(os.path.join(os.path.dirname(__file__), '..', 'cli'))
import tls  # noqa: E402

STALL = 3           # seconds, as asked for
LET_THROUGH = 1 << 20


class Stalling:
    """A line on which nothing moves any more, either way, after 1 MiB; it stays open."""

    def __init__(self, target):
        self._server = socket.create_server(('127.0.0.1', 0))
        self.uri = f'tcp:127.0.0.1:{self._server.getsockname()[1]}'
        self._target = target.split(':')[1:]
        self._ends = []
        self.stalled = threading.Event()
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        with contextlib.suppress(OSError):
            sender, _ = self._server.accept()
            receiver = socket.create_connection(self._target)
            self._ends = [sender, receiver]
            threading.Thread(target=self._carry, args=(receiver, sender, 1 << 30), daemon=True).start()
            self._carry(sender, receiver, LET_THROUGH)

    def _carry(self, source, target, most):
        passed = 0
        with contextlib.suppress(OSError):
            while passed < most and not self.stalled.is_set():
                octets = source.recv(1 << 14)
                if not octets:
                    return
                if not self.stalled.is_set():
                    target.sendall(octets)
                passed += len(octets)
            self.stalled.set()

    def close(self):
        for end in [self._server, *self._ends]:
            end.close()


def migrate(source, uri):
    """How it ended."""
    source.qmp('migrate-set-capabilities', capabilities=[{'capability': 'return-path', 'state': True}])
    source.qmp('migrate-set-parameters', max_bandwidth=1 << 33)
    source.qmp('migrate', uri=uri)

    def status():
        now = source.migration()['status']
        return now if now in ENDED else None
    return wait_until(status, 30, 'the end of the move')


def expect_said(vm, pattern):
    wait_until(lambda: re.search(pattern, vm.stderr()), 20, f'{vm.name} to say {pattern!r}, not {vm.stderr()!r}')


def expect_goes_on(guest, source):
    guest.wait_for_more(source, 20, guest.last(source.serial()), 1)


def stall(folder, guest):
    uri = free_uri(folder)
    options = [f'--stall-timeout={STALL}', '--resume=0']
    with Vm(folder, 'source', guest.arguments) as source, \
            Vm(folder, 'destination', [*guest.arguments, '-incoming',
                                       exec_uri(live.bermig(), 'recv', *options, uri)]) as destination:
        guest.wait_for(source, 20, rounds=1)
        wait_until(lambda: listens(uri), 15, uri)
        with contextlib.closing(Stalling(uri)) as line:
            status = migrate(source, exec_uri(live.bermig(), 'send', *options, line.uri))
            if status != 'failed' or not line.stalled.is_set():
                raise Failure(f'the source says {status}: {source.stderr()}')
            expect_goes_on(guest, source)
            wait_until(destination.has_ended, 20, 'the destination to give up')
        for vm in (source, destination):
            expect_said(vm, f'silent for {STALL} s')
        if destination.serial():
            raise Failure('the guest ran at both ends')
        expect_clean(source, destination)
        print('stalled: noticed')


def wrong_certificate(folder, guest):
    """And the right one is let in afterwards."""
    uri = free_uri(folder)
    keys, others = (tls.Authority(os.path.join(folder, name)).folder_for(
        os.path.join(folder, name + '-keys'), 'client', 'server') for name in ('ours', 'theirs'))
    with Vm(folder, 'source', guest.arguments) as source, \
            Vm(folder, 'destination', [*guest.arguments, '-incoming',
                                       exec_uri(live.bermig(), 'recv', '--tls-creds=' + keys, uri)]) as destination:
        guest.wait_for(source, 20, rounds=1)
        wait_until(lambda: listens(uri), 15, uri)
        status = migrate(source, exec_uri(live.bermig(), 'send', '--tls-creds=' + others, uri))
        if status != 'failed':
            raise Failure(f'the source says {status}')
        expect_goes_on(guest, source)
        expect_said(source, 'certificate')
        if destination.run_state() != 'inmigrate' or destination.serial():
            raise Failure(f'the destination is {destination.run_state()} after a stranger')
        status = migrate(source, exec_uri(live.bermig(), 'send', '--tls-creds=' + keys, uri))
        if status != 'completed':
            raise Failure(f'{status} with the right certificate: {source.stderr()}{destination.stderr()}')
        guest.wait_for_more(destination, 20, guest.last(source.serial()), 1)
        expect_clean(source, destination)
        print('a wrong certificate got nothing, the right one moved the guest')


def test(folder):
    guest = live.tiny_guest(mib=8, pages_per_tick=128)
    for case in (stall, wrong_certificate):
        place = os.path.join(folder, case.__name__)
        os.mkdir(place)
        case(place, guest)


if __name__ == '__main__':
    live.run(test)
