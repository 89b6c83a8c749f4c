# SPDX-License-Identifier: BSD-2-Clause
"""Live moves: a source QEMU, a destination QEMU, and bermig between the two."""
import dataclasses
import os
import re
import shlex
import signal
import socket
import threading

from vm import Vm, descendants, read_proc
from waiting import Failure, wait_until

SECONDS_TO_LISTEN = 15
ENDED = ('completed', 'failed', 'cancelled')


# ---- where bermig listens

_held = []


def free_uri(folder, transport='tcp'):
    """An address of this test alone.  Its port stays bound here, so that nobody else gets it, and is not
    listened at, so that QEMU or recv can be."""
    if transport == 'unix':
        return f'unix:{folder}/move.socket'
    _held.append(socket.socket())
    _held[-1].setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    _held[-1].bind(('127.0.0.1', 0))
    return f'tcp:127.0.0.1:{_held[-1].getsockname()[1]}'


def listens(uri):
    """Whether somebody waits at `uri`.  Connecting would tell, but use the one wait up."""
    kind, address = uri.split(':', 1)
    if kind == 'unix':
        return _has_line('/proc/net/unix', lambda fields: fields[-1] == address)
    port = f':{int(address.rsplit(":", 1)[1]):04X}'
    return any(_has_line(table, lambda fields: fields[1].endswith(port) and fields[3] == '0A')
               for table in ('/proc/net/tcp', '/proc/net/tcp6'))


def _has_line(path, fits):
    try:
        with open(path, encoding='ascii', errors='replace') as table:
            next(table)
            return any(fits(line.split()) for line in table)
    except FileNotFoundError:
        return False


# ---- the bermig processes that a QEMU started

def find_bermig(command, ancestor):
    """The process of `bermig COMMAND` below the process `ancestor`, or None."""
    for pid in descendants(ancestor):
        words = read_proc(pid, 'cmdline').split('\0')
        if command in words[1:3] and 'bermig' in os.path.basename(words[words.index(command) - 1]):
            return pid
    return None


class PeakMemory(threading.Thread):
    """Follows the peak resident memory of a bermig process, in octets.

    The kernel keeps the peak only while the process lives and QEMU is the one
    who waits for it, so it is read many times and the last value counts.
    """

    def __init__(self, command, vm):
        super().__init__(daemon=True)
        self._find = lambda: find_bermig(command, vm.process.pid)
        self._done = threading.Event()
        self.octets = 0
        self.start()

    def run(self):
        pid = self._find()
        while not self._done.wait(0.01):
            pid = pid or self._find()
            peak = pid and re.search(r'^VmHWM:\s*(\d+) kB', read_proc(pid, 'status'), re.MULTILINE)
            if peak:
                self.octets = int(peak[1]) * 1024

    def close(self):
        self._done.set()
        self.join()


# ---- what bermig says

def said_by_bermig(text):
    """bermig's lines among QEMU's.  QEMU writes its name and the rest of a line apart, and from
    several threads, so either may stand alone or in front of somebody else's line."""
    return re.findall(r'^(?:qemu-system-\w+: )*((?:tcp:|unix:|<|bermig ).*)$', text, re.MULTILINE)


# ---- what bermig says at its end

@dataclasses.dataclass
class Summary:
    """The line that bermig send or recv ends with."""
    qemu: int           # octets of QEMU's own stream
    wire: int           # octets of the BER stream
    description: int    # octets of the BER stream that are description
    line: str


def find_summary(command, text):
    line = re.search(rf'^bermig {command}: (\d+) octets (?:from|to) QEMU, (\d+) .*$', text, re.MULTILINE)
    if not line:
        return None
    description = re.search(r'description (\d+)', line[0])
    return Summary(int(line[1]), int(line[2]), int(description[1]) if description else 0, line[0])


# ---- the move

@dataclasses.dataclass
class Result:
    total_ms: int
    downtime_ms: int
    before: tuple       # (count, rounds) of the guest, last on the source
    after: tuple        # the same, latest on the destination
    send: Summary
    recv: Summary
    send_peak: int      # octets of memory
    recv_peak: int


def exec_uri(*words):
    """The URI with which QEMU starts a program; without "exec" a shell might stay in between."""
    return 'exec:exec ' + shlex.join(words)


def start_destination(folder, guest, bermig, uri, *recv_options):
    """A QEMU that waits for a guest from bermig recv."""
    return Vm(folder, 'destination', [*guest.arguments, '-incoming', exec_uri(bermig, 'recv', *recv_options, uri)])


def wait_for_listener(destination, uri):
    def is_ready():
        if destination.has_ended():
            raise Failure(f'the destination ended: {destination.stderr().strip()}')
        return listens(uri)
    wait_until(is_ready, SECONDS_TO_LISTEN, f'bermig recv at {uri}')


