# SPDX-License-Identifier: BSD-2-Clause
"""Fresh streams from the QEMU that is installed here.

make_all() is for tests that need streams of many kinds and cannot rely on a
collection of them; make-streams.py is the same as a command.
"""
import concurrent.futures
import dataclasses
import os
import shlex
import shutil
import struct
import tempfile
import time

from guest import tiny
from vm import Vm
from waiting import Failure, wait_until

MIB = 1 << 20
SECONDS_TO_WRITE = 30
X86 = 'qemu-system-x86_64'
ARM = 'qemu-system-aarch64'


def write_stream(vm, path, capabilities=(), **parameters):
    """Have QEMU write its stream to the file `path`."""
    vm.qmp('migrate-set-capabilities',
           capabilities=[{'capability': name, 'state': True} for name in capabilities])
    vm.qmp('migrate-set-parameters', **{'max_bandwidth': 1 << 33, **parameters})
    vm.qmp('migrate', uri=f'exec:cat >{shlex.quote(path)}')
    status = wait_until(lambda: ended(vm), SECONDS_TO_WRITE, f'the stream {path}')
    if status != 'completed':
        raise Failure(f'the stream {path}: {status}; {vm.stderr()}')


def ended(vm):
    status = vm.migration()['status']
    return status if status in ('completed', 'failed', 'cancelled') else None


# ---- what runs in the machines

@dataclasses.dataclass
class Machine:
    """A machine to make a stream of."""
    name: str
    arguments: list
    binary: str = X86
    guest: object = None        # wait for it; without one the firmware runs for a second
    stopped: bool = False       # before the stream is written
    capabilities: tuple = ()
    parameters: dict = dataclasses.field(default_factory=dict)


def disk(name):
    """A disk that needs no file; it reads as zeros."""
    return ['-blockdev', f'null-co,node-name={name},size={8 * MIB},read-zeroes=on']


Q35_DEVICES = [
    '-nodefaults', '-smp', '3', '-vga', 'std',
    '-netdev', 'user,id=net0', '-device', 'virtio-net-pci,netdev=net0',
    '-netdev', 'user,id=net1', '-device', 'e1000e,netdev=net1',
    *disk('disk0'), '-device', 'virtio-blk-pci,drive=disk0',
    *disk('disk1'), '-device', 'ide-hd,drive=disk1,bus=ide.0',
    '-device', 'virtio-rng-pci',
    '-device', 'virtio-serial-pci', '-chardev', 'null,id=port0', '-device', 'virtserialport,chardev=port0',
    '-device', 'usb-ehci,id=ehci', '-device', 'usb-tablet,bus=ehci.0',
    *disk('disk2'), '-device', 'usb-storage,drive=disk2,bus=ehci.0',
]


def x86_machines(kernel):
    yield Machine('pc', ['-M', 'pc', '-m', '64'])
    yield Machine('pc-stopped', ['-M', 'pc', '-m', '64', '-nodefaults'], stopped=True)
    yield Machine('pc-no-description', ['-M', 'pc,suppress-vmdesc=on', '-m', '64', '-nodefaults'])
    yield Machine('q35-devices', ['-M', 'q35', '-m', '96', *Q35_DEVICES])
    yield Machine('microvm', ['-M', 'microvm', '-m', '64', '-nodefaults'])
    if not kernel:
        return
    # A guest that goes on dirtying memory makes for several passes over it, and
    # one that touches only some octets of a page for pages that XBZRLE encodes.
    busy = tiny(kernel, mib=12, pages_per_tick=64)
    slowly = dict(max_bandwidth=12 * MIB, downtime_limit=20)
    yield Machine('pc-busy', busy.arguments, guest=busy, parameters=slowly)
    yield Machine('q35-xbzrle', ['-M', 'q35', *busy.arguments], guest=busy, capabilities=('xbzrle',),
                  parameters=slowly)


def arm_machines(folder):
    program = os.path.join(folder, 'arm-program')
    with open(program, 'wb') as file:
        file.write(ARM_PROGRAM)
    yield Machine('virt', ['-M', 'virt', '-cpu', 'cortex-a57', '-smp', '2', '-m', '64', '-kernel', program], ARM)
    yield Machine('virt-gicv3', ['-M', 'virt,gic-version=3', '-cpu', 'cortex-a57', '-m', '64', '-nodefaults'], ARM,
                  stopped=True)


# Fills 4 MiB with counting numbers, again and again.  It stands for a firmware,
# which for this architecture would be one more package.
ARM_PROGRAM = struct.pack(
    '<5I',
    0xd2a82000,     # start: mov  x0, #0x41000000
    0x91000421,     # next:  add  x1, x1, #1
    0xf8008401,     #        str  x1, [x0], #8
    0x36b7ffc0,     #        tbz  x0, #22, next      up to 0x41400000
    0x17fffffc)     #        b    start


# ---- making them

def make(machine, folder):
    """Write the stream of one machine; its path."""
    path = os.path.join(folder, machine.name + '.mig')
    with tempfile.TemporaryDirectory(prefix='bermig-live-', dir='/tmp') as scratch:
        with Vm(scratch, machine.name, machine.arguments, machine.binary) as vm:
            if machine.guest:
                machine.guest.wait_for(vm, 20, rounds=1)
            else:
                time.sleep(1)
            if machine.stopped:
                vm.qmp('stop')
            write_stream(vm, path, machine.capabilities, **machine.parameters)
    return path


def make_all(folder, kernel=None):
    """Write a stream of every kind into `folder`: [{'name': ..., 'path': ...}].

    `kernel` is the guest tiny.elf; without it there are no streams of a busy
    guest.  An architecture whose QEMU is not installed is left out.
    """
    kernel = kernel or os.environ.get('TINY_GUEST')
    with tempfile.TemporaryDirectory() as programs:
        machines = [machine for machine in (*x86_machines(kernel), *arm_machines(programs))
                    if shutil.which(machine.binary)]
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            paths = pool.map(lambda machine: make(machine, folder), machines)
            return [{'name': machine.name, 'path': path} for machine, path in zip(machines, paths)]
