#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""probe: the conversation without a guest, after which recv still takes one."""
import socket
import subprocess
import threading

import cli
import legacy
from cli import DONE, INPUT, RUN


class Probe(cli.CliTest):
    def listen(self, *options):
        self.uri = 'unix:' + self.path('socket')
        receiver = self.start('recv', *options, self.uri, stdin=subprocess.DEVNULL)
        self.assertIn(b'listening', receiver.stderr.readline())
        return receiver

    def probe(self, *options, status=DONE):
        done = self.start('probe', *options, self.uri)
        out, err = done.communicate(timeout=cli.SECONDS)
        self.assertEqual((done.returncode, err), (status, b''))
        return out.decode().splitlines()

    def then_a_guest(self, receiver):
        """The receiver is as good as new."""
        done = subprocess.run([cli.BERMIG, 'send', self.uri], input=legacy.stream(),
                              stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, timeout=cli.SECONDS)
        self.assertEqual(done.returncode, DONE, done.stderr)
        out, err = receiver.communicate(timeout=cli.SECONDS)
        self.assertEqual((receiver.returncode, out), (DONE, legacy.stream()))
        return err.decode()

    def test_ok(self):
        guest = self.path('guest', legacy.stream())
        receiver = self.listen('--expect=' + self.path('expect', legacy.stream()))
        for _ in range(3):
            lines = self.probe('--describe=' + guest)
            self.assertRegex(lines[0], r'^peer: bermig \S+, answered with its hello after \d+\.\d ms$')
            self.assertRegex(lines[1], r'^capabilities: .*\blimits=record=\d+,.* preflight machine=pc-small\b')
            self.assertNotIn('token', lines[1])
            self.assertEqual(lines[2:], ['OK'])
        self.assertEqual(self.then_a_guest(receiver).count('that was a probe; still listening on unix:'), 3)

    def test_block(self):
        guest = self.path('guest', legacy.stream(machine='pc-large'))
        receiver = self.listen('--expect=' + self.path('expect', legacy.stream()))
        lines = self.probe('--describe=' + guest, status=INPUT)
        self.assertRegex(lines[2], r'^BLOCK 301 machine: .*\(expected pc-small, got pc-large\)$')
        lines = self.probe('--machine=pc-huge', status=INPUT)
        self.assertRegex(lines[2], r'^BLOCK 301 machine: .*\(expected pc-small, got pc-huge\)$')
        self.assertEqual(self.probe('--machine=pc-small')[2:], ['OK'])
        self.assertEqual(self.probe('--machine=pc-small', '--describe=' + guest)[2:], ['OK'])
        self.assertIn('bermig recv: BLOCK 301 machine: ', self.then_a_guest(receiver))

    def test_warn(self):
        receiver = self.listen()
        lines = self.probe('--machine=pc-small')
        self.assertRegex(lines[2], '^WARN the receiver does not know what its QEMU expects')
        self.then_a_guest(receiver)

    def test_devices_alone(self):
        description = self.bermig('describe', '--format=ber', '-', stdin=legacy.stream()).stdout
        other = legacy.stream().replace(b'0000:00:01.0/small', b'0000:00:09.0/small')
        receiver = self.listen('--expect=' + self.path('expect', other))
        lines = self.probe('--describe=' + self.path('guest', description), status=INPUT)
        self.assertRegex(lines[2], '^BLOCK 320 device-missing: 0000:00:01.0/small: ')
        self.then_a_guest(receiver)

    def test_a_qemu(self):
        """One that answers PONG."""
        listener = socket.socket(socket.AF_UNIX)
        self.addCleanup(listener.close)
        listener.bind(self.path('socket'))
        listener.listen(1)
        got = []

        def answer():
            peer, _ = listener.accept()
            expected = legacy.HEADER + legacy.configuration() + legacy.PROBE
            got.append(peer.recv(len(expected), socket.MSG_WAITALL))
            peer.sendall(legacy.PROBE_PONG)
            got.append(peer.recv(1))
            peer.close()

        thread = threading.Thread(target=answer)
        thread.start()
        self.uri = 'unix:' + self.path('socket')
        lines = self.probe('--machine=pc-small')
        thread.join()
        self.assertEqual(got, [legacy.HEADER + legacy.configuration() + legacy.PROBE, b''])
        self.assertEqual(lines[0], 'peer: a QEMU, which answered PONG')
        self.assertRegex(lines[1], '^WARN no bermig: .* its incoming migration has ended')

    def test_what_is_wrong(self):
        uri = 'unix:' + self.path('absent')
        self.bermig('probe', '--connect-timeout=0', '--machine=x', uri, status=RUN)
        self.bermig('probe', uri, status=RUN)
        self.bermig('probe', '--machine=x', '--connect-timeout=-1', uri, status=RUN)
        self.bermig('probe', '--machine=x', 'nowhere', status=RUN)
        self.bermig('probe', '--describe=' + self.path('absent'), uri, status=RUN)


if __name__ == '__main__':
    cli.unittest.main()
