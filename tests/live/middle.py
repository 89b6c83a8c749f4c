# SPDX-License-Identifier: BSD-2-Clause
"""Somebody between send and recv, who sees each record pass by and can do harm at an exact place.

SPEC.md 4 and 5.11: what this needs of the format are the tags and lengths of records.
"""
import contextlib
import socket
import struct
import threading

PROBE_END = b'Ber1'
FORMAT_LEN = 24
RECORDS_BEGIN = b'\x30\x80'
RECORDS_END = b'\0\0'
PREAMBLE, DEVICE, PART, TRAILER = 0x60, 0x63, 0x65, 0x70

# Where harm can be done: before the first record of this kind goes on.
SETUP, MEMORY, DEVICES = PREAMBLE, PART, DEVICE
# When all of the stream has gone on, and nothing of the answer from its trailer on.
END = TRAILER


class Enough(Exception):
    """What act() raises when nothing more shall go on: both connections end."""


class Middle:
    """Listens at `uri`, connects to `target`; at `place` calls act(self), once.

    act() may return octets to go on with in place of the record, or raise Enough.
    """

    def __init__(self, target, place, act):
        self._server = socket.create_server(('127.0.0.1', 0))
        self._server.settimeout(300)
        self.uri = f'tcp:127.0.0.1:{self._server.getsockname()[1]}'
        self._target = target.split(':')[1:]
        self._place, self._act = place, act
        self._hold = threading.Event()
        self._ends = []
        self.sender = self.receiver = None
        self.reached = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self):
        with contextlib.suppress(OSError, EOFError, Enough):
            self.sender, _ = self._server.accept()
            self._ends.append(self.sender)
            self.receiver = socket.create_connection(self._target)
            self._ends.append(self.receiver)
            threading.Thread(target=self._answers, daemon=True).start()
            self._stream(self.sender.makefile('rb'))
        for end in self._ends:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def _stream(self, file):
        self._pass_probe(file)
        self._pass(take(file, FORMAT_LEN))
        self._pass_record(file, take(file, 1))
        self._pass(take(file, 2))
        while (tag := take(file, 1)) != RECORDS_END[:1]:
            self._pass_record(file, tag)
        self._pass(tag + take(file, 1))
        if self._place == END:
            self._hold.set()
        self._pass_record(file, take(file, 1))
        self._pass(take(file, 2))
        if self._place == END:
            self._do()
        else:
            self._pass_rest(file)

    def _pass_probe(self, file):
        passed = b''
        while not passed.endswith(PROBE_END):
            passed += take(file, 1)
        self._pass(passed)

    def _pass_record(self, file, tag):
        head = tag + take(file, 1)
        if head[1] & 0x80:
            head += take(file, head[1] & 0x7f)
        record = head + take(file, int.from_bytes(head[2:], 'big') if head[2:] else head[1])
        if tag[0] == self._place != END and not self.reached.is_set():
            record = self._do() or record
        self._pass(record)

    def _pass_rest(self, file):
        while octets := file.read1(1 << 16):
            self._pass(octets)

    def _do(self):
        self.reached.set()
        return self._act(self)

    def _pass(self, octets):
        self.receiver.sendall(octets)

    def _answers(self):
        with contextlib.suppress(OSError):
            while (octets := self.receiver.recv(1 << 16)) and not self._hold.is_set():
                self.sender.sendall(octets)
        if not self._hold.is_set():
            with contextlib.suppress(OSError):
                self.sender.shutdown(socket.SHUT_WR)

    def reset(self):
        """Both connections end with RST, as behind a firewall that forgot them."""
        for end in self._ends:
            end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
            # close() alone would wait for the other thread's recv().
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RD)
            end.close()

    def close(self):
        self._server.close()
        for end in self._ends:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        self._thread.join(5)
        for end in self._ends:
            end.close()


def take(file, length):
    octets = file.read(length)
    if len(octets) < length:
        raise EOFError
    return octets
