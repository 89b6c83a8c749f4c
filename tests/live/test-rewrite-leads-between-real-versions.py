#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Streams that another version of QEMU refuses, from real QEMUs, load there after rewrite.

The device is the SCSI adapter am53c974: its fields differ between 7.2, 10.0 and
11.1 with the same machine type.  11.1 -> 7.2 and 7.2 -> 10.0 end with "Missing
section footer" in QEMU; 10.0 -> 7.2 loads, with two fields in wrong places.
"""
import os
import subprocess

import live
from move import ENDED, free_uri, listens
from streams import Machine, make
from versions import all_versions
from vm import Vm
from waiting import Failure, wait_until

MACHINE = ['-M', 'pc-i440fx-7.2', '-m', '32', '-nodefaults', '-device', 'am53c974']

RULES = '''
[asc mode]
level=11.1:10.0
device=*/pciespscsi
in=esp
operation=drop-if
fields=asc_mode:uint8=0

[version 8]
level=11.1:10.0
device=*/pciespscsi
operation=set
name=esp.mig_version_id
value=7
back-value=8

[drq state]
level=10.0:7.2
device=*/pciespscsi
in=esp
operation=drop-if
fields=drq_state:bool=false

[command of the transfer]
level=10.0:7.2
device=*/pciespscsi
in=esp
operation=add
fields=ti_cmd:uint8=0
before=lun

[data in]
level=10.0:7.2
device=*/pciespscsi
in=esp
operation=rename
name=data_ready
to=data_in_ready

[version 7]
level=10.0:7.2
device=*/pciespscsi
operation=set
name=esp.mig_version_id
value=6
back-value=7
'''


def rewrite(folder, source, target, from_level, to_level):
    rules = os.path.join(folder, 'rules')
    with open(rules, 'w', encoding='utf-8') as file:
        file.write(RULES)
    done = subprocess.run([live.bermig(), 'rewrite', f'--rules={rules}', f'--from={from_level}', f'--to={to_level}',
                           source, target], capture_output=True, text=True, timeout=240, check=False)
    if done.returncode != 0:
        raise Failure(f'rewrite ended with {done.returncode}: {done.stderr}')
    print(done.stderr.strip(), flush=True)


def load(folder, qemu, path):
    """None when the guest runs, or what QEMU said when it refused the stream."""
    with Vm(folder, 'loader', [*MACHINE, '-incoming', f'exec:cat {path}'], qemu.program) as vm:
        state = wait_until(lambda: (s := vm.run_state()) != 'inmigrate' and s, 20, f'{path} to be loaded')
        return None if state == 'running' else vm.stderr()


def leads(folder, streams, source, target):
    """From one version to another one, which refuses the stream as it is."""
    path, changed = streams[source][1], os.path.join(folder, f'{source}-{target}.mig')
    qemu = streams[target][0]
    said = load(folder, qemu, path)
    if said is None or 'Missing section footer' not in said:
        raise Failure(f'QEMU {target} was to refuse the stream of {source}: {said}')
    rewrite(folder, path, changed, source, target)
    said = load(folder, qemu, changed)
    if said is not None:
        raise Failure(f'QEMU {target} was to load the stream of {source}: {said}')
    print(f'ok      {source} -> {target}: refused as it is, loaded after rewrite', flush=True)


def live_move(folder, source, target):
    """A guest moves from one QEMU to the other, with rewrite in between at the destination."""
    guest = live.tiny_guest(mib=8, pages_per_tick=64)
    arguments = [*MACHINE[:2], *guest.arguments, *MACHINE[-2:]]
    uri, rules = free_uri(folder), os.path.join(folder, 'rules')
    incoming = (f'exec:{live.bermig()} recv {uri} | {live.bermig()} rewrite --live --rules={rules} '
                f'--from={source} --to={target} - -')
    with Vm(folder, 'source', arguments, source.program) as here, \
            Vm(folder, 'destination', [*arguments, '-incoming', incoming], target.program) as there:
        guest.wait_for(here, 20, rounds=1)
        wait_until(lambda: listens(uri), 15, uri)
        here.qmp('migrate-set-capabilities', capabilities=[{'capability': 'return-path', 'state': True}])
        here.qmp('migrate', uri=f'exec:{live.bermig()} send {uri}')
        status = wait_until(lambda: (s := here.migration()['status']) in ENDED and s, 30, 'the end of the move')
        if status != 'completed':
            raise Failure(f'{status}: {here.stderr()}; {there.stderr()}')
        guest.wait_for_more(there, 20, guest.last(here.serial()), 1)
        guest.expect_no_gap(here.serial(), there.serial())
    print(f'ok      {source} -> {target}: a guest moved through recv and rewrite', flush=True)


def test(folder):
    versions, missing = all_versions()
    streams = {str(qemu): (qemu, make(Machine(str(qemu), MACHINE, qemu.program), folder))
               for qemu in versions if qemu.number >= (7, 2)}
    pairs = [pair for pair in (('11.1', '7.2'), ('11.1', '10.0'), ('7.2', '10.0'))
             if set(pair) <= streams.keys()]
    if not pairs:
        raise live.Skip(f'no two versions that differ: {missing}')
    for source, target in pairs:
        leads(folder, streams, source, target)
        live_move(folder, streams[source][0], streams[target][0])


if __name__ == '__main__':
    live.run(test, 120)
