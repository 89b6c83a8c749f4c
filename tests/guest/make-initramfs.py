#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Write the initramfs of the demo's Linux guest: busybox and linux-init.

usage: make-initramfs.py BUSYBOX OUT

The archive is written here because cpio(1) is not on every machine, and needs
root to make a device node.
"""
import gzip
import os
import stat
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
APPLETS = ('sh', 'mount', 'head', 'md5sum', 'sleep', 'touch')
DIRECTORY = stat.S_IFDIR | 0o755
PROGRAM = stat.S_IFREG | 0o755
LINK = stat.S_IFLNK | 0o777
DEVICE = stat.S_IFCHR | 0o600


def entry(number, name, mode, data=b'', device=(0, 0)):
    """One member of a "newc" cpio archive: header, name, data, each padded to 4."""
    name = name.encode() + b'\0'
    numbers = (number, mode, 0, 0, 1, 0, len(data), 0, 0, *device, len(name), 0)
    header = b'070701' + b''.join(b'%08X' % n for n in numbers)
    return pad(header + name) + pad(data)


def pad(octets):
    return octets + b'\0' * (-len(octets) % 4)


def read(path):
    with open(path, 'rb') as file:
        return file.read()


def members(busybox):
    for name in ('bin', 'dev', 'memory'):
        yield name, DIRECTORY
    # The kernel opens these two before anything could mount a /dev.
    yield 'dev/console', DEVICE, b'', (5, 1)
    yield 'dev/null', DEVICE, b'', (1, 3)
    yield 'dev/urandom', DEVICE, b'', (1, 9)
    yield 'bin/busybox', PROGRAM, read(busybox)
    for name in APPLETS:
        yield 'bin/' + name, LINK, b'busybox'
    yield 'init', PROGRAM, read(os.path.join(HERE, 'linux-init'))


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    archive = b''.join(entry(number, *member) for number, member in enumerate(members(sys.argv[1]), 1))
    archive += entry(0, 'TRAILER!!!', 0)
    # The kernel of the guest unpacks under emulation, where time is dear.
    with open(sys.argv[2], 'wb') as out:
        out.write(gzip.compress(archive, 6, mtime=0))


if __name__ == '__main__':
    main()
