#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""TLS between two bermigs, and between a bermig and the TLS of QEMU itself at either end."""
import os
import sys

import live
from move import ENDED, exec_uri, expect_clean, free_uri, listens
from vm import Vm
from waiting import Failure, wait_until

sys.path.append(os.path.join(os.path.dirname(__file__), '..', 'cli'))
import tls  # noqa: E402


def credentials(folder, endpoint):
    return ['-object', f'tls-creds-x509,id=tls,dir={folder},endpoint={endpoint},verify-peer=on']


class Ends:
    """The two QEMUs; those that are 'plain' speak TLS themselves."""

    def __init__(self, folder, guest, keys, sender, receiver):
        self.uri = free_uri(folder)
        self.keys = '--tls-creds=' + keys
        self.sender, self.receiver = sender, receiver
        self.source = Vm(folder, 'source', [*guest.arguments, *credentials(keys, 'client')])
        try:
            self.destination = Vm(folder, 'destination', [
                *guest.arguments, *credentials(keys, 'server'), '-incoming', 'defer'])
        except BaseException:
            self.source.stop()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.source.stop()
        self.destination.stop()

    def listen(self):
        if self.receiver == 'plain':
            self.destination.qmp('migrate-set-parameters', tls_creds='tls')
            self.destination.qmp('migrate-incoming', uri=self.uri)
        else:
            self.destination.qmp('migrate-incoming', uri=exec_uri(live.bermig(), 'recv', self.keys, self.uri))
        wait_until(lambda: listens(self.uri), 15, self.uri)

    def migrate(self):
        uri = self.uri
        if self.sender == 'plain':
            self.source.qmp('migrate-set-parameters', tls_creds='tls')
        else:
            uri = exec_uri(live.bermig(), 'send', self.keys, uri)
        for vm in (self.source, self.destination):
            vm.qmp('migrate-set-capabilities', capabilities=[{'capability': 'return-path', 'state': True}])
        self.source.qmp('migrate-set-parameters', max_bandwidth=1 << 33)
        self.listen()
        self.source.qmp('migrate', uri=uri)

        def ended():
            state = self.source.migration()
            return state if state['status'] in ENDED else None
        return wait_until(ended, 30, 'the end of the move')


def moves(folder, guest, keys, sender, receiver):
    os.mkdir(folder)
    with Ends(folder, guest, keys, sender, receiver) as ends:
        guest.wait_for(ends.source, 20, rounds=1)
        state = ends.migrate()
        story = f'{ends.source.stderr()}{ends.destination.stderr()}'
        if state['status'] != 'completed':
            raise Failure(f'{sender} to {receiver}: {state}: {story}')
        wait_until(lambda: ends.destination.run_state() == 'running', 20, 'the destination to run')
        guest.wait_for_more(ends.destination, 20, guest.last(ends.source.serial()), 1)
        guest.expect_no_gap(ends.source.serial(), ends.destination.serial())
        expect_clean(ends.source, ends.destination)
        print(f'{sender} to {receiver}, {state["downtime"]} ms: {story}')


def test(folder):
    guest = live.tiny_guest(mib=8, pages_per_tick=128)
    authority = tls.Authority(os.path.join(folder, 'authority'))
    keys = authority.folder_for(os.path.join(folder, 'keys'), 'client', 'server')
    for sender, receiver in (('bermig', 'bermig'), ('bermig', 'plain'), ('plain', 'bermig')):
        moves(os.path.join(folder, f'{sender}-{receiver}'), guest, keys, sender, receiver)


if __name__ == '__main__':
    live.run(test)
