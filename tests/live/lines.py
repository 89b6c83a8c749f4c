# SPDX-License-Identifier: BSD-2-Clause
"""What is between the two ends of a move: nothing, a one-way relay, a wide area network.

A line says where the destination listens and how, and where the source sends to.
"""
import collections
import contextlib
import os
import shlex
import socket
import subprocess
import threading
import time

import live
from move import free_uri, listens


class Direct:
    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def listen_uri(self, folder):
        return free_uri(folder)

    def listens(self, uri):
        return listens(uri)

    def program(self, program):
        """The program for the destination's end."""
        return program

    def toward(self, uri):
        """Where the source sends to, when the destination listens at `uri`."""
        return uri


class Delayed:
    """Sends octets on after a while, and then their end.  What would be too much for a line waits before it,
    so that a sender notices how fast it is."""

    MOST = 1 << 20      # octets on their way

    def __init__(self, target, seconds):
        self._target, self._seconds = target, seconds
        self._queue, self._octets, self._broken = collections.deque(), 0, False
        self._changed = threading.Condition()
        threading.Thread(target=self._deliver_until_it_breaks, daemon=True).start()

    def put(self, octets):
        """b'': no more will come."""
        with self._changed:
            self._changed.wait_for(lambda: self._octets < self.MOST or self._broken)
            self._queue.append((time.monotonic() + self._seconds, octets))
            self._octets += len(octets)
            self._changed.notify_all()

    def _deliver(self):
        octets = b'-'
        while octets:
            with self._changed:
                self._changed.wait_for(lambda: self._queue)
                due, octets = self._queue.popleft()
            time.sleep(max(0, due - time.monotonic()))
            if octets:
                self._target.sendall(octets)
            with self._changed:
                self._octets -= len(octets)
                self._changed.notify_all()
        self._target.shutdown(socket.SHUT_WR)

    def _deliver_until_it_breaks(self):
        with contextlib.suppress(OSError):
            self._deliver()
        with self._changed:
            self._broken = True
            self._changed.notify_all()


class Relay:
    """Passes octets between each connection to `uri` and one to `target`."""

    def __init__(self, target, seconds=0.0, answers=True):
        self._server = socket.create_server(('127.0.0.1', 0))
        self.uri = f'tcp:127.0.0.1:{self._server.getsockname()[1]}'
        self._target, self._seconds, self._answers = target.split(':')[1:], seconds, answers
        self._ends = []
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        with contextlib.suppress(OSError):
            while True:
                source, _ = self._server.accept()
                target = socket.create_connection(self._target)
                # What is held back here is a delay that no line has.
                for end in (source, target):
                    end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self._ends += [source, target]
                for pair in ((target, source if self._answers else None), (source, target)):
                    threading.Thread(target=self._carry, args=pair, daemon=True).start()

    def _carry(self, source, target):
        """Octets come out `seconds` after they went in; `target` None: not at all."""
        pipe = Delayed(target, self._seconds) if target else None
        octets = b'-'
        while octets:
            try:
                octets = source.recv(1 << 16)
            except OSError:
                octets = b''
            if pipe:
                pipe.put(octets)

    def close(self):
        # A thread that waits in accept() would not notice that its socket is closed.
        with contextlib.suppress(OSError):
            self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        for end in self._ends:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()


class OneWay(Direct):
    """No answer reaches the source, as in some tunnels and relays."""

    _answers = False
    _seconds = 0.0

    def __init__(self):
        self._relay = None

    def __exit__(self, *_):
        if self._relay:
            self._relay.close()

    def toward(self, uri):
        self._relay = Relay(uri, self._seconds, self._answers)
        return self._relay.uri


class WideArea(Direct):
    """The destination has a network namespace of its own, behind a line with a delay (one way) and a rate."""

    HERE, THERE = '10.213.7.1', '10.213.7.2'

    def __init__(self, folder, seconds, mbit):
        self._folder, self._seconds, self._mbit = folder, seconds, mbit
        self._name = f'bermig{os.getpid()}'
        self._relay = None

    def __enter__(self):
        if os.geteuid() != 0:
            raise live.Skip('a network namespace needs root')
        for program in ('ip', 'tc'):
            live.need(program)
        try:
            self._set_up()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        if self._relay:
            self._relay.close()
        subprocess.run(['ip', 'netns', 'delete', self._name], stderr=subprocess.DEVNULL, check=False)
        subprocess.run(['ip', 'link', 'delete', f'{self._name}a'], stderr=subprocess.DEVNULL, check=False)

    def _set_up(self):
        near, far = f'{self._name}a', f'{self._name}b'
        inside = f'ip netns exec {self._name} '
        for command in (f'ip netns add {self._name}',
                        f'ip link add {near} type veth peer name {far} netns {self._name}',
                        f'ip address add {self.HERE}/30 dev {near}', f'ip link set {near} up',
                        f'{inside}ip address add {self.THERE}/30 dev {far}', f'{inside}ip link set {far} up'):
            if not tried(command):
                raise live.Skip(f'not possible here: {command}')
        rate = f'{self._mbit}mbit'
        delay = f'netem delay {round(self._seconds * 1000)}ms rate {rate} limit 10000'
        self.delayed_by = 'netem'
        if not self._shape(near, inside, far, delay):
            # A kernel without it, but nearly all can limit the rate.
            self.delayed_by = 'a relay'
            if not self._shape(near, inside, far, f'tbf rate {rate} burst 128k latency 50ms'):
                raise live.Skip('the kernel can neither delay packets nor limit their rate')

    @staticmethod
    def _shape(near, inside, far, how):
        return (tried(f'tc qdisc replace dev {near} root {how}') and
                tried(f'{inside}tc qdisc replace dev {far} root {how}'))

    def listen_uri(self, folder):
        return f'tcp:{self.THERE}:4444'

    def listens(self, uri):
        # All of the address of nobody, and the state: a queue can hold 0A octets, too.
        return tried(f'ip netns exec {self._name} grep -q ":115C 00000000:0000 0A" /proc/net/tcp')

    def program(self, program):
        path = os.path.join(self._folder, 'qemu-there')
        with open(path, 'w', encoding='utf-8') as file:
            file.write(f'#!/bin/sh\nexec ip netns exec {self._name} {program} "$@"\n')
        os.chmod(path, 0o755)
        return path

    def toward(self, uri):
        if self.delayed_by == 'netem' or not self._seconds:
            return uri
        if self._relay:
            self._relay.close()
        self._relay = Relay(uri, self._seconds)
        return self._relay.uri


def tried(command):
    return subprocess.run(shlex.split(command), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                          check=False).returncode == 0
