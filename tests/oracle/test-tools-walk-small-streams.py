# SPDX-License-Identifier: BSD-2-Clause
"""Every tool walks streams that are made without QEMU."""
import os
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'cli'))

import legacy
import walk

# A value of each sign and width, and octets that look like BER and are cut.
FIELDS = legacy.FIELDS + [
    ('least', 'int64', b'\x80' + bytes(7)),
    ('most', 'uint64', b'\xff' * 8),
    ('looks', 'buffer', bytes.fromhex('308004050000')),
]

STREAMS = {
    'small': legacy.stream(),
    'no-pages': legacy.stream(pages=0),
    'return-path': legacy.stream(return_path=True),
    'many-values': (legacy.beginning() + legacy.ram_pages([], end=True) + legacy.device(FIELDS) + legacy.END
                    + legacy.description(FIELDS)),
    'several-records': legacy.busy_stream(20, lambda turn, number: os.urandom(legacy.PAGE)),
    'cut': legacy.stream()[:-len(legacy.description())],
    'trailing': legacy.stream() + bytes(300),
}


def bers(folder):
    for name, octets in STREAMS.items():
        path = os.path.join(folder, name)
        with open(path, 'wb') as file:
            file.write(octets)
        yield walk.convert(path, folder)


with tempfile.TemporaryDirectory(prefix='bermig-oracle-') as made:
    walk.check_all(bers(made))
