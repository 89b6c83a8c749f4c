#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""send and recv: a guest that would not load is refused before its first page, on both sides."""
import json
import os
import re
import subprocess

import cli
import legacy
import peers
from cli import DONE, INPUT, RUN

# QEMU may be told that there was to be a stream, so that it sees its end.
NOTHING = b'', legacy.HEADER
SECTION = '0000:00:01.0/small'


def findings(text):
    """The findings in what an end said, as lines."""
    return re.findall(r'^bermig (?:send|recv): ((?:BLOCK|WARN) .*)$', text, re.MULTILINE)


class Preflight(cli.CliTest):
    def move(self, expect, stream=None, describe=None, status=DONE):
        """What both ends said, and what went to QEMU."""
        uri = 'unix:' + self.path('socket')
        if os.path.exists(self.path('record')):
            os.unlink(self.path('record'))
        options = ['--expect=' + self.path('expect', expect)] if expect is not None else []
        receiver = self.start('recv', *options, uri, stdin=subprocess.DEVNULL)
        told = [f'--describe={self.path("describe", describe)}'] if describe else []
        sender = self.start('send', '--record=' + self.path('record'), *told, uri)
        _, sent = sender.communicate(stream or legacy.stream(), timeout=cli.SECONDS)
        out, received = receiver.communicate(timeout=cli.SECONDS)
        sent, received = sent.decode(), received.decode()
        self.assertEqual((sender.returncode, receiver.returncode), (status, status), sent + received)
        self.assertEqual(findings(sent), findings(received))
        if status == INPUT:
            self.assertIn(out, NOTHING)
            self.assertFalse(os.path.exists(self.path('record')))
            self.assertRegex(sent, r'the receiver would not take the guest, for \d+ of the reasons above')
            self.assertRegex(received, r'QEMU would not take the guest, for \d+ of the reasons above')
        else:
            self.assertEqual(out, stream or legacy.stream())
        return findings(sent)

    def test_what_fits(self):
        self.assertEqual(self.move(legacy.stream()), [])
        self.assertEqual(self.move(legacy.stream(), describe=legacy.stream()), [])
        self.assertEqual(self.move(self.convert(legacy.stream()), describe=self.convert(legacy.stream())), [])
        self.assertEqual(self.move(json.dumps({'vmschkmachine': {'Name': 'pc-small'}}).encode()), [])

    def test_another_machine(self):
        found = self.move(legacy.stream(machine='pc-large'), status=INPUT)
        self.assertRegex(found[0], r'^BLOCK 301 machine: .*\(expected pc-large, got pc-small\)$')

    def test_another_size(self):
        other = legacy.stream().replace(b'\x06pc.ram' + legacy.word(65536), b'\x06pc.ram' + legacy.word(131072)) \
            .replace(legacy.word(65536 | legacy.MEM_SIZE), legacy.word(131072 | legacy.MEM_SIZE))
        found = self.move(other, status=INPUT)
        self.assertRegex(found[0], r'^BLOCK 312 ram-size: ram.pc.ram: .* -m .*\(expected 131072, got 65536\)$')

    def test_a_missing_device(self):
        other = legacy.stream().replace(SECTION.encode(), b'0000:00:09.0/small')
        # Without a description the sender has nothing to say of its devices yet.
        self.assertEqual(self.move(other), [])
        found = self.move(other, describe=legacy.stream(), status=INPUT)
        self.assertRegex(found[0], f'^BLOCK 320 device-missing: {SECTION}: ')
        description = self.bermig('describe', '--format=ber', '-', stdin=legacy.stream()).stdout
        self.assertEqual(self.move(other, describe=description, status=INPUT), found)

    def test_an_older_version(self):
        dump = {'small': {'Description': {'name': 'small', 'version_id': 1}}}
        found = self.move(json.dumps(dump).encode(), describe=legacy.stream(), status=INPUT)
        self.assertRegex(found[0], f'^BLOCK 322 version-newer: {SECTION}: .*\\(expected 1, got 2\\)$')

    def test_a_warning_does_not_stop_it(self):
        dump = {'small': {'Description': {'name': 'small', 'version_id': 2, 'Fields': [
            {'field': name} for name in ('ticks', 'height', 'on', 'name')]}}}
        found = self.move(json.dumps(dump).encode(), describe=legacy.stream())
        self.assertRegex(found[0], f'^WARN 332 field-renamed: {SECTION}.level: ')
        self.assertEqual(len(found), 1)

    def test_a_stream_that_does_not_ask_is_compared_too(self):
        uri = 'unix:' + self.path('socket')
        receiver = self.start('recv', '--expect=' + self.path('expect', legacy.stream(machine='pc-large')), uri,
                              stdin=subprocess.DEVNULL)
        self.assertIn(b'listening', receiver.stderr.readline())
        sock = peers.connect(uri)
        peers.feed_socket(sock, self.convert(legacy.stream()))
        out, received = receiver.communicate(timeout=cli.SECONDS)
        sock.close()
        self.assertEqual(receiver.returncode, INPUT)
        self.assertIn(out, NOTHING)
        self.assertRegex(findings(received.decode())[0], '^BLOCK 301 machine: ')

    def test_what_cannot_be_compared_is_said(self):
        uri = 'unix:' + self.path('socket')
        for options, command in ((['send', '--describe=' + self.path('guest', legacy.stream()), uri], ['recv', uri]),
                                 (['send', '--format=qemu', uri],
                                  ['recv', '--expect=' + self.path('expect', legacy.stream()), uri])):
            receiver = self.start(*command, stdin=subprocess.DEVNULL)
            sender = self.start(*options)
            _, sent = sender.communicate(legacy.stream(), timeout=cli.SECONDS)
            out, received = receiver.communicate(timeout=cli.SECONDS)
            self.assertEqual((sender.returncode, receiver.returncode, out), (DONE, DONE, legacy.stream()))
            said = sent + received
            self.assertEqual(len(re.findall(rb'nothing is compared|its guest is not compared', said)), 1, said)

    def test_the_outcome_is_kept(self):
        self.move(legacy.stream())
        with open(self.path('record'), 'rb') as file:
            record = file.read()
        shown = self.bermig('dump', '--handshake', '-', stdin=record).stdout.decode()
        self.assertRegex(shown, r'(?m)^outcome.peer = \(string\) "bermig ')
        self.assertRegex(shown, r'(?m)^outcome.reason = \(string\) "answered with its hello after \d+\.\d ms"$')
        self.assertRegex(shown, r'(?m)^check.asked = \(bool\) 0x1$')
        self.assertNotIn('small', shown)
        outcome = json.loads(self.bermig('info', '--format=json', '-', stdin=record).stdout)['outcome']
        self.assertEqual(sorted(outcome['capabilities']), ['ack', 'preflight', 'return-path', 'zstd'])
        # Whoever writes the stream again keeps it; QEMU's format has no place for it.
        again = self.bermig('convert', '--to=ber', '-', '-', stdin=record).stdout
        self.assertEqual(json.loads(self.bermig('info', '--format=json', '-', stdin=again).stdout)['outcome'], outcome)
        self.assertEqual(self.convert(record), legacy.stream())

    def test_files_that_say_nothing(self):
        self.bermig('recv', '--expect=' + self.path('bad', b'{'), 'tcp:127.0.0.1:0', status=RUN)
        self.bermig('recv', '--expect=' + self.path('absent'), 'tcp:127.0.0.1:0', status=RUN)
        for content in b'no stream', legacy.HEADER + legacy.configuration() + legacy.END:
            self.bermig('send', '--describe=' + self.path('bad', content), 'tcp:127.0.0.1:1', status=RUN)


if __name__ == '__main__':
    cli.unittest.main()
