#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""fd:N and -: a socket is as good as one that was connected, a pipe goes one way, which both ends know."""
import os
import socket
import subprocess

import cli
import legacy
import peers
from cli import DONE, INPUT, RUN

ONE_WAY = 'one way, nobody confirmed it$'
PART = legacy.beginning() + legacy.ram_pages(range(16))


class WireTest(peers.PeerTest):
    def moved(self, sender, receiver, *messages):
        """Both succeed and the stream came through; the messages end their lines."""
        peers.feed(sender, legacy.stream())
        out, _ = self.ends(receiver, DONE, messages[-1])
        self.assertEqual(out, legacy.stream())
        self.ends(sender, DONE, messages[0])


class Pipes(WireTest):
    def pipe(self, *options):
        """send - | recv -"""
        sender = self.start('send', *options, '-')
        receiver = self.start('recv', '-', stdin=sender.stdout)
        sender.stdout.close()
        sender.stdout = None
        return sender, receiver

    def test_qemu_has_its_own_format_without_a_question(self):
        self.moved(*self.pipe(), 'passed on in its own format.*the connection goes one way',
                   'passed on in its own format')

    def test_ber_if_asked_for(self):
        self.moved(*self.pipe('--format=ber'), ONE_WAY)

    def test_what_goes_over_a_pipe_is_a_stream(self):
        ber = self.bermig('send', '--format=ber', '-', stdin=legacy.stream()).stdout
        self.assertEqual(self.bermig('convert', '-', '-', stdin=ber).stdout, legacy.stream())
        self.assertNotIn(b'hello', self.bermig('dump', '-', stdin=ber).stdout)
        plain = self.bermig('send', '-', stdin=legacy.stream()).stdout
        self.assertEqual(plain, legacy.stream())

    def test_a_shell_and_what_stands_between(self):
        out = subprocess.run(f'{cli.BERMIG} send --format=ber - | cat | {cli.BERMIG} recv -', shell=True,
                             input=legacy.stream(), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                             timeout=cli.SECONDS, check=True)
        self.assertEqual(out.stdout, legacy.stream())

    def test_inherited_pipes(self):
        read, write = os.pipe()
        sender = self.start('send', '--format=ber', 'fd:%d' % write, pass_fds=[write])
        receiver = self.start('recv', 'fd:%d' % read, pass_fds=[read], stdin=subprocess.DEVNULL)
        os.close(read)
        os.close(write)
        self.moved(sender, receiver, ONE_WAY)

    def test_files(self):
        path = self.path('file.ber')
        with open(path, 'wb') as file:
            self.bermig('send', '--format=ber', '-', stdin=legacy.stream(), stdout=file)
        with open(path, 'rb') as file:
            self.assertEqual(self.bermig('recv', '-', stdin=file).stdout, legacy.stream())

    def test_a_recording(self):
        record = self.path('record')
        ber = self.bermig('send', '--format=ber', '--record=' + record, '-', stdin=legacy.stream()).stdout
        with open(record, 'rb') as file:
            self.assertEqual(file.read(), ber)

    def test_a_source_that_waits_for_answers_is_refused(self):
        """Its guest would run on both sides: it is never told that the other one runs."""
        sender, receiver = self.pipe()
        peers.feed(sender, legacy.stream(return_path=True))
        self.ends(sender, INPUT, 'no answer can come, but .* return-path .* switch it off')
        self.assertEqual(self.ends(receiver, INPUT, '<stdin>: .*without a word')[0], b'')

    def test_unless_it_is_not_looked_at(self):
        sender, receiver = self.pipe('--format=qemu')
        stream = legacy.stream(return_path=True)
        peers.feed(sender, stream)
        self.assertEqual(self.ends(receiver, DONE)[0], stream)
        self.ends(sender, DONE)

    def test_the_reader_goes(self):
        """Noticed while the source is silent."""
        for options in ((), ('--format=ber',)):
            sender, receiver = self.pipe(*options)
            sender.stdin.write(PART)
            sender.stdin.flush()
            self.assertEqual(peers.read_exactly(receiver.stdout, len(PART)), PART)
            receiver.kill()
            self.assertTrue(peers.is_cut(sender))
            self.ends(sender, INPUT, '<stdout>: its reader has gone')

    def test_the_destination_goes(self):
        sender, receiver = self.pipe('--format=ber')
        sender.stdin.write(PART)
        sender.stdin.flush()
        self.assertEqual(peers.read_exactly(receiver.stdout, len(PART)), PART)
        receiver.stdout.close()
        receiver.stdout = None
        self.ends(receiver, INPUT, '<stdout>: its reader has gone')
        self.assertTrue(peers.is_cut(sender))

    def test_the_sender_goes(self):
        sender, receiver = self.pipe('--format=ber')
        sender.stdin.write(PART)
        sender.stdin.flush()
        self.assertEqual(peers.read_exactly(receiver.stdout, len(PART)), PART)
        sender.kill()
        self.assertEqual(self.ends(receiver, INPUT, '<stdin>:.*the input ends')[0], b'')

    def test_nobody_sends(self):
        read, write = os.pipe()
        receiver = self.start('recv', '--timeout=1', '-', stdin=read)
        os.close(read)
        self.ends(receiver, RUN, '<stdin>: no sender came within 1 s')
        os.close(write)

    def test_no_tls(self):
        folder = self.path('nothing')
        for command in ('send', 'recv'):
            self.bermig(command, '--tls-creds=' + folder, '-', status=RUN)


class Sockets(WireTest):
    def pair(self):
        ends = socket.socketpair()
        for end in ends:
            self.addCleanup(end.close)
        return ends

    def test_standard_streams_that_are_sockets(self):
        """Both ask and answer, and the confirmation comes back."""
        near, far = self.pair()
        sender = self.start('send', '-', stdout=near)
        receiver = self.start('recv', '-', stdin=far)
        near.close()
        far.close()
        self.moved(sender, receiver, r's\Z', r's\Z')

    def test_inherited_sockets_and_the_return_path(self):
        near, far = self.pair()
        stream = legacy.stream(return_path=True)
        sender = self.start('send', 'fd:%d' % near.fileno(), pass_fds=[near.fileno()])
        receiver = self.start('recv', 'fd:%d' % far.fileno(), pass_fds=[far.fileno()])
        near.close()
        far.close()
        peers.feed(sender, stream)
        receiver.stdin.write(legacy.PONG + legacy.SHUT_OK)
        receiver.stdin.flush()
        self.assertEqual(self.ends(receiver, DONE)[0], stream)
        self.assertEqual(self.ends(sender, DONE)[0], legacy.PONG + legacy.SHUT_OK)

    def test_a_standard_stream_has_no_return_path(self):
        near, far = self.pair()
        sender = self.start('send', '-', stdout=near)
        near.close()
        peers.feed(sender, legacy.stream(return_path=True))
        self.ends(sender, INPUT, 'no answer can come')
        self.assertEqual(peers.read_all(far), b'', 'nothing was sent')


class Usage(WireTest):
    def test_descriptors(self):
        for uri in ('fd:', 'fd:1', 'fd:x', 'fd:-1', 'fd:99999999999'):
            for command in ('send', 'recv'):
                done = self.bermig(command, uri, status=RUN)
                self.assertIn('a descriptor above 2', done.stderr.decode())
        for command in ('send', 'recv'):
            done = self.bermig(command, 'fd:77', status=RUN)
            self.assertIn('fd:77: Bad file descriptor', done.stderr.decode())


cli.main()
