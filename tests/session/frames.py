# SPDX-License-Identifier: BSD-2-Clause
"""Frames of a session in the hands of a test, read and made by the decoder of tests/spec."""
import os
import sys

sys.path[:0] = [os.path.join(os.path.dirname(__file__), '..', folder) for folder in ('spec', 'cli')]

import decoder  # noqa: E402  (the line above finds it)


class Reader:
    """Takes octets as they come and gives whole frames; what came before the first one, or
    instead of any, is plain."""

    def __init__(self):
        self._held, self._plain, self._framed = b'', [], False

    def feed(self, octets):
        """The frames that are whole now, each as bytes."""
        if not self._framed and octets[:1] != bytes([decoder.OPEN_FRAME]) and \
                octets[:1] not in (bytes([tag]) for tag in range(0x76, 0x7a)):
            self._plain.append(octets)
            return []
        self._framed = True
        self._held += octets
        frames = []
        while len(self._held) >= (size := decoder.frame_size(self._held)):
            frames.append(self._held[:size])
            self._held = self._held[size:]
        return frames

    def plain(self):
        plain, self._plain = self._plain, []
        return plain


def integer(n):
    octets = n.to_bytes(n.bit_length() // 8 + 1, 'big')
    return bytes([decoder.INTEGER, len(octets)]) + octets


def octet_string(octets):
    head = bytes([len(octets)]) if len(octets) < 0x80 else decoder.minimal(len(octets))
    return bytes([decoder.OCTETS]) + head + octets


def resume(token, received):
    return decoder.make_frame(decoder.RESUME_FRAME, octet_string(token) + integer(received))


def heartbeat(received):
    return decoder.make_frame(decoder.HEARTBEAT_FRAME, integer(received))


def data(position, octets):
    return decoder.make_frame(decoder.DATA_FRAME, integer(position) + octet_string(octets))
