# SPDX-License-Identifier: BSD-2-Clause
"""A stream in QEMU's format that no QEMU wrote, of a machine with memory and a clock:
a real QEMU loads it, and has that memory and that clock."""
import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'live'))

import live  # noqa: E402
from vm import Vm  # noqa: E402
from waiting import Failure, wait_until  # noqa: E402

MIB = 1 << 20
SIZE = 8  # MiB
PAGE = 4096
SECONDS = 30
BARE = ['-M', 'pc', '-m', str(SIZE), '-nodefaults', '-vga', 'none', '-S']


def page(number):
    return bytes([0 if number % 3 == 0 else number % 251 + 1]) * PAGE


def machine_type(folder):
    with Vm(folder, 'asked', BARE) as vm:
        machines = vm.qmp('query-machines')
    return next(m['name'] for m in machines if m.get('alias') == 'pc')


def loaded(vm):
    state = vm.run_state()
    if state == 'ended' or vm.migration()['status'] == 'failed':
        raise Failure(f'QEMU did not load it: {vm.stderr().strip()}')
    return state != 'inmigrate'


def check_memory(vm, folder):
    """Above what is ROM and display on a PC."""
    path = os.path.join(folder, 'memory')
    vm.qmp('pmemsave', val=MIB, size=(SIZE - 1) * MIB, filename=path)
    with open(path, 'rb') as file:
        for number in range(MIB // PAGE, SIZE * MIB // PAGE):
            if file.read(PAGE) != page(number):
                raise Failure(f'page {number} of the memory is another')


def check_clock(vm, folder):
    """What QEMU saves of it; the first octets are the time of day, which goes on."""
    path = os.path.join(folder, 'again')
    vm.qmp('migrate', uri=f'exec:cat > {path}')
    wait_until(lambda: vm.migration()['status'] in ('completed', 'failed'), SECONDS, 'the migration')
    shown = subprocess.run([live.bermig(), 'dump', '--format=json', path], check=True,
                           capture_output=True).stdout
    clock = next(r for r in json.loads(shown)['records'] if r.get('root') == 'mc146818rtc')
    octets = bytes.fromhex(clock['state']['cmos_data']['value'])
    if octets[64:] != bytes(255 - n for n in range(64, 128)):
        raise Failure(f'the clock has {octets.hex()}')


def test(folder):
    path = os.path.join(folder, 'stream')
    subprocess.run([os.environ['WRITER'], path, machine_type(folder), str(SIZE)], check=True)
    with Vm(folder, 'loading', [*BARE, '-incoming', f'exec:cat {path}']) as vm:
        wait_until(lambda: loaded(vm), SECONDS, 'the end of loading')
        check_memory(vm, folder)
        check_clock(vm, folder)


if __name__ == '__main__':
    live.run(test)
