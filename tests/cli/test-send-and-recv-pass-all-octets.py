#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""What goes into send comes out of recv, over each kind of connection."""
import os
import re
import socket
import subprocess
import time

import cli
import legacy
import peers
from cli import DONE, RUN


class SendRecv(peers.PeerTest):
    def passes(self, uri=None, stream=None, connect_to=None, options=()):
        stream = stream or legacy.stream()
        receiver, address = self.recv(uri)
        sender = self.send((connect_to or '{}').format(address), *options)
        peers.feed(sender, stream)
        out, received = self.ends(receiver, DONE, 'bermig recv: ')
        _, sent = self.ends(sender, DONE, 'bermig send: ')
        self.assertEqual(out, stream)
        return sent, received

    def test_unix(self):
        self.passes()
        self.assertEqual(os.listdir(self.folder), [])

    def test_tcp(self):
        self.passes('tcp:127.0.0.1:0')

    def test_tcp_name(self):
        self.passes('tcp:localhost:0')

    def test_tcp_all_addresses(self):
        receiver, address = self.recv('tcp::0')
        port = address.split(':')[-1]
        sender = self.send(f'tcp:127.0.0.1:{port}')
        peers.feed(sender, legacy.stream())
        self.assertEqual(self.ends(receiver, DONE)[0], legacy.stream())
        self.ends(sender, DONE)

    def test_tcp_empty_host_is_local(self):
        receiver, address = self.recv('tcp::0')
        sender = self.send('tcp::' + address.split(':')[-1])
        peers.feed(sender, legacy.stream())
        self.assertEqual(self.ends(receiver, DONE)[0], legacy.stream())
        self.ends(sender, DONE)

    def test_ipv6(self):
        try:
            socket.create_server(('::1', 0), family=socket.AF_INET6).close()
        except OSError as error:
            self.skipTest(f'no IPv6 here: {error}')
        self.passes('tcp:[::1]:0')
        self.passes('tcp:[::]:0')

    def test_sizes_in_the_last_line(self):
        stream = legacy.stream()
        sent, received = self.passes(stream=stream)
        numbers = re.search(r': (\d+) octets from QEMU, (\d+) on the wire \((\d\.\d\d)\), '
                            r'description (\d+) \((\d+\.\d) %\), \d+\.\d s', sent).groups()
        self.assertEqual(int(numbers[0]), len(stream))
        hello = int(numbers[1]) - len(self.convert(stream))
        self.assertTrue(30 < hello < 500, hello)
        self.assertIn(f'{numbers[0]} octets to QEMU, {numbers[1]} on the wire', received)

    def test_large(self):
        def content(turn, number):
            return os.urandom(legacy.PAGE) if number % 2 else bytes([turn % 256, number]) * (legacy.PAGE // 2)

        self.passes(stream=legacy.busy_stream(100, content))

    def test_receiver_comes_later(self):
        uri = 'unix:' + self.path('socket')
        sender = self.send(uri)
        peers.feed(sender, legacy.stream())
        time.sleep(0.3)
        receiver, _ = self.recv(uri)
        self.assertEqual(self.ends(receiver, DONE)[0], legacy.stream())
        self.ends(sender, DONE)

    def test_pages_arrive_before_the_end(self):
        receiver, address = self.recv()
        sender = self.send(address)
        part = legacy.beginning() + legacy.ram_pages(range(16))
        sender.stdin.write(part)
        sender.stdin.flush()
        self.assertEqual(peers.read_exactly(receiver.stdout, len(part)), part)
        peers.feed(sender, legacy.ending())
        self.assertEqual(self.ends(receiver, DONE)[0], legacy.ending())
        self.ends(sender, DONE)

    def test_source_that_stays_open(self):
        """QEMU keeps the pipe open until it has its answer."""
        receiver, address = self.recv()
        sender = self.send(address)
        sender.stdin.write(legacy.stream())
        sender.stdin.flush()
        self.assertEqual(sender.wait(cli.SECONDS), DONE)
        self.ends(receiver, DONE)

    def test_stream_without_description(self):
        stream = legacy.beginning() + legacy.ram_pages([], end=True) + legacy.END
        receiver, address = self.recv()
        sender = self.send(address)
        sender.stdin.write(stream)
        sender.stdin.flush()
        self.assertEqual(sender.wait(cli.SECONDS), DONE)
        self.assertEqual(self.ends(receiver, DONE)[0], stream)

    def test_file_at_either_end(self):
        stream = legacy.stream(return_path=True)
        with open(self.path('in', stream), 'rb') as source, open(self.path('out'), 'wb') as target:
            receiver, address = self.recv(stdout=target)
            sender = self.send(address, stdin=source)
            self.ends(sender, DONE)
            self.ends(receiver, DONE)
        with open(self.path('out'), 'rb') as file:
            self.assertEqual(file.read(), stream)

    def test_record(self):
        for options in ([], ['--compress=none']):
            record = self.path('record')
            self.passes(options=['--record=' + record, *options])
            with open(record, 'rb') as file:
                octets = file.read()
            self.assertEqual(self.convert(octets), legacy.stream())
            self.assertLess(len(octets) - len(self.convert(legacy.stream(), *options)), 500)
            self.assertEqual(os.listdir(self.folder), ['record'])

    def test_record_to_a_full_disk(self):
        receiver, address = self.recv()
        sender = self.send(address, '--record=/dev/full')
        peers.feed(sender, legacy.stream())
        self.assertEqual(self.ends(receiver, DONE)[0], legacy.stream())
        _, err = peers.communicate(sender)
        self.assertEqual(sender.returncode, DONE)
        self.assertIn(b'/dev/full: No space left on device; the recording is given up', err)

    def test_progress(self):
        receiver, address = self.recv(None, '--progress')
        sender = self.send(address, '--progress')
        part = legacy.beginning() + legacy.ram_pages(range(16))
        sender.stdin.write(part)
        sender.stdin.flush()
        for process in (sender, receiver):
            # The first lines may come before the pages.
            while not re.search(r'\d s, 16 pages, \d+ octets in, \d+ out, ', line := process.stderr.readline().decode()):
                self.assertRegex(line, r'\d s, \d+ pages, ')
        peers.feed(sender, legacy.ending())
        for process in (sender, receiver):
            peers.communicate(process)
            self.assertEqual(process.returncode, DONE)

    def test_one_connection_only(self):
        receiver, address = self.recv('tcp:127.0.0.1:0')
        first = peers.connect(address)
        first.sendall(legacy.BER_MAGIC)
        first.recv(1)  # the receiver has spoken: it listens no more
        with self.assertRaises(ConnectionRefusedError):
            peers.connect(address)
        first.close()
        self.ends(receiver, cli.INPUT)

    def test_nobody_there(self):
        begin = time.monotonic()
        done = self.bermig('send', '--connect-timeout=1', 'unix:' + self.path('absent'), status=RUN)
        self.assertLess(0.8, time.monotonic() - begin)
        self.assertIn(b'/absent: ', done.stderr)

    def test_nobody_comes(self):
        done = subprocess.run([cli.BERMIG, 'recv', '--timeout=1', 'unix:' + self.path('socket')],
                              capture_output=True, timeout=cli.SECONDS)
        self.assertEqual((done.returncode, done.stdout, os.listdir(self.folder)), (RUN, b'', []))

    def test_address_in_use(self):
        for uri in ('unix:' + self.path('socket'), 'tcp:127.0.0.1:0', 'tcp::0'):
            receiver, address = self.recv(uri)
            self.bermig('recv', address, status=RUN)
            # The one that listens was not disturbed.
            sender = self.send(address)
            peers.feed(sender, legacy.stream())
            self.assertEqual(self.ends(receiver, DONE)[0], legacy.stream())

    def test_socket_left_over(self):
        stale = socket.socket(socket.AF_UNIX)
        stale.bind(self.path('socket'))
        stale.close()
        self.passes()

    def test_file_in_the_place_of_a_socket(self):
        self.path('socket', b'precious')
        self.bermig('recv', 'unix:' + self.path('socket'), status=RUN)
        with open(self.path('socket'), 'rb') as file:
            self.assertEqual(file.read(), b'precious')


cli.main()
