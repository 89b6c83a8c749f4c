#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""send and recv tell programs about their work in JSON lines, and both sides agree at the end."""
import json
import socket

import cli
import legacy
import peers
from cli import DONE, INPUT, RUN

STREAM = legacy.beginning(return_path=True) + legacy.ram_pages(range(16)) + legacy.ending()


def events(octets):
    return [json.loads(line) for line in octets.splitlines()]


def names(lines):
    return [line['event'] for line in lines if line['event'] not in ('progress', 'message')]


class Status(peers.PeerTest):
    def collector(self, name):
        """A socket for --status, and its address."""
        server = socket.socket(socket.AF_UNIX)
        self.addCleanup(server.close)
        server.bind(self.path(name))
        server.listen()
        server.settimeout(cli.SECONDS)
        return server, 'unix:' + self.path(name)

    def told(self, server):
        peer, _ = server.accept()
        with peer:
            peer.settimeout(cli.SECONDS)
            return events(peers.read_all(peer))

    def pair(self, receive, send):
        """Both with options of their own: what they said on standard error."""
        uri = 'unix:' + self.path('socket')
        receiver = self.start('recv', receive, uri, stdin=None)
        sender = self.send(uri, send)
        peers.feed(sender, legacy.stream())
        said = [peers.communicate(process) for process in (sender, receiver)]
        self.assertEqual((sender.returncode, receiver.returncode), (DONE, DONE), said)
        return [err for _, err in said]

    def test_both_sides_agree(self):
        told = [events(err) for err in self.pair('--progress=json', '--progress=json')]
        self.assertEqual(names(told[0]), ['start', 'done', 'end'])
        self.assertEqual(names(told[1]), ['start', 'listening', 'done', 'end'])
        sent, received = ([line for line in lines if line['event'] == 'done'][0] for lines in told)
        for key in ('format', 'qemu', 'wire', 'description', 'digest'):
            self.assertEqual(sent[key], received[key], key)
        self.assertEqual((sent['format'], sent['qemu']), ('ber', len(legacy.stream())))
        self.assertEqual((sent['from'], received['from']), ('send', 'recv'))
        self.assertEqual([lines[-1]['exit'] for lines in told], [DONE, DONE])

    def test_to_a_socket(self):
        send, send_uri = self.collector('of-send')
        recv, recv_uri = self.collector('of-recv')
        said = self.pair('--status=' + recv_uri, '--status=' + send_uri)
        self.assertRegex(said[0].decode(), r'\Abermig send: \d+ octets from QEMU')
        for server, text in ((send, 'from QEMU'), (recv, 'to QEMU')):
            told = self.told(server)
            self.assertEqual(told[-1]['event'], 'end')
            self.assertTrue(any(text in line.get('text', '') for line in told), told)

    def test_nobody_listens(self):
        """A message, and the stream goes over all the same."""
        said = self.pair('--status=unix:' + self.path('nobody'), '--progress=none')
        self.assertRegex(said[1].decode(), r'\Aunix:.*/nobody: .*No such file')

    def test_nobody_reads(self):
        server, uri = self.collector('deaf')
        self.pair('--status=' + uri, '--progress=none')
        server.close()

    def test_failure(self):
        server, uri = self.collector('of-send')
        sender = self.send('unix:' + self.path('absent'), '--connect-timeout=0', '--status=' + uri)
        _, err = peers.communicate(sender)
        told = self.told(server)
        self.assertEqual(names(told), ['start', 'end'])
        self.assertEqual(told[1]['text'], err.decode().strip())
        self.assertEqual((told[-1]['exit'], sender.returncode), (RUN, RUN))

    def test_cut_stream(self):
        receiver, address = self.recv(None, stdin=None)
        sender = self.send(address, '--progress=json')
        peers.feed(sender, STREAM[:-9000])
        receiver.communicate(timeout=cli.SECONDS)
        _, err = peers.communicate(sender)
        self.assertEqual(sender.returncode, INPUT)
        told = events(err)
        self.assertEqual(names(told), ['start', 'end'])
        self.assertIn('the input ends', told[-2]['text'])

    def test_progress_each_second(self):
        receiver, address = self.recv(None, stdin=None)
        sender = self.send(address, '--progress=json')
        sender.stdin.write(legacy.beginning() + legacy.ram_pages(range(16)))
        sender.stdin.flush()
        # The first ones may come before the pages.
        while (line := json.loads(sender.stderr.readline())).get('pages', 0) < 16:
            self.assertNotEqual(line['event'], 'end')
        self.assertEqual((line['event'], line['pages']), ('progress', 16))
        self.assertGreater(line['read'], 10 * 4096)
        self.assertGreater(line['written'], 0)
        peers.feed(sender, legacy.ending())
        peers.communicate(sender)
        peers.communicate(receiver)

    def test_plain_peer(self):
        """To a QEMU: what was passed on, and that nothing was asked."""
        server, uri = peers.listen()
        with server:
            sender = self.send(uri, '--format=qemu', '--progress=json')
            peer, _ = server.accept()
            peers.feed(sender, legacy.stream())
            with peer:
                self.assertEqual(peers.read_all(peer), legacy.stream())
            _, err = peers.communicate(sender)
        done = [line for line in events(err) if line['event'] == 'done'][0]
        self.assertEqual((done['format'], done['wire'], done['confirmed']), ('qemu', len(legacy.stream()), False))

    def test_wrong_values(self):
        for options in (['--progress=xml'], ['--status=file'], ['--status=tcp:x']):
            for command in ('send', 'recv'):
                self.bermig(command, *options, 'unix:x', status=RUN)


cli.main()
