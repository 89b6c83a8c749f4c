# SPDX-License-Identifier: BSD-2-Clause
"""What the tests of this folder share: converting there and back, and asking."""
import filecmp
import json
import os
import subprocess
import sys
import tempfile

BERMIG = os.environ['BERMIG']
SECONDS = 120
TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
CHECK_DUMP = os.path.join(TOP, 'tests', 'dump', 'check-dump.py')


class Wrong(Exception):
    """A stream that is not as it should be."""


def run(*command):
    """Run a command that must succeed, and return what it printed."""
    done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS)
    if done.returncode != 0:
        raise Wrong(f'{" ".join(command)}: exit {done.returncode}: {done.stdout[-600:]}'
                    f'{done.stderr[-600:]}')
    return done.stdout


def there_and_back(path, folder):
    """Convert a QEMU stream to BER and back, and BER to BER; both must be what they were.
    Returns the path of the BER stream."""
    base = os.path.join(folder, os.path.basename(path))
    ber, back, again = base + '.ber', base + '.back', base + '.again'
    run(BERMIG, 'convert', '--to=ber', path, ber)
    run(BERMIG, 'convert', ber, back)
    if not filecmp.cmp(path, back, shallow=False):
        raise Wrong(f'{path}: it came back as something else')
    run(BERMIG, 'convert', '--to=ber', ber, again)
    if not filecmp.cmp(ber, again, shallow=False):
        raise Wrong(f'{path}: its BER form was encoded again as something else')
    os.unlink(back)
    os.unlink(again)
    return ber


def info(path):
    return json.loads(run(BERMIG, 'info', '--format=json', path))


def ratio(path, ber):
    return os.path.getsize(ber) / os.path.getsize(path)


def dump(path):
    for form in ('text', 'json'):
        run(BERMIG, 'dump', f'--format={form}', path)


def check_dump(path):
    """Compare the dump with what an independent reader finds in the stream."""
    run(sys.executable, CHECK_DUMP, BERMIG, path)


def each(paths, check):
    """Run check(path, folder) for each, report all that fail, exit."""
    wrong = 0
    with tempfile.TemporaryDirectory(prefix='bermig-') as folder:
        for path in paths:
            try:
                check(path, folder)
            except (Wrong, subprocess.TimeoutExpired) as error:
                print(error)
                wrong += 1
    print(f'{len(paths)} streams, {wrong} wrong')
    sys.exit(1 if wrong or not paths else 0)
