# SPDX-License-Identifier: BSD-2-Clause
"""One QEMU: started, asked, and stopped whatever happens."""
import ctypes
import os
import select
import signal
import subprocess

from qmp import Qmp, QmpError
from waiting import Failure, wait_until

PR_SET_PDEATHSIG = 1
SECONDS_TO_START = 20
SECONDS_TO_QUIT = 60
SECONDS_FOR_HELPERS = 2

_libc = ctypes.CDLL(None)


def _die_with_parent():
    """A QEMU must not outlive a test that was killed and could not clean up."""
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


# ---- the programs that a QEMU started

def descendants(pid):
    """The processes below a process; QEMU may start one in any of its threads."""
    try:
        threads = os.listdir(f'/proc/{pid}/task')
    except FileNotFoundError:
        return
    for thread in threads:
        for child in read_proc(pid, f'task/{thread}/children').split():
            yield int(child)
            yield from descendants(int(child))


def read_proc(pid, name):
    try:
        with open(f'/proc/{pid}/{name}', encoding='utf-8', errors='replace') as file:
            return file.read()
    except OSError:  # the process has just ended
        return ''


def open_processes(pids):
    """File descriptors of processes: by the time one is used its number may be another's."""
    for pid in pids:
        try:
            yield os.pidfd_open(pid)
        except ProcessLookupError:
            pass


def end(pidfd):
    """Give a process a moment to end by itself, then end it."""
    if not select.select([pidfd], [], [], SECONDS_FOR_HELPERS)[0]:
        signal.pidfd_send_signal(pidfd, signal.SIGKILL)
    os.close(pidfd)


# ---- QEMU itself

class Vm:
    """A running QEMU, a context manager.

    Its files lie in `folder` and begin with `name`: .serial has what the guest
    printed, .stderr what QEMU and the programs that it started said.
    """

    def __init__(self, folder, name, arguments, binary='qemu-system-x86_64'):
        self.name = name
        self._path = os.path.join(folder, name)
        self._qmp = None
        with open(self._path + '.stderr', 'wb') as stderr:
            self.process = subprocess.Popen(
                [binary, '-accel', 'tcg', '-display', 'none', *arguments,
                 '-serial', f'file:{self._path}.serial',
                 '-qmp', f'unix:{self._path}.qmp,server=on,wait=off'],
                stdin=subprocess.DEVNULL, stdout=stderr, stderr=stderr,
                start_new_session=True, preexec_fn=_die_with_parent)
        try:
            self._qmp = wait_until(self._connect, SECONDS_TO_START, f'QMP of the {name}')
        except BaseException:
            self.stop()
            raise

    def _connect(self):
        if self.has_ended():
            raise Failure(f'QEMU ({self.name}) ended at its start: {self.stderr().strip()}')
        try:
            return Qmp(self._path + '.qmp')
        except OSError:
            return None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def qmp(self, command, **arguments):
        return self._qmp.command(command, **arguments)

    def has_ended(self):
        return self.process.poll() is not None

    def run_state(self):
        """'running', 'inmigrate', 'postmigrate' ..., or 'ended' when there is no process."""
        try:
            return self.qmp('query-status')['status']
        except QmpError:
            self.process.wait(SECONDS_TO_QUIT)
            return 'ended'

    def migration(self):
        """What query-migrate says; its 'status' is 'none' when nothing was begun."""
        return {'status': 'none', **self.qmp('query-migrate')}

    def serial(self):
        return self._read('.serial')

    def stderr(self):
        return self._read('.stderr')

    def _read(self, suffix):
        try:
            with open(self._path + suffix, encoding='utf-8', errors='replace') as file:
                return file.read()
        except FileNotFoundError:
            return ''

    def kill(self):
        """End QEMU at once, as a power cut would."""
        self.process.kill()
        self.process.wait()

    def stop(self):
        """End QEMU, in good order when it lets itself be, and the programs that it started."""
        helpers = list(open_processes(descendants(self.process.pid)))
        self._quit()
        for helper in helpers:
            end(helper)

    def _quit(self):
        if not self.has_ended() and self._qmp:
            try:
                self.qmp('quit')
                self.process.wait(SECONDS_TO_QUIT)
            except (QmpError, subprocess.TimeoutExpired):
                pass
        self.kill()
        if self._qmp:
            self._qmp.close()
