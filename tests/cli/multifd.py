# SPDX-License-Identifier: BSD-2-Clause
"""Page channels of QEMU's capability multifd, made and read without bermig.

A guest is a stream and what goes over each channel; what its memory is in the end comes
out of a reader of its own.
"""
import struct
import zlib

import legacy
from legacy import PAGE, RAM_ID

MAGIC, SYNC, ZLIB, ZSTD, DEVICE = 0x11223344, 1, 2, 4, 0x40
SLOTS = 524288 // PAGE
HEADER = 320 + 8 * SLOTS
FLUSH = 0x200
BLOCKS = {'pc.ram': 64 * PAGE, 'rom': 4 * PAGE}


def initial(number, uuid=bytes(16)):
    return struct.pack('>II16sB39x', MAGIC, 1, uuid, number)


def header(flags=0, pages=(), zeros=(), block='pc.ram', size=None, counter=0, allocated=SLOTS, before=None):
    """`before`: the header in the memory that this one is written over, as up to QEMU 8."""
    octets = bytearray(before or bytes(HEADER))
    struct.pack_into('>IIIII', octets, 0, MAGIC, 1, flags, allocated, len(pages))
    struct.pack_into('>Q', octets, 24, counter)
    struct.pack_into('>I', octets, 32, len(zeros))
    if pages:
        struct.pack_into('>I', octets, 20, len(pages) * PAGE if size is None else size)
    if pages or zeros:
        octets[64:320] = block.encode().ljust(256, b'\0')
    for i, page in enumerate([*pages, *zeros]):
        struct.pack_into('>Q', octets, 320 + 8 * i, page * PAGE)
    return bytes(octets)


def content(page, turn=0):
    return struct.pack('>III4x', page, turn, 0xc0ffee) * (PAGE // 16)


def state(name, data, instance=0, flags=DEVICE):
    return struct.pack('>III256sII', MAGIC, 1, flags, name.encode(), instance, len(data)) + data


class Channel:
    """What goes over one channel; `stale`: as up to QEMU 8, which clears no header."""

    def __init__(self, number, stale=False, compress=None):
        self.octets = initial(number)
        self.stale, self.before, self.compress = stale, None, compress
        self.counter = number

    def packet(self, flags=0, pages=(), zeros=(), block='pc.ram', turn=0):
        data = b''.join(content(page, turn) for page in pages)
        if self.compress and pages:
            flags |= ZLIB
            data = self.compress.compress(data) + self.compress.flush(zlib.Z_SYNC_FLUSH)
        allocated = SLOTS if self.stale or pages or zeros else 0
        head = header(flags, pages, zeros, block, len(data), self.counter, allocated,
                      self.before if self.stale else None)
        self.before = head
        self.counter += 3
        self.octets += head + data


def stream(pieces=3, marks=False):
    """The stream beside the channels: nothing of the pages, and a place where all channels
    must have come at the end of each piece, or at each mark."""
    mark = legacy.word(FLUSH) if marks else b''
    octets = legacy.HEADER + legacy.configuration()
    octets += (b'\1' + struct.pack('>I', RAM_ID) + legacy.string('ram') + struct.pack('>II', 0, 4)
               + legacy.word(sum(BLOCKS.values()) | legacy.MEM_SIZE))
    octets += b''.join(legacy.string(name) + legacy.word(length) for name, length in BLOCKS.items())
    octets += mark + legacy.word(legacy.EOS) + legacy.footer(RAM_ID)
    for _ in range(pieces - 1 if marks else pieces - 2):  # the end is a piece as well
        octets += b'\2' + struct.pack('>I', RAM_ID) + mark + legacy.word(legacy.EOS) + legacy.footer(RAM_ID)
    return octets + legacy.ending()


def channels(stale=False, compress=False):
    """Two channels for stream(): three places, pages and zeros, one page sent again."""
    both = [Channel(i, stale, zlib.compressobj(1) if compress else None) for i in (1, 0)]
    for channel in both:
        channel.packet(SYNC)
    both[0].packet(0, [0, 1, 2, 9], () if stale else [3, 4, 10])
    both[1].packet(0, [5], block='pc.ram')
    both[1].packet(0, [0, 3], () if stale else [1, 2], block='rom')
    if stale:
        both[0].packet(SYNC, [20, 7])
        both[0].packet()
    else:
        both[0].packet(0, [20, 7])
        both[0].packet(SYNC)
    both[1].packet(SYNC)
    both[1].packet(0, [2, 1], turn=1)
    for channel in both:
        channel.packet(SYNC)
        channel.packet()
    return [channel.octets for channel in both]


def memory(all_channels, lengths):
    """Blocks as all packets together leave them: name -> octets.  Packets between two places
    are of different pages, so their order does not matter."""
    blocks = {name: bytearray(length) for name, length in lengths.items()}
    rounds = [_rounds(octets) for octets in all_channels]
    for turn in zip(*rounds):
        for name, page, data in (change for changes in turn for change in changes):
            blocks[name][page * PAGE:(page + 1) * PAGE] = data
    return blocks


def _rounds(octets):
    """Changes of one channel: a list for each of its rounds."""
    inflate, rounds, changes, at = zlib.decompressobj(), [], [], 64
    while at < len(octets):
        flags, _, full, size = struct.unpack_from('>IIII', octets, at + 8)
        zero, = struct.unpack_from('>I', octets, at + 32)
        name = octets[at + 64:at + 320].split(b'\0')[0].decode()
        offsets = struct.unpack_from(f'>{full + zero}Q', octets, at + 320)
        at += HEADER
        data = octets[at:at + size] if full else b''
        at += len(data)
        data = inflate.decompress(data) if flags & ZLIB and data else data
        for i, offset in enumerate(offsets):
            changes.append((name, offset // PAGE, data[i * PAGE:(i + 1) * PAGE] if i < full else bytes(PAGE)))
        if flags & SYNC:
            rounds.append(changes)
            changes = []
    return rounds + [changes]
