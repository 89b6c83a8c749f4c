# SPDX-License-Identifier: BSD-2-Clause
"""Two real QEMUs, and bermig migrate between them."""
import os
import subprocess

import live
from vm import Vm
from waiting import Failure, wait_until

SECONDS = 240


class Ends:
    """A source with a guest at work and a destination that waits, a context manager."""

    def __init__(self, folder, guest, source_options=(), destination_options=()):
        self.folder = folder
        self.guest = guest
        self.source = self._start('source', guest.arguments, source_options)
        try:
            self.destination = self._start('destination', guest.arguments,
                                           ['-incoming', 'defer', *destination_options])
        except BaseException:
            self.source.stop()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.source.stop()
        self.destination.stop()

    def _start(self, name, arguments, options):
        # One QMP socket for the test, one for bermig: each takes one client.
        return Vm(self.folder, name, [*arguments, *options, '-qmp', f'unix:{self._qmp(name)},server=on,wait=off'])

    def _qmp(self, name):
        return os.path.join(self.folder, f'{name}.bermig')

    def begin(self, *options, stdout=subprocess.PIPE, stderr=subprocess.PIPE):
        """Start bermig migrate."""
        return subprocess.Popen(
            [live.bermig(), 'migrate', f'--from=unix:{self._qmp("source")}', f'--to=unix:{self._qmp("destination")}',
             *options], stdin=subprocess.DEVNULL, stdout=stdout, stderr=stderr, text=True)

    def end(self, process, status):
        """What it printed, once it has ended with this status."""
        try:
            out, err = process.communicate(timeout=SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            raise Failure(f'bermig migrate does not end: {process.communicate()}; {self.story()}') from None
        print(out + err)
        if process.returncode != status or 'Sanitizer' in err:
            raise Failure(f'bermig migrate ended with {process.returncode}, expected {status}: {err}; {self.story()}')
        return out, err

    def wait_for_transferred(self, octets):
        wait_until(lambda: self.source.migration().get('ram', {}).get('transferred', 0) >= octets, 40,
                   f'{octets} octets to be on their way')

    def story(self):
        return '; '.join(f'the {vm.name} said {vm.stderr().strip()!r}' for vm in (self.source, self.destination))


def expect(text, *parts):
    for part in parts:
        if part not in text:
            raise Failure(f'{part!r} is not in {text!r}')


def expect_nothing_left(ends):
    """No folder, and no process of a command that a QEMU had been told to run."""
    left = [name for name in os.listdir('/tmp') if name.startswith('bermig-') and
            os.path.exists(os.path.join('/tmp', name, 'status')) and name in ends.story()]
    if left:
        raise Failure(f'left over: {left}')
