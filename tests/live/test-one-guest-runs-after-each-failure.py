#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Whatever breaks, and wherever: the guest goes on at the source and has not run at the destination,
each command that lives ends with 1 and one line that says why, and no process is left over."""
import contextlib
import dataclasses
import os
import re
import shlex
import signal
import tempfile

import live
from middle import DEVICES, END, MEMORY, SETUP, Enough, Middle
from move import ENDED, expect_clean, find_bermig, free_uri, listens, said_by_bermig
from vm import Vm, read_proc
from waiting import Failure, wait_until

RETURN_PATH = [{'capability': 'return-path', 'state': True}]
# What a command says when the other end of its connection has gone.
LOST = 'closed the connection before it confirmed|the input ends|reset by peer|Broken pipe'


# ---- the harm

def kill(command):
    """SIGKILL for `bermig COMMAND`."""
    def act(case, _):
        vm = case.source if command == 'send' else case.destination
        pid = find_bermig(command, vm.process.pid)
        if pid:  # after the last octet recv may have ended; its answer is lost all the same
            os.kill(pid, signal.SIGKILL)
        raise Enough  # the rest of the stream may have been under way
    act.victim = command
    return act


def kill_destination(case, _):
    case.destination.kill()


def reset(_, middle):
    middle.reset()


def garbage_forward(*_):
    return os.urandom(1000)


def garbage_back(_, middle):
    middle.sender.sendall(bytes([0x6d, 4]) + os.urandom(4))
    raise Enough


@dataclasses.dataclass
class Harm:
    name: str
    place: int
    act: object
    send: str = LOST    # what send has to say
    recv: str = LOST


HARMS = [
    Harm('recv killed at setup', SETUP, kill('recv')),
    Harm('recv killed in the memory', MEMORY, kill('recv')),
    Harm('recv killed in the devices', DEVICES, kill('recv')),
    Harm('recv killed after the last octet', END, kill('recv')),
    Harm('send killed at setup', SETUP, kill('send')),
    Harm('send killed in the memory', MEMORY, kill('send')),
    Harm('send killed in the devices', DEVICES, kill('send')),
    Harm('send killed after the last octet', END, kill('send')),
    Harm('destination killed in the memory', MEMORY, kill_destination, recv='<std(in|out)>: '),
    Harm('destination killed in the devices', DEVICES, kill_destination, recv='<std(in|out)>: '),
    Harm('connection reset in the memory', MEMORY, reset),
    Harm('connection reset in the devices', DEVICES, reset),
    Harm('garbage to recv', MEMORY, garbage_forward, recv=r'tcp:.*: '),
    Harm('garbage to send', MEMORY, garbage_back, send=r'tcp:.*: '),
]


# ---- a case

class Case:
    """One destination for the source that all cases share."""

    def __init__(self, folder, source, guest, harm):
        self.harm, self.source, self._guest = harm, source, guest
        self._folder = tempfile.mkdtemp(dir=folder)
        self._uri = free_uri(folder)
        self._said_before = len(source.stderr())
        # Paused, as whoever drives a migration has it: after the last octet it is
        # loaded, and only who knows how the source took it can say what runs.
        arguments = [*guest.arguments, '-S', '-incoming', command_uri('recv', self._uri)]
        self.destination = Vm(self._folder, 'destination', arguments)

    def run(self):
        with self.destination, contextlib.closing(Middle(self._uri, self.harm.place, self._act)) as middle:
            wait_until(lambda: listens(self._uri), 15, self._uri)
            self._migrate(middle)
            if not middle.reached.is_set():
                raise Failure('the place was not reached')
            self._expect_source_goes_on()
            self._expect_destination_did_not_run()
            self._expect_words('send', self.harm.send)
            self._expect_words('recv', self.harm.recv)
            expect_clean(self.source, self.destination)
        wait_until(lambda: not processes_with(self._uri), 5, 'the processes to end')

    def _act(self, middle):
        return self.harm.act(self, middle)

    def _migrate(self, middle):
        self.source.qmp('migrate', uri=command_uri('send', middle.uri))

        def ended():
            status = self.source.migration()['status']
            return status if status in ENDED else None
        status = wait_until(ended, 20, 'the end of the move')
        if status != 'failed':
            raise Failure(f'the source says {status}')

    def _expect_source_goes_on(self):
        self._guest.wait_for_more(self.source, 20, self._guest.last(self.source.serial()), 0)

    def _expect_destination_did_not_run(self):
        """A QEMU does not see the end of a command that wrote nothing, and waits; a killed one cannot help it."""
        if self.harm.place == END:
            wait_until(lambda: self.destination.run_state() in ('paused', 'ended'), 20, 'the destination to wait')
        elif self.harm.place == DEVICES or self._victim() != 'recv':
            wait_until(self.destination.has_ended, 20, 'the destination to give up')
        if self.destination.serial():
            raise Failure(f'the guest ran at both ends: {self.destination.serial()!r}')

    def _expect_words(self, command, pattern):
        """One line that says why and the status 1; nothing of a command that was killed."""
        status = wait_until(lambda: re.search(r'exit (\d+)$', self._text_of(command), re.MULTILINE), 10,
                            f'{command} to end')[1]
        lines = [line for line in said_by_bermig(self._text_of(command)) if 'recv: listening on' not in line]
        # After the last octet recv has done all that it can, and need not learn what became of send.
        if self._victim() == command or (command, self.harm.place, self._victim()) == ('recv', END, 'send'):
            return
        if status != '1' or len(lines) != 1 or not re.search(pattern, lines[0]):
            raise Failure(f'{command} ended with {status} and said {lines}, {pattern!r} was expected')

    def _victim(self):
        return getattr(self.harm.act, 'victim', None)

    def _text_of(self, command):
        return self.source.stderr()[self._said_before:] if command == 'send' else self.destination.stderr()


def command_uri(command, uri):
    """A shell stays in between, because only it can tell how bermig ended."""
    # A session would mend some of the harm, and Middle would have to know its frames.
    options = ['--no-session'] if command == 'send' else []
    return f'exec:{shlex.join([live.bermig(), command, *options, uri])}; echo "exit $?" >&2'


def processes_with(uri):
    return [pid for pid in os.listdir('/proc') if pid.isdigit() and uri in read_proc(pid, 'cmdline')]


def test(folder):
    guest = live.tiny_guest(mib=4, pages_per_tick=64)
    failed = []
    with Vm(folder, 'source', guest.arguments) as source:
        source.qmp('migrate-set-capabilities', capabilities=RETURN_PATH)
        source.qmp('migrate-set-parameters', max_bandwidth=1 << 33)
        guest.wait_for(source, 20, rounds=1)
        for harm in HARMS:
            try:
                Case(folder, source, guest, harm).run()
                print('ok     ', harm.name, flush=True)
            except Failure as failure:
                failed.append(harm.name)
                print('FAILED ', harm.name, '|', failure, flush=True)
    if failed:
        raise Failure(', '.join(failed))


if __name__ == '__main__':
    live.run(test)
