#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Write fresh streams of the installed QEMU, one file NAME.mig each, into a folder.

usage: make-streams.py FOLDER [TINY_GUEST]
"""
import os
import sys

from streams import make_all


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    os.makedirs(sys.argv[1], exist_ok=True)
    for stream in make_all(*sys.argv[1:]):
        print(f'{stream["name"]:20} {os.path.getsize(stream["path"]):10} {stream["path"]}')


if __name__ == '__main__':
    main()
