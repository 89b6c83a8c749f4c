#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""A recv that cannot write, a server that is none and a second sender leave the guest where it is;
strangers and a second client do not keep the right one from coming in."""
import contextlib
import os
import re
import resource
import shlex
import socket
import subprocess
import threading

import live
from middle import MEMORY, Middle
from move import ENDED, free_uri, listens, said_by_bermig, start_destination
from vm import Vm
from waiting import Failure, wait_until

RETURN_PATH = [{'capability': 'return-path', 'state': True}]
LOST = 'closed the connection before it confirmed|reset by peer|Broken pipe'


class Source:
    """The QEMU that all of this is tried with; each try but the last has to fail."""

    def __init__(self, folder, guest, name='source'):
        self.guest = guest
        self.vm = Vm(folder, name, guest.arguments)
        self.vm.qmp('migrate-set-capabilities', capabilities=RETURN_PATH)
        self.vm.qmp('migrate-set-parameters', max_bandwidth=1 << 33)
        guest.wait_for(self.vm, 20, rounds=1)

    def send(self, uri):
        """Begin a move; a function that waits for its end and gives its status and what send said."""
        before = len(self.vm.stderr())
        words = [live.bermig(), 'send', '--no-session', '--connect-timeout=1', uri]
        self.vm.qmp('migrate', uri=f'exec:{shlex.join(words)}; echo "exit $?" >&2')

        def status():
            found = self.vm.migration()['status']
            return found if found in ENDED else None

        def end():
            ended = wait_until(status, 20, 'the end of the move')
            wait_until(lambda: 'exit ' in self.vm.stderr()[before:], 10, 'send to end')
            return ended, self.vm.stderr()[before:]
        return end

    def expect_refused(self, end, pattern):
        """It failed, send said why in one line, and the guest goes on."""
        status, said = end()
        lines = said_by_bermig(said)
        right = len(lines) == 1 and re.search(pattern, lines[0]) and re.search('exit [12]$', said, re.MULTILINE)
        if status != 'failed' or not right:
            raise Failure(f'{status}: {said}; {pattern!r} was expected')
        self.guest.wait_for_more(self.vm, 20, self.guest.last(self.vm.serial()), 0)


# ---- recv cannot write

def closed_stdout():
    os.close(1)


def small_files():
    resource.setrlimit(resource.RLIMIT_FSIZE, (64 << 10, 64 << 10))


def recv_cannot_write(folder, source):
    with open('/dev/full', 'wb') as full, open(os.path.join(folder, 'file'), 'wb') as file:
        for name, how, reason in (('disk full', dict(stdout=full), 'No space left on device'),
                                  ('file too large', dict(stdout=file, preexec_fn=small_files), 'File too large'),
                                  ('stdout closed', dict(preexec_fn=closed_stdout), 'Bad file descriptor')):
            uri = free_uri(folder)
            with subprocess.Popen([live.bermig(), 'recv', uri], stdin=subprocess.DEVNULL, stderr=subprocess.PIPE,
                                  text=True, **how) as recv:
                wait_until(lambda: listens(uri), 10, uri)
                source.expect_refused(source.send(uri), LOST)
                said = recv.communicate(timeout=240)[1].splitlines()
            if recv.returncode != 1 or len(said) != 2 or not re.search(f'^<stdout>: .*{reason}', said[1]):
                raise Failure(f'{name}: recv ended with {recv.returncode}: {said}')
            print('ok     ', name, flush=True)


# ---- who else is there

def not_a_receiver(source):
    """Somebody listens who is neither a QEMU nor a bermig."""
    with socket.create_server(('127.0.0.1', 0)) as server:
        def answer():
            with contextlib.suppress(OSError), server.accept()[0] as peer:
                peer.sendall(b'HTTP/1.0 400 Bad Request\r\n\r\n')
                while peer.recv(1 << 16):
                    pass
        threading.Thread(target=answer, daemon=True).start()
        end = source.send(f'tcp:127.0.0.1:{server.getsockname()[1]}')
        source.expect_refused(end, 'neither a QEMU nor a bermig')
    print('ok      not a receiver', flush=True)


def connect(uri):
    return socket.create_connection(uri.split(':')[1:])


def strangers_and_a_second_sender(folder, source, other):
    """One says nothing, one talks nonsense; then the guest comes, and while it does another one."""
    uri = free_uri(folder)
    with start_destination(folder, source.guest, live.bermig(), uri) as destination, contextlib.ExitStack() as stack:
        wait_until(lambda: listens(uri), 15, uri)
        stack.enter_context(connect(uri))
        with connect(uri) as stranger:
            stranger.sendall(b'GET / HTTP/1.0\r\n\r\n')
            with contextlib.suppress(OSError):
                stranger.recv(100)

        def second_sender(_):
            # recv may listen on, for its own sender to come back.
            other.expect_refused(other.send(uri), 'Connection refused|the connection')
        middle = stack.enter_context(contextlib.closing(Middle(uri, MEMORY, second_sender)))
        status, said = source.send(middle.uri)()
        if status != 'completed' or not middle.reached.is_set():
            raise Failure(f'{status}: {said}; {destination.stderr()}')
        source.guest.wait_for_more(destination, 20, source.guest.last(source.vm.serial()), 1)
        source.guest.expect_no_gap(source.vm.serial(), destination.serial())
    print('ok      strangers and a second sender', flush=True)


def test(folder):
    guest = live.tiny_guest(mib=4, pages_per_tick=64)
    source, other = Source(folder, guest), Source(folder, guest, 'other')
    with source.vm, other.vm:
        recv_cannot_write(folder, source)
        not_a_receiver(source)
        strangers_and_a_second_sender(folder, source, other)


if __name__ == '__main__':
    live.run(test)
