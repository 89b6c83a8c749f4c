# SPDX-License-Identifier: BSD-2-Clause
"""What the live tests share: their surroundings, a time limit, and meson's exit statuses.

A test is a function that takes a folder for its files and raises Failure, or
Skip with the reason.  The environment names the programs: BERMIG the one under
test, TINY_GUEST the guest of tests/guest/tiny.s.
"""
import os
import shutil
import signal
import sys
import tempfile

from guest import tiny
from qmp import QmpError
from waiting import Failure

EXIT_SKIPPED = 77
SECONDS = 600    # many times what a test takes: only what hangs meets it


class Skip(Exception):
    """The test cannot say anything here; the reason is its text."""


def bermig():
    return os.path.abspath(_from_environment('BERMIG'))


def tiny_guest(mib, pages_per_tick=0, memory=None):
    return tiny(os.path.abspath(_from_environment('TINY_GUEST')), mib, pages_per_tick, memory)


def is_sanitized():
    """Whether the bermig under test carries AddressSanitizer."""
    return 'address' in os.environ.get('BERMIG_SANITIZE', '')


def _from_environment(name):
    path = os.environ.get(name)
    if not path:
        raise Skip(f'{name} is not set; meson test sets it')
    if not os.path.exists(path):
        raise Skip(f'{name} names {path}, which does not exist')
    return path


def need(program):
    if not shutil.which(program):
        raise Skip(f'{program} is not installed')


def _alarm_after(seconds):
    def on_alarm(*_):
        raise Failure(f'the test took longer than {seconds} s')
    signal.signal(signal.SIGALRM, on_alarm)
    signal.alarm(seconds)


def _on_terminate(*_):
    sys.exit('the test was terminated')  # as an exception, so that its QEMUs are stopped


def run(test, seconds=SECONDS):
    """Run the test and exit with what meson wants: 0, 77 when skipped, 1 when failed."""
    signal.signal(signal.SIGTERM, _on_terminate)
    _alarm_after(seconds)
    try:
        # Not below TMPDIR: the path of a UNIX socket has at most 107 octets.
        with tempfile.TemporaryDirectory(prefix='bermig-live-', dir='/tmp') as folder:
            need('qemu-system-x86_64')
            test(folder)
    except Skip as reason:
        print(reason)
        sys.exit(EXIT_SKIPPED)
    except (Failure, QmpError) as failure:
        print(f'FAILED: {failure}')
        sys.exit(1)
    finally:
        signal.alarm(0)
