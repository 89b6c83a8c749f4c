#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""A description that both ends have seen travels as its digest; a cache that is wrong, or not
there, costs octets and no guest."""
import hashlib
import json
import os
import shutil
import stat
import struct
import sys

import cli
import legacy
import peers
from cli import DONE, INPUT

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'spec'))
import decoder  # noqa: E402

ALONE = 45  # octets of a Known record for few schemas
KEPT = 8    # files


def guest(number):
    """A stream whose description no other number has."""
    fields = [(f'ticks{number}', kind, octets) for _, kind, octets in legacy.FIELDS]
    return (legacy.beginning() + legacy.ram_pages(range(legacy.BLOCK_PAGES), end=True) + legacy.device(fields)
            + b'\0' + legacy.description(fields))


def machine(kinds):
    """A stream with a device of each kind: what it is called depends on its place, its field on the kind."""
    devices, described = [], []
    for place, kind in enumerate(kinds):
        number = struct.pack('>I', 10 + place)
        devices.append(b'\4' + number + legacy.string(f'device{place}') + bytes(7) + b'\1\0' + b'\x7e' + number)
        described.append({'name': f'device{place}', 'instance_id': 0, 'vmsd_name': kind, 'version': 1,
                          'fields': [{'name': kind, 'type': 'uint8', 'size': 1}]})
    text = json.dumps({'page_size': legacy.PAGE, 'devices': described}).encode()
    return (legacy.beginning() + legacy.ram_pages([], end=True) + b''.join(devices)
            + b'\0\6' + struct.pack('>I', len(text)) + text)


class DescriptionCache(peers.PeerTest):
    def setUp(self):
        super().setUp()
        self.here, self.there = self.path('here'), self.path('there')

    def ends_of(self, here, there, *options):
        receiver, address = self.recv(None, f'--description-cache={there or self.there}')
        return receiver, self.send(address, f'--description-cache={here or self.here}', *options)

    def goes(self, stream, receiver, sender):
        """Octets of description on the wire."""
        peers.feed(sender, stream)
        self.assertEqual(self.ends(receiver, DONE)[0], stream)
        return int(self.ends(sender, DONE)[1].split(' description ')[1].split()[0])

    def move(self, stream=None, here=None, there=None, *options):
        return self.goes(stream or legacy.stream(), *self.ends_of(here, there, *options))

    def files(self, folder):
        return [os.path.join(folder, name) for name in os.listdir(folder)]

    def test_the_second_time_it_is_a_digest(self):
        self.assertGreater(self.move(), ALONE)
        self.assertEqual(self.move(), ALONE)
        # And back again, over the same two hosts.
        self.assertEqual(self.move(here=self.there, there=self.here), ALONE)

    def wire(self):
        """The octets of a forward stream."""
        receiver, address = self.recv(None, f'--description-cache={self.there}', '--no-session')
        proxy = peers.Proxy(address)
        sender = self.send(proxy.uri, f'--description-cache={self.here}')
        self.goes(legacy.stream(), receiver, sender)
        proxy.join()
        return proxy.forth[proxy.forth.index(decoder.MAGIC):]

    def test_the_digest_is_that_of_the_records(self):
        full = decoder.Decoder(self.wire())
        self.assertEqual(full.decode(), legacy.stream())
        digest = hashlib.sha256(full.described).digest()
        known = decoder.Decoder(self.wire(), {digest: full.described})
        self.assertEqual(known.decode(), legacy.stream())
        self.assertEqual(known.described, b'')

    def test_nobody_else_can_read_it(self):
        self.wire()
        stream = self.path('stream.ber', self.wire())
        for command in ('convert', 'dump', 'validate'):
            operands = (stream, self.path('out')) if command == 'convert' else (stream,)
            done = self.bermig(command, *operands, status=INPUT)
            self.assertIn(b'only the receiver that it was sent to has it', done.stderr)

    def test_only_who_was_told_may_write_it(self):
        """Whoever sends the same octets again has not been told, whatever the receiver has kept."""
        wire = self.wire() and self.wire()
        for folder in (self.there, self.path('new')):
            receiver, address = self.recv(None, f'--description-cache={folder}')
            with peers.connect(address) as peer:
                peers.feed_socket(peer, wire)
                out, _ = self.ends(receiver, INPUT, 'only the receiver that it was sent to has it')
            self.assertFalse(out.endswith(legacy.description()))

    def test_it_travels_beside_channels(self):
        self.assertGreater(self.move(None, None, None, '--channels=2'), ALONE)
        self.assertEqual(self.move(None, None, None, '--channels=2'), ALONE)
        self.assertEqual(self.move(), ALONE)

    def test_what_goes_lost_meanwhile_is_kept_again(self):
        """A receiver has read what it tells; so nothing depends on files from then on."""
        self.move()
        receiver, sender = self.ends_of(None, None)
        shutil.rmtree(self.there)
        self.assertEqual(self.goes(legacy.stream(), receiver, sender), ALONE)
        self.assertEqual(self.move(), ALONE)

    def test_who_sends_need_not_have_seen_it(self):
        self.move()
        self.assertEqual(self.move(here=self.path('new')), ALONE)

    def test_both_ends_must_want_it(self):
        self.move()
        self.assertGreater(self.move(there='none'), ALONE)
        self.assertGreater(self.move(here='none'), ALONE)
        self.assertGreater(self.move(there=self.path('new')), ALONE)

    def test_the_environment_says_where(self):
        os.environ['BERMIG_DESCRIPTION_CACHE'] = self.here
        self.addCleanup(os.environ.update, BERMIG_DESCRIPTION_CACHE='none')
        for expected in (None, ALONE):
            receiver, address = self.recv()
            octets = self.goes(legacy.stream(), receiver, self.send(address))
            self.assertEqual(octets, expected or octets)
        self.assertEqual(len(self.files(self.here)), 1)

    def test_another_guest_is_described_in_full(self):
        first = self.move()
        self.assertGreater(self.move(guest(1)), ALONE)
        self.assertEqual(self.move(guest(1)), ALONE)
        self.assertEqual(self.move(), ALONE)
        self.assertGreater(first, ALONE)

    def test_what_is_new_of_another_guest_travels(self):
        kinds = [f'kind{i}' for i in range(20)]
        full = self.move(machine(kinds))
        for change in (kinds[:7] + ['new'] + kinds[8:], ['new'] + kinds[1:19] + ['newer'], kinds[:-2], kinds[::-1]):
            one, two = self.move(machine(change)), self.move(machine(change))
            self.assertEqual(two, ALONE, change)
            if change != kinds[::-1]:
                self.assertLess(one, full / 2, change)

    def test_a_recording_has_all_that_it_needs(self):
        self.move()
        recording = self.path('recording')
        self.assertGreater(self.move(None, None, None, f'--record={recording}'), ALONE)
        self.bermig('convert', recording, self.path('back'))
        with open(self.path('back'), 'rb') as file:
            self.assertEqual(file.read(), legacy.stream())

    def test_only_the_user_can_read_it(self):
        self.move()
        for folder in (self.here, self.there):
            self.assertEqual(stat.S_IMODE(os.stat(folder).st_mode), 0o700)
            for path in self.files(folder):
                self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o600)

    def test_a_file_is_what_its_name_says(self):
        self.move()
        (path,) = self.files(self.there)
        with open(path, 'rb') as file:
            text = file.read()
        self.assertEqual(os.path.basename(path), hashlib.sha256(text).hexdigest() + '.json')
        self.assertIn(text, legacy.stream())

    def test_a_file_that_is_wrong_is_replaced(self):
        def cut(text):
            return text[:-1]

        def poison(text):
            return text.replace(b'ticks', b'tocks')

        for harm in (cut, poison, lambda _: b'{}', lambda _: b'{' * 5000, lambda _: b'\0\xff' * 99):
            for folder in (self.here, self.there):
                self.move()
                (path,) = self.files(folder)
                with open(path, 'rb') as file:
                    text = file.read()
                with open(path, 'wb') as file:
                    file.write(harm(text))
                octets = self.move()
                self.assertEqual(octets > ALONE, folder == self.there)
                self.assertEqual(self.files(folder), [path])
                with open(path, 'rb') as file:
                    self.assertEqual(file.read(), text)

    def test_a_text_under_its_own_digest_that_is_no_description_is_removed(self):
        for text in (b'{"page_size": 4096, "devices": []} ', b'no JSON', b'[1]'):
            os.makedirs(self.there, exist_ok=True)
            path = os.path.join(self.there, hashlib.sha256(text).hexdigest() + '.json')
            with open(path, 'wb') as file:
                file.write(text)
            self.move()
            self.assertFalse(os.path.exists(path), text)

    def test_what_is_no_file_of_ours_stays_and_does_no_harm(self):
        os.makedirs(self.there)
        name = '0' * 64 + '.json'
        os.mkfifo(os.path.join(self.there, name))
        os.symlink('/etc/passwd', os.path.join(self.there, '1' * 64 + '.json'))
        os.mkdir(os.path.join(self.there, '2' * 64 + '.json'))
        with open(os.path.join(self.there, 'README'), 'wb') as file:
            file.write(b'mine')
        with open(os.path.join(self.there, '3' * 64 + '.json'), 'wb') as file:
            file.truncate(1 << 33)
        self.assertGreater(self.move(), ALONE)
        self.assertEqual(self.move(), ALONE)
        self.assertEqual(len(self.files(self.there)), 6)

    def test_a_folder_that_cannot_be_is_none(self):
        file = self.path('file', b'')
        for _ in range(2):
            self.assertGreater(self.move(None, file, file), ALONE)

    def test_there_are_few_and_the_latest(self):
        long_ago = 0
        for number in range(KEPT + 2):
            before = self.files(self.there) if number else []
            self.move(guest(number), here='none')
            (path,) = set(self.files(self.there)) - set(before)
            long_ago += 1
            os.utime(path, (long_ago, long_ago))
            if number == KEPT - 1:
                self.assertEqual(self.move(guest(0)), ALONE)  # it is of use, so it stays
        self.assertEqual(len(self.files(self.there)), KEPT)
        self.assertEqual(self.move(guest(0)), ALONE)
        self.assertEqual(self.move(guest(KEPT + 1)), ALONE)
        self.assertGreater(self.move(guest(1)), ALONE)

    def test_two_at_once_share_it(self):
        def both():
            pairs = []
            for number in (1, 2):
                receiver, address = self.recv('unix:' + self.path(f'socket{number}'),
                                              f'--description-cache={self.there}')
                pairs.append((receiver, self.send(address, f'--description-cache={self.here}')))
            for _, sender in pairs:
                peers.feed(sender, legacy.stream())
            for receiver, sender in pairs:
                self.assertEqual(self.ends(receiver, DONE)[0], legacy.stream())
                yield int(self.ends(sender, DONE)[1].split(' description ')[1].split()[0])

        self.assertTrue(all(octets > ALONE for octets in both()))
        self.assertEqual(list(both()), [ALONE, ALONE])
        self.assertEqual(len(self.files(self.here)), 1)
        self.assertEqual(len(self.files(self.there)), 1)

    def test_a_probe_takes_nothing_away(self):
        self.move()
        description = self.path('guest.mig', legacy.stream())
        receiver, address = self.recv(None, f'--description-cache={self.there}')
        told = self.bermig('probe', f'--describe={description}', address).stdout
        self.assertIn(b'description-cache', told)
        receiver.stderr.readline()  # that it was a probe
        sender = self.send(address, f'--description-cache={self.here}')
        self.assertEqual(self.goes(legacy.stream(), receiver, sender), ALONE)


cli.main()
