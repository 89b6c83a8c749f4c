# SPDX-License-Identifier: BSD-2-Clause
"""Every tool walks the streams of a collection, where one lies beside the
checkout (../shared/corpus) or BERMIG_CORPUS names one: *.mig, *.mig.zst."""
import glob
import os
import subprocess
import sys
import tempfile

import walk

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def find():
    folder = os.environ.get('BERMIG_CORPUS') or os.path.join(TOP, '..', 'shared', 'corpus')
    found = glob.glob(os.path.join(folder, '*.mig')) + glob.glob(os.path.join(folder, '*.mig.zst'))
    return sorted(found)


def unpacked(path, folder):
    if not path.endswith('.zst'):
        return path
    plain = os.path.join(folder, os.path.basename(path)[:-len('.zst')])
    subprocess.run(['zstd', '-dqf', path, '-o', plain], check=True, timeout=walk.SECONDS)
    return plain


def bers(paths, folder):
    for path in paths:
        plain = unpacked(path, folder)
        yield walk.convert(plain, folder)
        if plain != path:
            os.unlink(plain)


streams = find()
if not streams:
    print('skipped: no collection of streams beside the checkout')
    sys.exit(77)
with tempfile.TemporaryDirectory(prefix='bermig-oracle-') as made:
    walk.check_all(bers(streams, made))