class Move:
    """A guest on its way between two QEMUs, a context manager.

    Entering it starts both; begin() starts the move and watch() sees it
    through.  Tests that break something do so between the two.
    """

    def __init__(self, folder, guest, bermig, transport='tcp', record=None, send_options=(), recv_options=()):
        self.folder = folder
        self.guest = guest
        self.uri = free_uri(folder, transport)
        self.send_uri = self.uri    # another one if something stands between the two
        self._bermig = bermig
        self._send_options = [*send_options, *([f'--record={record}'] if record else [])]
        self._recv_options = recv_options
        self._peaks = {}
        self.source = None
        self.destination = None

    def __enter__(self):
        self.source = Vm(self.folder, 'source', self.guest.arguments)
        try:
            self.destination = start_destination(self.folder, self.guest, self._bermig, self.uri,
                                                 *self._recv_options)
        except BaseException:
            self.source.stop()
            raise
        return self

    def __exit__(self, *_):
        for peak in self._peaks.values():
            peak.close()
        # The source first: when it goes, bermig and the destination follow by themselves.
        self.source.stop()
        self.destination.stop()

    def begin(self, max_bandwidth=0, downtime_ms=300):
        """Start the move; `max_bandwidth` in octets per second, 0: none to speak of."""
        wait_for_listener(self.destination, self.uri)
        # With a return path the source is done only when the destination says
        # that it has loaded everything.
        self.source.qmp('migrate-set-capabilities',
                        capabilities=[{'capability': 'return-path', 'state': True}])
        self.source.qmp('migrate-set-parameters', max_bandwidth=max_bandwidth or 1 << 33,
                        downtime_limit=downtime_ms)
        self.source.qmp('migrate', uri=exec_uri(self._bermig, 'send', *self._send_options, self.send_uri))
        self._peaks = {command: PeakMemory(command, self._vm_of(command)) for command in ('send', 'recv')}

    def process(self, command):
        """The process identifier of `bermig COMMAND`."""
        pid = self._vm_of(command).process.pid
        return wait_until(lambda: find_bermig(command, pid), 5, f'the process of bermig {command}')

    def _vm_of(self, command):
        return self.source if command == 'send' else self.destination

    def kill(self, command):
        """End `bermig COMMAND` at once."""
        os.kill(self.process(command), signal.SIGKILL)

    def wait_for_transferred(self, octets, seconds=30):
        """Wait until QEMU has handed out so much of the RAM; Failure when the move ends before."""
        def reached():
            state = self.source.migration()
            if state['status'] in ENDED:
                raise Failure(f'the move was {state["status"]} too early; {self.story()}')
            return state.get('ram', {}).get('transferred', 0) >= octets
        wait_until(reached, seconds, f'{octets} octets to be on their way')

    def watch(self, seconds=45, progress=None):
        """Follow the move to its end; what query-migrate says then.

        `progress` is called with what it says on the way.
        """
        def ended():
            state = self.source.migration()
            if progress:
                progress(state)
            return state if state['status'] in ENDED else None
        return wait_until(ended, seconds, 'the end of the move', step=0.1)

    def finish(self, state, seconds=20, rounds=2):
        """After watch(): see that the guest lives on at the destination, whole; a Result.

        `rounds` says how often the guest has to check all its memory there.
        """
        if state['status'] != 'completed':
            raise Failure(f'the source says {state["status"]}: {state.get("error-desc", "")}; {self.story()}')
        wait_until(lambda: self.destination_state() == 'running', seconds, 'the destination to run')
        before = self.guest.last(self.source.serial())
        self.guest.wait_for_more(self.destination, seconds, before, rounds)
        after = self.destination.serial()
        self.guest.expect_no_gap(self.source.serial(), after)
        return Result(state['total-time'], state['downtime'], before, self.guest.last(after),
                      self._summary('send'), self._summary('recv'), self._peak('send'), self._peak('recv'))

    def destination_state(self):
        state = self.destination.run_state()
        if state == 'ended':
            raise Failure(f'the destination ended; {self.story()}')
        return state

    def _summary(self, command):
        vm = self._vm_of(command)
        return wait_until(lambda: find_summary(command, vm.stderr()), 5, f'the summary of bermig {command}')

    def _peak(self, command):
        peak = self._peaks[command]
        peak.close()
        return peak.octets

    def story(self):
        """What everybody said, for a message about a failure."""
        return '\n'.join(f'the {vm.name} said: {vm.stderr().strip() or "nothing"}'
                         for vm in (self.source, self.destination))


def expect_clean(*vms):
    """No sanitizer may have complained in a bermig that a QEMU started.

    QEMU does not care how its helpers end, so this is the place to see it.
    """
    for vm in vms:
        if re.search('ERROR: (Address|Leak)Sanitizer|runtime error:', vm.stderr()):
            raise Failure(f'a sanitizer found an error: {vm.stderr()}')
