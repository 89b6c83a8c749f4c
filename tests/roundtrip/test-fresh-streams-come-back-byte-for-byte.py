# SPDX-License-Identifier: BSD-2-Clause
"""Streams that the installed QEMU writes now: there and back without a change,
never larger, an idle guest's much smaller, and the dump says what is in them."""
import os
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'live'))

import roundtrip
from streams import make_all

# Machines whose guest does nothing: only firmware has run.
IDLE = ('pc', 'q35-devices')
IDLE_RATIO = 0.7


def check(path, folder):
    name = os.path.splitext(os.path.basename(path))[0]
    ber = roundtrip.there_and_back(path, folder)
    roundtrip.run(roundtrip.BERMIG, 'validate', ber)
    ratio = roundtrip.ratio(path, ber)
    facts = roundtrip.info(ber)
    print(f'{name}: {ratio:.3f} of the size, {facts["fields"]} fields, '
          f'{facts["structuredPercent"]:.2f} % structured')
    if ratio > 1.001 or name in IDLE and ratio > IDLE_RATIO:
        raise roundtrip.Wrong(f'{name}: {ratio:.3f} of the size is too much')
    if name == 'pc' and (facts['fields'] < 500 or facts['structuredPercent'] < 99):
        raise roundtrip.Wrong(f'{name}: too little of it has structure')
    roundtrip.check_dump(path)


with tempfile.TemporaryDirectory(prefix='bermig-fresh-') as made:
    streams = make_all(made, os.environ.get('TINY_GUEST'))
    roundtrip.each([stream['path'] for stream in streams], check)
