# SPDX-License-Identifier: BSD-2-Clause
"""A collection of streams of QEMU 5.2 to 11.1, where one lies beside the
checkout (../shared/corpus) or BERMIG_CORPUS names one: *.mig.zst, *.save.zst."""
import glob
import os
import sys

import roundtrip

SHARE = 99.0
# What the dump says does not depend on how bermig was built, and reading it here takes many times as
# long as all that bermig does.  With a sanitizer one of so many is compared; without, all.
COMPARED = 4 if os.environ.get('BERMIG_SANITIZE', 'none') != 'none' else 1


def find():
    folder = os.environ.get('BERMIG_CORPUS') or os.path.join(roundtrip.TOP, '..', 'shared', 'corpus')
    return sorted(glob.glob(os.path.join(folder, '*.mig.zst')) +
                  glob.glob(os.path.join(folder, '*.save.zst')))


fields, opaque, largest = 0, 0, 0.0
dumped, compared = 0, 0


def check(packed, folder):
    global fields, opaque, largest, dumped, compared
    path = os.path.join(folder, os.path.basename(packed)[:-len('.zst')])
    roundtrip.run('zstd', '-dqf', packed, '-o', path)
    ber = roundtrip.there_and_back(path, folder)
    facts = roundtrip.info(ber)
    fields += facts['fields']
    opaque += facts['fieldsOpaque']
    largest = max(largest, roundtrip.ratio(path, ber))
    if roundtrip.ratio(path, ber) > 1.001:
        raise roundtrip.Wrong(f'{path}: larger than QEMU\'s own')
    # That reader goes from one octet to the next; pages of a mapped-ram file have places.
    if 'mapped-ram' not in facts.get('capabilities', []):
        dumped += 1
        if dumped % COMPARED == 0:
            roundtrip.check_dump(path)
            compared += 1
        else:
            roundtrip.dump(path)
    os.unlink(path)
    os.unlink(ber)


def check_sums():
    share = 100 * (fields - opaque) / max(fields, 1)
    print(f'{dumped} dumps, {compared} of them compared with an independent reader')
    print(f'{fields} fields described, {share:.2f} % structured; largest {largest:.3f} of the size')
    if share < SHARE:
        sys.exit(f'less than {SHARE} % of the described fields have structure')


packed = find()
if not packed:
    print('skipped: no collection of streams beside the checkout')
    sys.exit(77)
try:
    roundtrip.each(packed, check)
finally:
    check_sums()
