#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""A destination that would not take the guest stops it before its first page; the guest runs on.

The destination's QEMU is asked what it expects, or what it said of itself is
changed to that of another version.  At last a probe, and a move into the same recv.
"""
import json
import os
import re
import shlex
import socket
import subprocess
import threading

import live
from move import exec_uri, expect_clean, free_uri, listens
from streams import write_stream
from vm import Vm
from waiting import Failure, wait_until

CARD = ['-netdev', 'user,id=n', '-device', 'e1000,netdev=n']
MIB = 8
# Far less than the memory that the guest has written, and more than all
# descriptions of its devices.
NO_PAGES = 128 << 10


class Counter:
    """Stands between send and recv, and counts what comes from the source."""

    def __init__(self, uri):
        self.octets = 0
        self._to = int(uri.rsplit(':', 1)[1])
        self._listener = socket.create_server(('127.0.0.1', 0))
        self.uri = 'tcp:127.0.0.1:%d' % self._listener.getsockname()[1]
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self):
        source, _ = self._listener.accept()
        target = socket.create_connection(('127.0.0.1', self._to))
        threading.Thread(target=self._copy, args=(target, source), daemon=True).start()
        self._copy(source, target, count=True)

    def _copy(self, source, target, count=False):
        try:
            while data := source.recv(1 << 16):
                if count:
                    self.octets += len(data)
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)
        except OSError:  # one end has gone; the other one sees it
            for end in source, target:
                try:
                    end.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass

    def close(self):
        self._listener.close()


def command_line(arguments):
    """As Vm starts it: without its serial port it would be another machine."""
    return shlex.join(['qemu-system-x86_64', '-accel', 'tcg', *arguments, '-serial', 'null'])


def destination(folder, arguments, uri, *options):
    vm = Vm(folder, 'destination', [*arguments, '-incoming', exec_uri(live.bermig(), 'recv', *options, uri)])

    def is_ready():
        if vm.has_ended():
            raise Failure(f'the destination ended: {vm.stderr()}')
        return listens(uri)
    wait_until(is_ready, 30, 'bermig recv')
    return vm


def findings(text):
    return re.findall(r'bermig (?:send|recv): ((?:BLOCK|WARN) \d.*)', text)


def migrate(source, sample, uri):
    source.qmp('migrate', uri=exec_uri(live.bermig(), 'send', f'--describe={sample}', uri))
    return wait_until(lambda: source.migration()['status'] in ('completed', 'failed') and source.migration()['status'],
                      40, 'the end of the move')


def is_stopped(folder, guest, source, sample, arguments, options, expected):
    """The one case: a destination with these arguments, and the sentence that both ends print."""
    uri = free_uri(folder)
    before = len(source.stderr())
    seen = guest.last(source.serial())
    with destination(folder, arguments, uri, *options) as vm:
        counter = Counter(uri)
        status = migrate(source, sample, counter.uri)
        wait_until(vm.has_ended, 20, 'the end of the destination')
        counter.close()
        # A command's last words may come when its QEMU knows already that it ended.
        wait_until(lambda: findings(source.stderr()[before:]) == findings(vm.stderr()) != [], 5,
                   'both ends to say the same')
        said, told = source.stderr()[before:], vm.stderr()
        expect_clean(source, vm)
    if status != 'failed':
        raise Failure(f'{expected}: the move {status}; {said}; {told}')
    if not any(re.search(expected, line) for line in findings(said)):
        raise Failure(f'{expected} was to be found: {said}')
    if counter.octets > NO_PAGES:
        raise Failure(f'{expected}: {counter.octets} octets were sent')
    wait_until(lambda: source.run_state() == 'running', 10, 'the source to run on')
    guest.wait_for_more(source, 20, seen, rounds=1)
    print(f'{counter.octets} octets: {findings(said)[0]}')


def dump_of_this_qemu(folder):
    path = os.path.join(folder, 'dump.json')
    subprocess.run(['qemu-system-x86_64', '-display', 'none', '-dump-vmstate', path], check=True, timeout=240)
    with open(path, encoding='utf-8') as file:
        return json.load(file)


def other_version(folder, name, change):
    """What a QEMU would say of itself in which the e1000 is another one."""
    dump = dump_of_this_qemu(folder)
    for device in dump.values():
        if device.get('Description', {}).get('name') == 'e1000':
            change(device['Description'])
    path = os.path.join(folder, name)
    with open(path, 'w', encoding='utf-8') as file:
        json.dump(dump, file)
    return f'--expect={path}'


def without_subsection(description):
    description['Subsections'] = [s for s in description['Subsections'] if s['name'] != 'e1000/full_mac_state']


def older(description):
    description['version_id'] = 1


def moves_after_a_probe(folder, guest, source, sample, arguments):
    uri = free_uri(folder)
    with destination(folder, arguments, uri, f'--qemu={command_line(arguments)}') as vm:
        probe = subprocess.run([live.bermig(), 'probe', f'--describe={sample}', uri],
                               capture_output=True, text=True, timeout=240)
        print(probe.stdout.strip())
        if probe.returncode != 0 or probe.stdout.splitlines()[-1] != 'OK' or vm.run_state() != 'inmigrate':
            raise Failure(f'the probe: {probe.returncode} {probe.stdout} {probe.stderr}; {vm.stderr()}')
        status = migrate(source, sample, uri)
        if status != 'completed':
            raise Failure(f'the move: {status}; {source.stderr()}; {vm.stderr()}')
        wait_until(lambda: vm.run_state() == 'running', 20, 'the destination to run')
        before = guest.last(source.serial())
        guest.wait_for_more(vm, 20, before, rounds=1)
        guest.expect_no_gap(source.serial(), vm.serial())
        expect_clean(source, vm)


def test(folder):
    guest = live.tiny_guest(mib=MIB, pages_per_tick=64)
    arguments = [*guest.arguments, *CARD]
    sample = os.path.join(folder, 'sample.mig')
    with Vm(folder, 'sample', [*arguments, '-S']) as vm:
        write_stream(vm, sample)
    with Vm(folder, 'source', arguments) as source:
        source.qmp('migrate-set-capabilities', capabilities=[{'capability': 'return-path', 'state': True}])
        source.qmp('migrate-set-parameters', max_bandwidth=1 << 33)
        guest.wait_for(source, 20, rounds=1)

        def stops(other, options, expected):
            is_stopped(folder, guest, source, sample, other, options, expected)
        larger = [*arguments, '-m', '128']
        stops(larger, [f'--qemu={command_line(larger)}'],
              r'^BLOCK 312 ram-size: ram\.pc\.ram: .* -m .*\(expected 134217728, got \d+\)$')
        bare = guest.arguments
        stops(bare, [f'--qemu={command_line(bare)}'],
              r'^BLOCK 320 device-missing: 0000:00:0\d\.0/e1000: .*start its QEMU with the devices of the guest')
        stops(arguments, [other_version(folder, 'subsection.json', without_subsection)],
              r"^BLOCK 340 subsection-unknown: 0000:00:0\d\.0/e1000\.e1000/full_mac_state: .*'bermig rewrite'")
        stops(arguments, [other_version(folder, 'version.json', older)],
              r"^BLOCK 322 version-newer: 0000:00:0\d\.0/e1000: .* older machine type.*\(expected 1, got [23]\)$")
        moves_after_a_probe(folder, guest, source, sample, arguments)


if __name__ == '__main__':
    live.run(test)
