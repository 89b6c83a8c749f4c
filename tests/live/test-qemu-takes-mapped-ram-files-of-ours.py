# SPDX-License-Identifier: BSD-2-Clause
"""A QEMU loads a mapped-ram file that bermig made from a plain stream; one that a QEMU saved comes
back from BER as it was, and is loaded as a plain stream.  Versions before 9.0 have no such files."""
import os
import subprocess

import live
from qmp import QmpError
from streams import ended
from versions import all_versions
from vm import Vm
from waiting import Failure, wait_until

FIRST = (9, 0)
ARGUMENTS = ['-M', 'q35', '-m', '32', '-nodefaults']
SECONDS = 300
SECONDS_TO_MOVE = 30


def bermig(*arguments):
    subprocess.run([live.bermig(), *arguments], check=True)


def content(path):
    with open(path, 'rb') as file:
        return file.read()


def set_mapped(vm, mapped):
    vm.qmp('migrate-set-capabilities', capabilities=[{'capability': 'mapped-ram', 'state': mapped}])


def save(vm, path, mapped):
    """The guest's memory as it was saved."""
    vm.qmp('cont')
    vm.qmp('stop')
    set_mapped(vm, mapped)
    vm.qmp('migrate', uri=f'file:{path}')
    if wait_until(lambda: ended(vm), SECONDS_TO_MOVE, path) != 'completed':
        raise Failure(f'{path} was not saved: {vm.stderr()}')
    return memory(vm, path)


def memory(vm, path):
    vm.qmp('pmemsave', val=0, size=32 << 20, filename=path + '.pmem')
    return content(path + '.pmem')


def load(folder, qemu, path, mapped):
    """The memory of a guest that was loaded, and runs then."""
    with Vm(folder, 'destination', [*ARGUMENTS, '-S', '-incoming', 'defer'], qemu) as vm:
        set_mapped(vm, mapped)
        vm.qmp('migrate-incoming', uri=f'file:{path}')
        try:
            wait_until(lambda: vm.run_state() == 'paused', SECONDS_TO_MOVE, f'the load of {path}')
        except (QmpError, Failure) as error:
            raise Failure(f'{path}: {error}; {vm.stderr()}') from error
        loaded = memory(vm, path)
        vm.qmp('cont')
        return loaded


def both_ways(folder, qemu):
    def path(name):
        return os.path.join(folder, name)

    with Vm(folder, 'source', ARGUMENTS, qemu) as vm:
        wait_until(lambda: vm.run_state() == 'running', SECONDS_TO_MOVE, 'the source')
        plain = save(vm, path('plain'), False)
        mapped = save(vm, path('mapped'), True)
    bermig('convert', '--to=mapped-ram', path('plain'), path('made'))
    bermig('convert', path('mapped'), path('ber'))
    bermig('convert', path('ber'), path('again'))
    bermig('convert', '--to=qemu', path('ber'), path('straight'))
    if content(path('again')) != content(path('mapped')):
        raise Failure('the file came back otherwise')
    for name, capability, expected in (('made', True, plain), ('again', True, mapped), ('straight', False, mapped)):
        if load(folder, qemu, path(name), capability) != expected:
            raise Failure(f'{name}: the guest has another memory')


def test(folder):
    versions = [one for one in all_versions()[0] if one.number >= FIRST]
    if not versions:
        raise live.Skip('no QEMU of 9.0 or later is here')
    for one in versions:
        place = os.path.join(folder, one.version)
        os.mkdir(place)
        both_ways(place, one.program)
        print(one.version, 'ok')


if __name__ == '__main__':
    live.run(test, SECONDS)
