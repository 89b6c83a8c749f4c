#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""A guest whose memory is of huge pages: with postcopy allowed, QEMU says in its list of blocks how large they
are.  The guest moves through send and recv; convert gives its stream back as it was, dump shows the size, and
a QEMU loads it from the file.

Needs pages of 2 MiB.  Where too few are free, root reserves them for the time of this test; where that cannot be,
it is skipped.

usage: test-huge-pages-keep-their-size.py [--all-versions]
"""
import contextlib
import fcntl
import json
import os
import shlex
import subprocess
import sys

import live
from table import Cell, Ends, set_capabilities
from versions import all_versions, common_machine, installed
from vm import Vm
from waiting import Failure, wait_until

ALL_VERSIONS = '--all-versions' in sys.argv[1:]
MIB = 1 << 20
HUGE = 2 * MIB
CHECKED_MIB, MEMORY_MIB = 6, 16
PAGES = 2 * MEMORY_MIB * MIB // HUGE    # of a source and a destination
POOL = '/sys/kernel/mm/hugepages/hugepages-2048kB/'
SECONDS = 20

# Touches as many pages as QEMU will: where a limit forbids that, this is what the signal ends.
TOUCH = f'''
import mmap, os
size = {PAGES * HUGE}
fd = os.memfd_create('pages', os.MFD_HUGETLB | 21 << os.MFD_HUGE_SHIFT)
os.ftruncate(fd, size)
memory = mmap.mmap(fd, size)
for at in range(0, size, {HUGE}):
    memory[at] = 1
'''


# ---- huge pages

def in_pool(name):
    with open(POOL + name, encoding='ascii') as file:
        return int(file.read())


def set_reserved(count):
    with open(POOL + 'nr_hugepages', 'w', encoding='ascii') as file:
        file.write(str(count))


@contextlib.contextmanager
def huge_pages():
    """As many as are needed; Skip where there are none.  One test at a time, also of another build."""
    try:
        pool = open(POOL + 'nr_hugepages', encoding='ascii')
    except OSError as error:
        raise live.Skip(f'huge pages of 2 MiB: {error}') from error
    with pool:
        fcntl.flock(pool, fcntl.LOCK_EX)
        before = in_pool('nr_hugepages')
        lack = PAGES - (in_pool('free_hugepages') - in_pool('resv_hugepages'))
        try:
            if lack > 0:
                reserve(before + lack)
            touch()
            yield
        finally:
            if lack > 0 and in_pool('nr_hugepages') != before:
                set_reserved(before)


def reserve(count):
    try:
        set_reserved(count)
    except OSError as error:
        raise live.Skip(f'huge pages cannot be reserved: {error}') from error
    if in_pool('nr_hugepages') < count:
        raise live.Skip(f'only {in_pool("nr_hugepages")} of {count} huge pages can be reserved')


def touch():
    done = subprocess.run([sys.executable, '-c', TOUCH], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise live.Skip(f'huge pages cannot be used: exit {done.returncode} {done.stderr.strip()[-200:]}')


def huge_guest():
    tiny = live.tiny_guest(CHECKED_MIB, memory=MEMORY_MIB)
    memory = f'memory-backend-memfd,id=ram,size={MEMORY_MIB}M,hugetlb=on,hugetlbsize=2M'
    return tiny.with_arguments('-object', memory, '-machine', 'memory-backend=ram')


# ---- a stream in a file

def bermig(*arguments):
    return subprocess.run([live.bermig(), *arguments], check=True, capture_output=True, text=True).stdout


def content(path):
    with open(path, 'rb') as file:
        return file.read()


def blocks(path):
    """[(name, page size or None)] of the memory in a stream."""
    for record in json.loads(bermig('dump', '--format=json', path))['records']:
        for item in record.get('items', ()):
            if record.get('name') == 'ram' and 'blocks' in item:
                return [(block['name']['value'], block.get('page_size', {}).get('value')) for block in item['blocks']]
    raise Failure(f'{path}: no list of blocks')


def expect_page_size(path):
    found = blocks(path)
    if sorted(size or 0 for _, size in found)[-2:] != [0, HUGE]:
        raise Failure(f'{path}: one block shall have pages of {HUGE} octets, and none of the others: {found}')


# ---- the move, and its stream in a file

class Kept(Ends):
    """What QEMU says goes to a file too.  QEMU waits for answers with postcopy allowed, so a file alone would
    not do as its destination."""

    def __init__(self, folder, cell, guest, path):
        super().__init__(folder, cell, guest)
        self._path = path

    def begin(self, max_bandwidth=1 << 33, **parameters):
        set_capabilities(self.source, self.cell)
        self.source.qmp('migrate-set-parameters', max_bandwidth=max_bandwidth, **parameters)
        send = shlex.join([live.bermig(), 'send', self._uri])
        self.source.qmp('migrate', uri=f'exec:tee {shlex.quote(self._path)} | {send}')


def move(folder, cell, guest, path):
    """Through send and recv; where the guest was, and what it had printed at its source."""
    with Kept(folder, cell, guest, path) as ends:
        guest.wait_for(ends.source, SECONDS, rounds=1)
        state = ends.migrate()
        if state['status'] != 'completed':
            raise Failure(f'{cell}: {state}; {ends.source.stderr()}; {ends.destination.stderr()}')
        printed = ends.source.serial()
        guest.wait_for_more(ends.destination, SECONDS, guest.last(printed))
        guest.expect_no_gap(printed, ends.destination.serial())
        print(cell, '|', ends.outcome(state), flush=True)
    return printed


def load(folder, cell, guest, path, printed):
    arguments = ['-M', cell.machine, *guest.arguments, '-incoming', 'defer']
    with Vm(folder, 'loaded', arguments, cell.destination.program) as vm:
        set_capabilities(vm, cell)
        vm.qmp('migrate-incoming', uri=f'exec:cat {shlex.quote(path)}')
        wait_until(lambda: vm.run_state() == 'running', SECONDS, f'the load of {path}')
        guest.wait_for_more(vm, SECONDS, guest.last(printed))
        guest.expect_no_gap(printed, vm.serial())


def check(folder, qemu, guest):
    cell = Cell(qemu, qemu, common_machine(qemu.number, qemu.number), capabilities=('postcopy-ram',))
    qemu_file, ber, again = (os.path.join(folder, name) for name in ('qemu', 'ber', 'again'))
    printed = move(folder, cell, guest, qemu_file)
    bermig('convert', qemu_file, ber)
    bermig('convert', ber, again)
    if content(again) != content(qemu_file):
        raise Failure(f'{cell}: the stream came back otherwise')
    for path in (qemu_file, ber):
        expect_page_size(path)
    load(folder, cell, guest, again, printed)


def test(folder):
    versions = all_versions()[0] if ALL_VERSIONS else [installed()]
    with huge_pages():
        for qemu in versions:
            place = os.path.join(folder, qemu.version)
            os.mkdir(place)
            check(place, qemu, huge_guest())


if __name__ == '__main__':
    live.run(test, 300 if ALL_VERSIONS else live.SECONDS)
