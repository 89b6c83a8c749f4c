# SPDX-License-Identifier: BSD-2-Clause
"""One cell of the table of old and new ends: a guest moves, in the format that the two ends can agree on.

An end is 'bermig', that is `bermig send` or `bermig recv` below its QEMU, or
'plain', a QEMU that speaks for itself.
"""
import dataclasses
import re
import tempfile

import live
from lines import Direct, OneWay
from move import ENDED, exec_uri, expect_clean
from qmp import QmpError
from versions import Qemu
from vm import Vm
from waiting import Failure, wait_until

LEGACY = 'legacy'
BER = 'BER'


@dataclasses.dataclass(frozen=True)
class Cell:
    source: Qemu
    destination: Qemu
    machine: str
    sender: str = 'bermig'
    receiver: str = 'bermig'
    return_path: bool = True
    one_way: bool = False       # no answer of the destination reaches the source
    send_options: tuple = ()
    capabilities: tuple = ()    # of both ends, besides return-path
    downtime_ms: int = 300      # QEMU goes over when it expects no more

    def __str__(self):
        words = [f'{self.source} {self.sender} -> {self.destination} {self.receiver}', self.machine,
                 'return path' if self.return_path else 'no return path',
                 'one way' if self.one_way else '', *self.send_options, *self.capabilities]
        return ', '.join(word for word in words if word)

    def expected_format(self):
        both = self.sender == self.receiver == 'bermig'
        return BER if both and not self.one_way and '--format=qemu' not in self.send_options else LEGACY


@dataclasses.dataclass
class Outcome:
    format: str         # '' when no bermig took part
    reason: str         # of a fallback, in bermig's words
    downtime_ms: int = 0
    total_ms: int = 0

    def __str__(self):
        return f'{self.format or "no bermig"}{": " if self.reason else ""}{self.reason}'


class Refused(Exception):
    """The move failed; the guest goes on at the source.  The text is what was said."""


def run_cell(cell, guest, rounds=1, line=None):
    """Move the guest over a line and see it check all its memory `rounds` times at its destination; an Outcome.

    Refused when the move fails in good order, Failure when anything is wrong.
    """
    with tempfile.TemporaryDirectory(prefix='bermig-live-', dir='/tmp') as folder, Ends(folder, cell, guest, line) as ends:
        guest.wait_for(ends.source, 20, rounds=1)
        said_before = ends.destination.stderr()
        state = ends.migrate()
        if state['status'] != 'completed':
            raise Refused(refusal(ends, guest, state))
        wait_until(lambda: ends.destination.run_state() == 'running', 20, 'the destination to run')
        guest.wait_for_more(ends.destination, 20, guest.last(ends.source.serial()), rounds)
        guest.expect_no_gap(ends.source.serial(), ends.destination.serial())
        outcome = ends.outcome(state)
        if cell.receiver == 'plain':
            expect_silent(ends.destination, said_before)
        expect_clean(ends.source, ends.destination)
    if outcome.format and outcome.format != cell.expected_format():
        raise Failure(f'{cell}: {cell.expected_format()} was expected, not {outcome}')
    return outcome


def expect_all(cells, guest):
    """Run cells and print a line for each; Failure at the end if one of them went wrong."""
    failed = 0
    for cell in cells:
        try:
            print('ok     ', cell, '|', run_cell(cell, guest), flush=True)
        except (Failure, Refused, QmpError) as wrong:
            failed += 1
            print('FAILED ', cell, '|', wrong, flush=True)
    if failed:
        raise Failure(f'{failed} of the moves above went wrong')


def refusal(ends, guest, state):
    """The source goes on and the destination has not run; the words of both."""
    guest.wait_for_more(ends.source, 20, guest.last(ends.source.serial()), 0)
    wait_until(ends.destination.has_ended, 20, 'the destination to give up')
    if ends.destination.serial():
        raise Failure(f'the guest ran at both ends: {ends.destination.serial()!r}')
    return '; '.join(line for line in (state.get('error-desc', ''), *ends.source.stderr().splitlines(),
                                       *ends.destination.stderr().splitlines())
                     if line and not re.search(r'listening|warning:|terminating on signal', line))


def expect_silent(vm, before):
    said = vm.stderr()[len(before):].strip()
    if said:
        raise Failure(f'the plain QEMU ({vm.name}) complains: {said}')


class Ends:
    """The two QEMUs of a cell, a context manager."""

    def __init__(self, folder, cell, guest, line=None):
        self.cell = cell
        self._line = line or (OneWay() if cell.one_way else Direct())
        self._folder = folder
        self._arguments = ['-M', cell.machine, *guest.arguments]
        self._uri = self._line.listen_uri(folder)
        self.source = self.destination = None

    def __enter__(self):
        cell = self.cell
        self.source = Vm(self._folder, 'source', self._arguments, cell.source.program)
        try:
            incoming = self._uri if cell.receiver == 'plain' else exec_uri(live.bermig(), 'recv', self._uri)
            self.destination = Vm(self._folder, 'destination', [*self._arguments, '-incoming', 'defer'],
                                  self._line.program(cell.destination.program))
            set_capabilities(self.destination, cell)
            self.destination.qmp('migrate-incoming', uri=incoming)
            wait_until(lambda: self._line.listens(self._uri), 15, self._uri)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for vm in (self.source, self.destination):
            if vm:
                vm.stop()
        if self.cell.one_way:
            self._line.__exit__()

    def migrate(self):
        """What query-migrate says at the end."""
        self.begin()
        return wait_until(self._ended, 40, f'the end of the move: {self.cell}')

    def begin(self, max_bandwidth=1 << 33, **parameters):
        """Start the move."""
        cell, uri = self.cell, self._line.toward(self._uri)
        if cell.sender == 'bermig':
            uri = exec_uri(live.bermig(), 'send', *cell.send_options, uri)
        set_capabilities(self.source, cell)
        self.source.qmp('migrate-set-parameters', max_bandwidth=max_bandwidth,
                        downtime_limit=cell.downtime_ms, **parameters)
        self.source.qmp('migrate', uri=uri)

    def _ended(self):
        state = self.source.migration()
        return state if state['status'] in ENDED else None

    def outcome(self, state):
        lines = []
        if self.cell.sender == 'bermig':
            lines.append(last_line(self.source, 'send'))
        if self.cell.receiver == 'bermig':
            lines.append(last_line(self.destination, 'recv'))
        formats = {LEGACY if 'passed on' in line else BER for line in lines}
        if len(formats) > 1:
            raise Failure(f'the two ends disagree: {lines}')
        reasons = [line.split('the peer is ', 1)[1] for line in lines if 'the peer is ' in line]
        return Outcome(''.join(formats), '; '.join(f'the peer is {reason}' for reason in reasons[:1]),
                       state['downtime'], state['total-time'])


def set_capabilities(vm, cell):
    names = (*cell.capabilities, *(['return-path'] if cell.return_path else []))
    vm.qmp('migrate-set-capabilities', capabilities=[{'capability': name, 'state': True} for name in names])


def last_line(vm, command):
    def find():
        return re.search(rf'^bermig {command}: \d+ octets.*$', vm.stderr(), re.MULTILINE)
    return wait_until(find, 10, f'the last line of bermig {command}; {vm.stderr()}')[0]
