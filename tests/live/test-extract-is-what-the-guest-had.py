# SPDX-License-Identifier: BSD-2-Clause
"""`bermig extract` gives the memory and the registers that QEMU itself shows: of
each block octet for octet, also from pages that travelled as deltas or compressed,
and in a core file at the address where the processor finds it."""
import os
import re
import shlex
import subprocess

import live
from streams import ARM, MIB, write_stream
from vm import Vm
from waiting import Failure

GIB = 1 << 30
PATTERN = 0x1122334455667788
SLOWLY = dict(max_bandwidth=12 * MIB, downtime_limit=20)


def run(*command):
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    if done.returncode != 0:
        raise Failure(f'{shlex.join(command)}: exit {done.returncode}: {done.stdout}{done.stderr}')
    return done.stdout


def expect(what, found, wanted):
    if found != wanted:
        raise Failure(f'{what}: {found!r}, expected {wanted!r}')


def loader(address):
    """A device that puts PATTERN into memory at the start."""
    return ['-device', f'loader,addr={address:#x},data={PATTERN:#x},data-len=8']


def memory(vm, folder, address, size):
    path = os.path.join(folder, 'pmem')
    vm.qmp('pmemsave', val=address, size=size, filename=path)
    with open(path, 'rb') as file:
        return file.read()


def compare(path, vm, folder, offset, address, size):
    """What the file has against what the guest has, a piece at a time."""
    with open(path, 'rb') as file:
        file.seek(offset)
        for at in range(0, size, 16 * MIB):
            length = min(16 * MIB, size - at)
            if file.read(length) != memory(vm, folder, address + at, length):
                raise Failure(f'{path}: other octets than the guest has at {address + at:#x}')


def compare_checked_memory(raw, vm, folder, mib):
    """The memory that the guest checks itself.  Of other pages QEMU's software emulation
    does not always send the last write, wherever the stream goes."""
    compare(os.path.join(raw, 'pc.ram.raw'), vm, folder, 2 * MIB, 2 * MIB, mib * MIB)


def gdb(core, *commands):
    return run('gdb', '-nx', '-batch', *(part for command in commands for part in ('-ex', command)),
               '-c', core)


def number_in(text, pattern):
    found = re.search(pattern, text, re.MULTILINE)
    if not found:
        raise Failure(f'no {pattern} in {text!r}')
    return int(found[1], 16)


def check_registers(vm, core, name, monitor):
    shown = number_in(vm.qmp('human-monitor-command', command_line='info registers'), monitor)
    expect(f'register {name}', number_in(gdb(core, f'info registers {name}'), rf'^{name} +0x([0-9a-f]+)'),
           shown)


def check_pattern(core, address):
    found = number_in(gdb(core, f'x/1xg {address:#x}'), r':\s+0x([0-9a-f]+)')
    expect(f'eight octets at {address:#x} of the core file', found, PATTERN)


def extracted(folder, vm, capabilities=(), **parameters):
    """Write the stream of a machine; the folder of its images and its core file."""
    stream, raw, core = (os.path.join(folder, name) for name in ('mig', 'raw', 'core'))
    write_stream(vm, stream, capabilities, **parameters)
    run(live.bermig(), 'extract', f'--raw={raw}', stream)
    run(live.bermig(), 'extract', f'--elf={core}', stream)
    return raw, core, stream


def big_pc(folder):
    """More memory than fits below 4 GiB."""
    arguments = ['-M', 'pc', '-m', '4608', '-nodefaults', '-S', *loader(MIB), *loader(4 * GIB + MIB)]
    with Vm(folder, 'pc', arguments) as vm:
        raw, core, _ = extracted(folder, vm)
        for address in (MIB, 4 * GIB + MIB):
            check_pattern(core, address)
        compare(os.path.join(raw, 'pc.ram.raw'), vm, folder, 0, 0, 0xa0000)
        compare(os.path.join(raw, 'pc.bios.raw'), vm, folder, 0, 4 * GIB - 256 * 1024,
                256 * 1024)
        check_registers(vm, core, 'rip', r'[RE]IP=([0-9a-f]+)')
        if os.stat(core).st_blocks * 512 > 64 * MIB:
            raise Failure('the core file of an empty memory is not sparse')


def q35_deltas(folder):
    """Pages that travel as deltas, and a guest that wrote its memory many times."""
    guest = live.tiny_guest(mib=12, pages_per_tick=64)
    with Vm(folder, 'q35', ['-M', 'q35', *guest.arguments]) as vm:
        guest.wait_for(vm, 20, rounds=1)
        raw, core, stream = extracted(folder, vm, ('xbzrle',), **SLOWLY)
        if 'xbzrle' not in run(live.bermig(), 'dump', '--pages', stream):
            raise Failure('no page travelled as a delta, so that this shows nothing')
        compare_checked_memory(raw, vm, folder, 12)
        check_registers(vm, core, 'rip', r'[RE]IP=([0-9a-f]+)')


def q35_compressed(folder):
    guest = live.tiny_guest(mib=4)
    with Vm(folder, 'q35z', ['-M', 'q35', *guest.arguments]) as vm:
        guest.wait_for(vm, 20, rounds=1)
        vm.qmp('stop')
        raw, _, stream = extracted(folder, vm, ('compress',))
        if 'zlib' not in run(live.bermig(), 'dump', '--pages', stream):
            raise Failure('no page was compressed, so that this shows nothing')
        compare_checked_memory(raw, vm, folder, 4)


def virt(folder):
    arguments = ['-M', 'virt', '-cpu', 'cortex-a57', '-m', '64', '-nodefaults', '-S', *loader(GIB + MIB)]
    with Vm(folder, 'virt', arguments, ARM) as vm:
        raw, core, _ = extracted(folder, vm)
        check_pattern(core, GIB + MIB)
        compare(os.path.join(raw, 'mach-virt.ram.raw'), vm, folder, 0, GIB, 64 * MIB)
        notes = run('readelf', '-hn', core)
        if 'AArch64' not in notes or 'NT_PRSTATUS' not in notes:
            raise Failure(f'no core file of an aarch64 machine: {notes}')


def test(folder):
    live.need('gdb')
    for check in (big_pc, q35_deltas, q35_compressed, virt):
        place = os.path.join(folder, check.__name__)
        os.mkdir(place)
        check(place)


if __name__ == '__main__':
    live.run(test)
