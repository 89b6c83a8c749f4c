#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""A stream that QEMU refuses loads after rewrite; a chain over a real device leads back."""
import os
import shlex
import subprocess

import live
from streams import Machine, make
from vm import Vm
from waiting import Failure, wait_until

# What a newer QEMU could send: a subsection, or a field and another width, that
# the one here does not know.  The way back makes such a stream.
NEWER_SUBSECTION = '''
[rsc]
level=9.9:9.8
device=*/e1000
operation=drop-subsection
name=e1000/rsc
version=1
fields=rsc.enabled:bool=false; rsc.chunks:uint32[4]=0
'''

NEWER_FIELDS = '''
[pci]
level=9.9:9.8
device=*/e1000
in=PCIDevice
operation=drop-if
fields=ats_ctrl:uint16=0

[receive buffers]
level=9.9:9.8
device=*/e1000
operation=resize
name=rxbuf_size
width=4
back-width=8
'''

THREE_STEPS = '''
[one]
level=10.0:9.2
device=*/e1000
operation=rename
name=eecd_state.old_eecd
to=eecd_old

[two]
level=9.2:8.0
device=*/e1000
operation=split-array
name=eeprom_data
parts=eeprom_low:10 eeprom_high:54

[three]
level=8.0:7.2
device=*/e1000
operation=move
name=mac_reg[RDH]
to-in=e1000/full_mac_state
to=head
back-before=mac_reg[RDLEN]
'''

MACHINE = ['-M', 'pc', '-m', '32', '-nodefaults', '-netdev', 'user,id=n', '-device', 'e1000,netdev=n']


def rewrite(folder, rules, from_level, to_level, source, target, *options):
    path = os.path.join(folder, 'rules')
    with open(path, 'w', encoding='utf-8') as file:
        file.write(rules)
    return subprocess.run([live.bermig(), 'rewrite', f'--rules={path}', f'--from={from_level}', f'--to={to_level}',
                           *options, source, target], capture_output=True, text=True, timeout=240)


def must_rewrite(*arguments):
    done = rewrite(*arguments)
    if done.returncode != 0:
        raise Failure(f'rewrite ended with {done.returncode}: {done.stderr}')
    return done.stderr


def load(folder, path):
    """The state of a QEMU that was given the stream, and what it said."""
    with Vm(folder, os.path.basename(path) + '-loader',
            [*MACHINE, '-S', '-incoming', 'defer']) as vm:
        vm.qmp('migrate-incoming', uri=f'exec:cat {shlex.quote(path)}')
        state = wait_until(lambda: loaded(vm), 20, f'{path} to be loaded')
        if state != 'ended':
            vm.qmp('cont')
            state = wait_until(lambda: vm.run_state() == 'running' and 'running', 10, 'the guest to run')
        return state, vm.stderr()


def loaded(vm):
    state = vm.run_state()
    return state if state != 'inmigrate' else None


def expect_refused(folder, path, why):
    state, said = load(folder, path)
    if state != 'ended' or why not in said:
        raise Failure(f'QEMU was to refuse {path}: {why}; {state}: {said}')


def expect_loaded(folder, path):
    state, said = load(folder, path)
    if state != 'running':
        raise Failure(f'QEMU was to load {path}; {state}: {said}')


def expect_same(a, b):
    with open(a, 'rb') as one, open(b, 'rb') as two:
        if one.read() != two.read():
            raise Failure(f'{a} and {b} differ')


def newer_stream_becomes_loadable(folder, mig, rules, why):
    newer, older = os.path.join(folder, 'newer.mig'), os.path.join(folder, 'older.mig')
    must_rewrite(folder, rules, '9.8', '9.9', mig, newer)
    expect_refused(folder, newer, why)
    print(must_rewrite(folder, rules, '9.9', '9.8', newer, older))
    expect_same(mig, older)
    expect_loaded(folder, older)


def a_loss_is_refused(folder, mig):
    target = os.path.join(folder, 'lost.mig')
    rules = '[tso]\nlevel=9.9:9.8\ndevice=*/e1000\noperation=drop-subsection\nname=e1000/tx_tso_state\n'
    done = rewrite(folder, rules, '9.9', '9.8', mig, target)
    if done.returncode != 1 or 'it would lose' not in done.stderr or os.path.exists(target):
        raise Failure(f'a loss was to be refused; {done.returncode}: {done.stderr}')
    must_rewrite(folder, rules, '9.9', '9.8', mig, target, '--consent')
    expect_loaded(folder, target)


def three_steps_and_back(folder, mig):
    there, back = os.path.join(folder, 'there.mig'), os.path.join(folder, 'back.mig')
    said = must_rewrite(folder, THREE_STEPS, '10.0', '7.2', mig, there)
    if 'nothing to do' in said or len(said.splitlines()) != 3:
        raise Failure(f'three changes were expected: {said}')
    must_rewrite(folder, THREE_STEPS, '7.2', '10.0', there, back)
    expect_same(mig, back)


def test(folder):
    mig = make(Machine('fresh', MACHINE), folder)
    newer_stream_becomes_loadable(folder, mig, NEWER_SUBSECTION, 'No such file or directory')
    newer_stream_becomes_loadable(folder, mig, NEWER_FIELDS, 'load of migration failed')
    a_loss_is_refused(folder, mig)
    three_steps_and_back(folder, mig)


if __name__ == '__main__':
    live.run(test)
