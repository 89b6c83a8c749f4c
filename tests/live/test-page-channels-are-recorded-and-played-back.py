# SPDX-License-Identifier: BSD-2-Clause
"""A QEMU with multifd is recorded with all its page channels, plain and compressed, with and without a
return path; the record is played back to a QEMU, whose guest has the memory of the first one and runs."""
import os
import subprocess
import sys

import live
from qmp import QmpError
from streams import ended
from versions import all_versions, installed
from vm import Vm
from waiting import Failure, wait_until

ARGUMENTS = ['-M', 'q35', '-m', '32', '-nodefaults']
CHANNELS = 2
# Method of compression, return path.
WAYS = (('none', False), ('zlib', True), ('zstd', False))
SECONDS = 600
SECONDS_TO_MOVE = 120


def content(path):
    with open(path, 'rb') as file:
        return file.read()


def prepare(vm, method, return_path=False):
    vm.qmp('migrate-set-capabilities', capabilities=[
        {'capability': 'multifd', 'state': True}, {'capability': 'return-path', 'state': return_path}])
    vm.qmp('migrate-set-parameters', **{'multifd-channels': CHANNELS, 'multifd-compression': method})


def memory(vm, path):
    vm.qmp('pmemsave', val=0, size=32 << 20, filename=path)
    return content(path)


def record(folder, qemu, method, return_path):
    """The memory of a guest that was recorded."""
    socket, ber = (os.path.join(folder, name) for name in ('record.sock', 'ber'))
    with Vm(folder, 'source', ARGUMENTS, qemu) as vm:
        wait_until(lambda: vm.run_state() == 'running', SECONDS_TO_MOVE, 'the source')
        vm.qmp('stop')
        prepare(vm, method, return_path)
        command = [live.bermig(), 'record', f'--channels={CHANNELS}', '--timeout=60', f'unix:{socket}', ber]
        with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as recorder:
            try:
                line = recorder.stderr.readline()
                if 'listening' not in line:
                    raise Failure(f'record: {line}')
                vm.qmp('migrate', uri=f'unix:{socket}')
                state = wait_until(lambda: ended(vm), SECONDS_TO_MOVE, 'the move')
                said = recorder.communicate(timeout=SECONDS_TO_MOVE)[1]
            finally:
                recorder.kill()
        if state != 'completed' or recorder.returncode != 0:
            raise Failure(f'not recorded: {state}, {said}; {vm.stderr()}')
        return memory(vm, os.path.join(folder, 'before'))


def replay(folder, qemu, method):
    """The memory of a guest that was played back, and runs then."""
    socket = os.path.join(folder, 'replay.sock')
    with Vm(folder, 'destination', [*ARGUMENTS, '-S', '-incoming', 'defer'], qemu) as vm:
        prepare(vm, method)
        vm.qmp('migrate-incoming', uri=f'unix:{socket}')
        done = subprocess.run([live.bermig(), 'replay', os.path.join(folder, 'ber'), f'unix:{socket}'],
                              stderr=subprocess.PIPE, text=True, timeout=SECONDS_TO_MOVE, check=False)
        try:
            wait_until(lambda: vm.run_state() == 'paused', SECONDS_TO_MOVE, 'the load')
        except (QmpError, Failure) as error:
            raise Failure(f'{error}; {done.stderr}; {vm.stderr()}') from error
        if done.returncode != 0:
            raise Failure(f'replay: {done.stderr}')
        loaded = memory(vm, os.path.join(folder, 'after'))
        vm.qmp('cont')
        wait_until(lambda: vm.run_state() == 'running', SECONDS_TO_MOVE, 'the guest to go on')
        return loaded


def plain(folder, qemu):
    """The same as a stream without channels."""
    path = os.path.join(folder, 'plain')
    subprocess.run([live.bermig(), 'convert', '--to=qemu', os.path.join(folder, 'ber'), path], check=True)
    with Vm(folder, 'plain-destination', [*ARGUMENTS, '-S', '-incoming', f'exec:cat {path}'], qemu) as vm:
        wait_until(lambda: vm.run_state() == 'paused', SECONDS_TO_MOVE, 'the load of the plain stream')
        return memory(vm, os.path.join(folder, 'plain-after'))


def one_way(folder, one, method, return_path):
    place = os.path.join(folder, f'{one.version}-{method}')
    os.mkdir(place)
    before = record(place, one.program, method, return_path)
    if replay(place, one.program, method) != before:
        raise Failure(f'{one.version}, {method}: the guest has another memory')
    if method == 'zlib' and plain(place, one.program) != before:
        raise Failure(f'{one.version}, {method}: as a plain stream the guest has another memory')
    print(one.version, method, 'ok', flush=True)


def test(folder):
    for one in all_versions()[0] if '--all-versions' in sys.argv else [installed()]:
        for method, return_path in WAYS:
            try:
                one_way(folder, one, method, return_path)
            except QmpError as error:
                if f"Invalid parameter '{method}'" not in str(error):
                    raise
                print(one.version, 'was built without', method)


if __name__ == '__main__':
    live.run(test, SECONDS)
