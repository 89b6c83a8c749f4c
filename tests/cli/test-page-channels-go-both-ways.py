# SPDX-License-Identifier: BSD-2-Clause
"""A QEMU stream and its page channels (multifd) become one BER stream; they come back
octet for octet, their pages are those of the guest, and what is wrong in them is found."""
import os
import struct
import sys

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'spec'))
import cli
import decoder  # noqa: E402  (the line above finds it)
import legacy
import multifd
from cli import INPUT, RUN
from legacy import PAGE
from multifd import SYNC


class Channels(cli.CliTest):
    def file(self, name):
        with open(self.path(name), 'rb') as file:
            return file.read()

    def options(self, all_channels, prefix='in'):
        return [f'--channel={self.path(f"{prefix}.{i}", octets)}' for i, octets in enumerate(all_channels)]

    def archive(self, stream, all_channels, name='all.ber'):
        self.bermig('convert', *self.options(all_channels), self.path('in.mig', stream), self.path(name))
        return self.path(name)

    def there_and_back(self, stream, all_channels):
        archive = self.archive(stream, all_channels)
        out = [f'--channel={self.path(f"out.{i}")}' for i in range(len(all_channels))]
        self.bermig('convert', *out, archive, self.path('out.mig'))
        self.assertTrue(self.file('out.mig') == stream)
        for i, octets in enumerate(all_channels):
            self.assertTrue(self.file(f'out.{i}') == octets, i)
        other = decoder.Decoder(self.file('all.ber'))
        self.assertTrue(other.decode() == stream)
        self.assertTrue([channel.octets for channel in other.page_channels] == all_channels)
        self.bermig('convert', '--to=ber', archive, self.path('again.ber'))
        self.assertTrue(self.file('again.ber') == self.file('all.ber'))
        return archive

    def assert_memory(self, path, expected):
        self.bermig('extract', f'--raw={self.path("raw")}', path)
        for name, octets in expected.items():
            self.assertTrue(self.file(f'raw/{name}.raw') == octets, name)
            os.unlink(self.path(f'raw/{name}.raw'))

    def refused(self, stream, all_channels, pattern):
        done = self.bermig('convert', *self.options(all_channels), self.path('in.mig', stream),
                           self.path('wrong.ber'), status=INPUT)
        self.assertRegex(done.stderr.decode(), pattern)
        self.assertFalse(os.path.exists(self.path('wrong.ber')))

    def test_all_kinds_come_back(self):
        for marks in (False, True):
            for stale in (False, True):
                for compress in (False, True):
                    stream, two = multifd.stream(marks=marks), multifd.channels(stale, compress)
                    with self.subTest(marks=marks, stale=stale, compress=compress):
                        archive = self.there_and_back(stream, two)
                        expected = multifd.memory(two, multifd.BLOCKS)
                        self.assertEqual(bytes(expected['pc.ram'][2 * PAGE:3 * PAGE]), multifd.content(2, 1))
                        self.assert_memory(archive, expected)
                        self.bermig('convert', '--to=qemu', archive, self.path('plain.mig'))
                        self.assert_memory(self.path('plain.mig'), expected)

    def test_a_plain_stream_has_no_trace_of_channels(self):
        archive = self.archive(multifd.stream(marks=True), multifd.channels())
        self.bermig('convert', '--to=qemu', archive, self.path('plain.mig'))
        self.assertFalse(legacy.word(multifd.FLUSH) + legacy.word(legacy.EOS) in self.file('plain.mig'))
        self.bermig('convert', self.path('plain.mig'), self.path('plain.ber'))
        self.bermig('diff', self.path('plain.ber'), archive)

    def test_pages_are_counted_and_shown(self):
        archive = self.archive(multifd.stream(), multifd.channels())
        self.assertRegex(self.bermig('info', archive).stdout.decode(), r'(?m)^channels: +2, 13 packets')
        self.assertRegex(self.bermig('validate', archive).stdout.decode(), ' 16 pages,')
        dump = self.bermig('dump', '--pages', archive).stdout.decode()
        self.assertRegex(dump, r'(?m)^ram\.pc\.ram\.pages = \[0x0, 0x2\] full$')

    def test_device_state_and_octets_are_carried(self):
        odd = [multifd.channels()[0] + multifd.state('0000:00:05.0/vfio', b'device' * 100),
               multifd.channels()[1] + b'something else' * 10]
        archive = self.there_and_back(multifd.stream(), odd)
        done = self.bermig('convert', '--to=qemu', archive, self.path('plain.mig'), status=INPUT)
        self.assertRegex(done.stderr.decode(), 'channel 0: state of a device')
        self.assertIn(b'channel', self.bermig('extract', f'--raw={self.path("raw")}', archive, status=INPUT).stderr)
        self.there_and_back(multifd.stream(), [b'no packet at all', b'\x11\x22\x33\x44' + bytes(70)])

    def test_odd_headers_come_back(self):
        odd = bytearray(multifd.header(SYNC, counter=1 << 63, allocated=0))
        odd[36:64] = bytes(range(28))
        odd[-8:] = b'rubbish.'
        two = [multifd.initial(7, b'u' * 16) + bytes(odd) * 3, multifd.channels(True)[1]]
        self.there_and_back(multifd.stream(), two)

    def test_as_many_files_as_channels(self):
        archive = self.archive(multifd.stream(), multifd.channels())
        for count, pattern in ((1, 'more than 1 page channels'), (3, 'has 2 page channels, and there are files for 3')):
            out = [f'--channel={self.path(f"few.{i}")}' for i in range(count)]
            done = self.bermig('convert', *out, archive, self.path('few.mig'), status=INPUT)
            self.assertRegex(done.stderr.decode(), pattern)
            self.assertEqual([name for name in os.listdir(self.folder) if name.startswith('few')], [])
        self.bermig('convert', '--channel=x', '--to=ber', archive, self.path('y'), status=RUN)
        done = self.bermig('convert', '--seekable', *self.options(multifd.channels()), self.path('in.mig'),
                           self.path('y'), status=INPUT)
        self.assertRegex(done.stderr.decode(), 'page channels')

    def test_what_is_wrong_has_channel_and_offset(self):
        stream, (first, second) = multifd.stream(), multifd.channels()
        start = multifd.initial(0) + multifd.header(SYNC, allocated=0)
        at = len(start)
        page = multifd.content(1)
        for packet, pattern in (
                (multifd.header(pages=[64]) + page, f':{at + 320}: channel 1.pc.ram: a page at offset 0x40000'),
                (multifd.header(zeros=[1 << 50]), 'channel 1.pc.ram: a page at offset'),
                (multifd.header(pages=[1], block='none') + page, f':{at + 64}: channel 1: .*"none"'),
                (multifd.header(pages=[1], block='x' * 256) + page, 'channel 1: .*not listed'),
                (multifd.header(pages=[1], size=PAGE - 1) + page, f':{at + 20}: channel 1: .*4095 octets for 1 pages'),
                (multifd.header(multifd.ZSTD, pages=[1], size=1 << 31), f':{at + 20}: channel 1: .*the limit is'),
                (multifd.header(pages=[1], allocated=0) + page, f':{at + 16}: channel 1: 1 pages in a packet for 0'),
                (multifd.header(zeros=range(1)).replace(struct.pack('>QI', 0, 1), struct.pack('>QI', 0, 129), 1),
                 'channel 1: .*129 pages in a packet for 128'),
                (multifd.header(pages=[1]) + page[1:], 'channel 1: .*ends inside a packet'),
                (multifd.header()[:-1], 'channel 1: .*ends inside a packet'),
                (multifd.header()[:9], 'channel 1: .*ends inside a packet'),
                (b'', 'channel 1: the channel ends, and has 1 synchronisations of at least 2'),
                (multifd.state('x', b'')[:-4] + b'\xff\xff\xff\xff', 'channel 1: .*device state, the limit is')):
            with self.subTest(pattern):
                self.refused(stream, [first, start + packet], pattern)
        self.refused(stream, [first, b''], 'channel 1: nothing came')
        self.refused(stream, [first, second[:40]], 'channel 1: .*ends inside the initial packet')

    def test_compressed_data_gives_its_pages_and_no_more(self):
        stream = multifd.stream()
        for data in (b'\x78\x9cnonsense', b''):
            bad = multifd.Channel(0)
            bad.packet(SYNC)
            bad.octets += multifd.header(multifd.ZLIB, pages=[1], size=len(data)) + data
            bad.packet(SYNC)
            bad.packet(SYNC)
            archive = self.archive(stream, [bad.octets])
            done = self.bermig('validate', archive, status=INPUT)
            self.assertRegex(done.stderr.decode(), 'channel 0: .*do not give 1 pages')
        bomb = multifd.zlib.compress(bytes(1 << 20))
        packet = multifd.header(multifd.ZLIB, pages=[1], size=len(bomb)) + bomb
        sync = multifd.header(SYNC, allocated=0)
        archive = self.archive(stream, [multifd.initial(0) + sync + packet + sync + sync])
        done = self.bermig('extract', f'--raw={self.path("raw")}', archive, status=INPUT)
        self.assertRegex(done.stderr.decode(), 'channel 0: .*do not give 1 pages')


cli.main()
