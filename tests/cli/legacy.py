# SPDX-License-Identifier: BSD-2-Clause
"""Small streams in QEMU's format, made without QEMU.

stream() is what a machine with 64 KiB of memory and one device would send.
"""
import json
import struct

PAGE = 4096
MEM_SIZE, ZERO, FULL, EOS, CONTINUE = 4, 2, 8, 16, 32
RAM_ID, DEVICE_ID = 2, 7
OPEN_RETURN_PATH, PING = 1, 2
BLOCK_PAGES = 16

HEADER = b'QEVM' + struct.pack('>I', 3)
END = b'\0'


def string(text):
    return bytes([len(text)]) + text.encode()


def footer(number):
    return b'\x7e' + struct.pack('>I', number)


def configuration(machine='pc-small'):
    return b'\7' + struct.pack('>I', len(machine)) + machine.encode()


def command(code, data=b''):
    return struct.pack('>BHH', 8, code, len(data)) + data


def word(value):
    return struct.pack('>Q', value)


def ram_start(pages=BLOCK_PAGES):
    blocks = string('pc.ram') + word(pages * PAGE)
    return (b'\1' + struct.pack('>I', RAM_ID) + string('ram') + struct.pack('>II', 0, 4)
            + word(pages * PAGE | MEM_SIZE) + blocks + word(EOS) + footer(RAM_ID))


def page_content(number):
    """Full pages differ, every fourth one is zero (None)."""
    if number % 4 == 3:
        return None
    return struct.pack('>II', number, 0xbe51ed) * (PAGE // 8)


def ram_pages(numbers, content=page_content, end=False):
    octets = (b'\3' if end else b'\2') + struct.pack('>I', RAM_ID)
    flags, name = 0, string('pc.ram')
    for number in numbers:
        data = content(number)
        offset = number % BLOCK_PAGES * PAGE
        if data is None:
            octets += word(offset | flags | ZERO) + name + b'\0'
        else:
            octets += word(offset | flags | FULL) + name + data
        flags, name = CONTINUE, b''
    return octets + word(EOS) + footer(RAM_ID)


# name, type, octets; as in QEMU's description
FIELDS = [
    ('ticks', 'uint64', struct.pack('>Q', 0x123456789abcdef0)),
    ('level', 'int32', struct.pack('>i', -2)),
    ('on', 'bool', b'\1'),
    ('name', 'buffer', b'small\0\0\0'),
]


def device(fields=FIELDS):
    return (b'\4' + struct.pack('>I', DEVICE_ID) + string('0000:00:01.0/small') + struct.pack('>II', 0, 2)
            + b''.join(octets for _, _, octets in fields) + footer(DEVICE_ID))


def description(fields=FIELDS):
    text = json.dumps({
        'page_size': PAGE,
        'devices': [{
            'name': '0000:00:01.0/small',
            'instance_id': 0,
            'vmsd_name': 'small',
            'version': 2,
            'fields': [{'name': name, 'type': kind, 'size': len(octets)} for name, kind, octets in fields],
        }],
    })
    return b'\6' + struct.pack('>I', len(text)) + text.encode()


def beginning(return_path=False, machine='pc-small'):
    """All that comes before the first page."""
    opening = command(OPEN_RETURN_PATH) + command(PING, struct.pack('>I', 1)) if return_path else b''
    return HEADER + configuration(machine) + opening + ram_start()


def ending():
    """All that comes after the last page."""
    return ram_pages([], end=True) + device() + END + description()


def stream(pages=BLOCK_PAGES, return_path=False, machine='pc-small'):
    return beginning(return_path, machine) + ram_pages(range(pages)) + ending()


def busy_stream(rounds, content):
    """Many passes over the memory."""
    parts = [ram_pages(range(BLOCK_PAGES), lambda number: content(turn, number)) for turn in range(rounds)]
    return beginning() + b''.join(parts) + ending()


# ---- the return path

# What a negotiation puts behind the configuration, and what a QEMU answers.
PROBE = command(1) + command(2, b'Ber1')
PROBE_PONG = struct.pack('>HH', 2, 4) + b'Ber1'
BER_MAGIC = bytes.fromhex('3080061469')


def head(machine='pc-small'):
    return HEADER + configuration(machine)


SHUT_OK = struct.pack('>HHI', 1, 4, 0)
SHUT_FAILED = struct.pack('>HHI', 1, 4, 1)
PONG = struct.pack('>HHI', 2, 4, 1)
# Its payload goes on behind the length that it states.
RECV_BITMAP = struct.pack('>HH', 5, 7) + string('pc.ram') + struct.pack('>Q', 8) + SHUT_FAILED + word(0x0123456789abcdef)
