#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""decoder.py, written after SPEC.md, turns what bermig writes back into the
stream it was made of: the worked example, and a collection of streams where one
lies beside the checkout (../shared/corpus, or BERMIG_CORPUS), else fresh ones."""
import glob
import os
import subprocess
import sys
import tempfile

from decoder import decode

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..')
SECONDS = 120
# What bermig writes does not depend on how it was built, and nearly all of the time is this decoder's.
# With a sanitizer it reads one of so many streams; without, all.
READ = 8 if os.environ.get('BERMIG_SANITIZE', 'none') != 'none' else 1


def content(path):
    with open(path, 'rb') as file:
        return file.read()


def collection():
    folder = os.environ.get('BERMIG_CORPUS') or os.path.join(ROOT, '..', 'shared', 'corpus')
    return sorted(glob.glob(os.path.join(folder, '*.mig.zst')))


def fresh(folder):
    sys.path.insert(0, os.path.join(ROOT, 'tests', 'live'))
    from streams import make_all
    return [stream['path'] for stream in make_all(folder)]


def unpacked(path, folder):
    if not path.endswith('.zst'):
        return path
    target = os.path.join(folder, 'stream.mig')
    subprocess.run(['zstd', '-dqf', path, '-o', target], check=True, timeout=SECONDS)
    return target


def convert(*arguments):
    subprocess.run([os.environ['BERMIG'], 'convert', *arguments], check=True, timeout=SECONDS)


def comes_back(path, folder):
    ber, origin = os.path.join(folder, 'stream.ber'), path
    convert(path, ber)
    if b'mapped-ram' in content(path)[:4096]:
        # The decoder knows the plain form only.
        origin = os.path.join(folder, 'stream.plain')
        convert('--to=qemu', ber, origin)
    return decode(content(ber)) == content(origin)


def main():
    example = os.path.join(ROOT, 'docs', 'example')
    assert decode(content(example + '.ber')) == content(example + '.qevm'), 'the worked example'
    with tempfile.TemporaryDirectory(prefix='bermig-') as folder:
        paths = collection()[::READ] or fresh(folder)
        wrong = [path for path in paths if not comes_back(unpacked(path, folder), folder)]
    print(f'{len(paths)} streams{f", one of {READ}" if READ > 1 else ""}, {len(wrong)} wrong', *wrong, sep='\n')
    return 1 if wrong else 0


if __name__ == '__main__':
    sys.exit(main())
