# SPDX-License-Identifier: BSD-2-Clause
"""Page channels, after 7.10 and 8.9 of SPEC.md; a part of decoder.py."""
import struct

MAGIC = b'\x11\x22\x33\x44\0\0\0\1'


class PageChannel:
    """What came on one; its headers lie over each other."""

    def __init__(self):
        self.octets, self.header, self.only_octets = b'', b'', False

    def initial(self, number, uuid):
        assert not self.octets and number < 256 and len(uuid) == 16
        self.octets += MAGIC + uuid + bytes([number]) + bytes(39)

    def state(self, flags, name, instance, data):
        assert flags & 0x40 and len(name) < 256 and len(data) <= 16 << 20
        self.octets += MAGIC + struct.pack('>I256sII', flags, name, instance, len(data)) + data

    def packet(self, flags, counter, page_size, allocated, kept, header, pages):
        """`pages`: nothing, or the block's name and length, its runs, data."""
        room = 524288 // page_size
        assert page_size in (1 << n for n in range(10, 17)) and not flags & 0x40
        ground = bytearray(320 + 8 * room)
        if kept and len(self.header) == len(ground):
            ground[:] = self.header
        if header is not None:
            assert not kept and len(header) == len(ground)
            ground[:] = header
        numbers, full, data = [], 0, b''
        if pages:
            block, length, runs, data = pages
            for start, count, zero in runs:
                assert start + count <= length // page_size and (zero or full == len(numbers))
                numbers += range(start, start + count)
                full += 0 if zero else count
            assert 0 < len(numbers) <= room
            struct.pack_into('>256s', ground, 64, block)
        assert len(data) == full * page_size if not flags & 0x3e else full or not data
        ground[:12] = MAGIC + struct.pack('>I', flags)
        struct.pack_into('>II', ground, 12, room if allocated is None else allocated, full)
        if full:
            struct.pack_into('>I', ground, 20, len(data))
        struct.pack_into('>QI', ground, 24, counter, len(numbers) - full)
        struct.pack_into(f'>{len(numbers)}Q', ground, 320, *(number * page_size for number in numbers))
        self.header = bytes(ground)
        self.octets += self.header + data
