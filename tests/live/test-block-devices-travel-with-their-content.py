# SPDX-License-Identifier: BSD-2-Clause
"""A disk's content and its dirty bitmaps, as QEMU 7.2 sends them ("migrate -b"), go through BER:
the stream comes back octet for octet, and a QEMU that loads it has the same disk.
"""
import os
import subprocess

import live
from qmp import QmpError
from streams import MIB, ended, write_stream
from vm import Vm
from waiting import Failure, wait_until

DISK = 6 * MIB
SECONDS_TO_LOAD = 30


def fail(message):
    raise Failure(message)


def disk_arguments(path):
    return ['-M', 'pc', '-m', '16', '-nodefaults', '-S',
            '-drive', f'if=none,id=drive0,node-name=disk,format=raw,file={path}',
            '-device', 'ide-hd,drive=drive0']


def make_disk(path):
    """Random octets, a hole of more than a chunk, random octets."""
    with open(path, 'wb') as file:
        file.write(os.urandom(MIB + 4096))
        file.seek(4 * MIB)
        file.write(os.urandom(DISK - 4 * MIB))


def save(folder, name, capabilities):
    disk, stream = os.path.join(folder, name + '.raw'), os.path.join(folder, name + '.mig')
    make_disk(disk)
    with Vm(folder, 'source', disk_arguments(disk)) as vm:
        vm.qmp('transaction', actions=[{'type': 'block-dirty-bitmap-add', 'data': {
            'node': 'disk', 'name': 'backup', 'granularity': 4096}}])
        vm.qmp('human-monitor-command', command_line='qemu-io drive0 "write -P 7 1M 64k"')
        write_stream(vm, stream, capabilities)
    return disk, stream


def both_ways(stream):
    ber, again = stream + '.ber', stream + '.again'
    subprocess.run([live.bermig(), 'convert', stream, ber], check=True)
    subprocess.run([live.bermig(), 'convert', ber, again], check=True)
    with open(stream, 'rb') as a, open(again, 'rb') as b:
        if a.read() != b.read():
            fail('the stream came back otherwise')
    return ber


def lines(ber, glob):
    done = subprocess.run([live.bermig(), 'dump', '--pages', '--path=' + glob, ber], check=True,
                          capture_output=True, text=True)
    return done.stdout.splitlines()


def load(folder, ber, capabilities):
    """The disk and the number of dirty octets that its bitmap has at the destination."""
    disk = os.path.join(folder, 'destination.raw')
    with open(disk, 'wb') as file:
        file.truncate(DISK)
    with Vm(folder, 'destination', disk_arguments(disk) + ['-incoming', 'defer']) as vm:
        vm.qmp('migrate-set-capabilities',
               capabilities=[{'capability': name, 'state': True} for name in capabilities])
        vm.qmp('migrate-incoming', uri=f'exec:{live.bermig()} convert {ber} -')
        try:
            wait_until(lambda: ended(vm), SECONDS_TO_LOAD, 'the load')
        except QmpError as error:
            fail(f'it was not loaded: {error}; {vm.stderr()}')
        vm.qmp('cont')
        bitmaps = [bitmap for block in vm.qmp('query-block') if 'inserted' in block
                   for bitmap in block['inserted'].get('dirty-bitmaps', [])]
    return disk, bitmaps


def content(path):
    with open(path, 'rb') as file:
        return file.read()


def check(folder, capabilities):
    disk, stream = save(folder, 'x', capabilities)
    ber = both_ways(stream)
    chunks = lines(ber, 'block.*.sectors')
    octets = lines(ber, '*(octets)*')
    if 'block' in capabilities and not any('full' in line for line in chunks):
        fail(f'no full chunk: {chunks}')
    if 'zero-blocks' in capabilities and not any('zero' in line for line in chunks):
        fail(f'no zero chunk: {chunks}')
    if 'dirty-bitmaps' in capabilities and len(lines(ber, 'dirty-bitmap.drive0/backup.*')) < 3:
        fail(f'no dirty bitmap: {lines(ber, "dirty-bitmap*")}')
    if octets:
        fail(f'something was not understood: {octets}')
    loaded, bitmaps = load(folder, ber, [name for name in capabilities if name != 'zero-blocks'])
    if 'block' in capabilities and content(loaded) != content(disk):
        fail('the disk is another one')
    if 'dirty-bitmaps' in capabilities and [b['count'] for b in bitmaps] != [65536]:
        fail(f'the dirty bitmaps are {bitmaps}')


def test(folder):
    live.need('qemu-system-x86_64')
    for capabilities in (['block'], ['block', 'zero-blocks'], ['dirty-bitmaps']):
        place = os.path.join(folder, '-'.join(capabilities))
        os.mkdir(place)
        check(place, capabilities)


if __name__ == '__main__':
    live.run(test)
