#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The example of SPEC.md is true: its table is docs/example.ber, and `bermig
convert` makes that file of docs/example.qevm and the other way round."""
import os
import re
import subprocess
import sys
import tempfile

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..')
ROW = re.compile(r'([0-9a-f]{4})  ((?:[0-9a-f]{2} )*[0-9a-f]{2})(?:  .*)?$')
MAGIC_LEN = 24


def content(*path):
    with open(os.path.join(*path), 'rb') as file:
        return file.read()


def table_of(text):
    """The octets of the table in section 13; each row must start where the one before ends."""
    octets = b''
    for line in text.split('## 13 Worked example')[1].splitlines():
        row = ROW.match(line)
        if row:
            assert int(row[1], 16) == len(octets), f'offset {row[1]}, expected {len(octets):04x}'
            octets += bytes.fromhex(row[2])
    return octets


def records_of(ber):
    """From the start of `records` to their end.  What stands around them changes with each
    version of the program: its name in the preamble, and so the trailer."""
    start = at = MAGIC_LEN + 2 + ber[MAGIC_LEN + 1]
    at += 2
    while ber[at]:
        at += 2 + ber[at + 1]  # the example's lengths take one octet
    return ber[start:at + 2]


def convert(source, folder):
    target = os.path.join(folder, 'converted')
    subprocess.run([os.environ['BERMIG'], 'convert', source, target], check=True, timeout=60)
    return content(target)


def main():
    example = os.path.join(ROOT, 'docs', 'example')
    ber, qevm = content(example + '.ber'), content(example + '.qevm')
    text = content(ROOT, 'SPEC.md').decode()
    assert table_of(text) == ber, 'the table of SPEC.md is not docs/example.ber'
    assert qevm[qevm.index(b'{'):].decode() in text, 'SPEC.md has another description'
    with tempfile.TemporaryDirectory() as folder:
        assert convert(example + '.ber', folder) == qevm, 'BER to QEMU'
        assert records_of(convert(example + '.qevm', folder)) == records_of(ber), 'QEMU to BER'


if __name__ == '__main__':
    sys.exit(main())
