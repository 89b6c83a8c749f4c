# SPDX-License-Identifier: BSD-2-Clause
"""A relay between send and recv that knows frames, and does harm to them on request.

Each connection that is accepted gets the next Harm of a list; when the list is at
its end, further ones pass unharmed.
"""
import contextlib
import dataclasses
import socket
import threading

import cli
import frames
import peers


@dataclasses.dataclass
class Harm:
    """What happens to one connection; positions count octets from the sender to the receiver."""
    cut: int = None         # end both sides after so many octets
    reset: bool = False     # ... with RST and not in order
    stall: int = None       # pass nothing more on after so many octets, in either direction
    change: object = None   # function of one whole frame (bytes) to the octets that go on
    back: object = None     # the same from the receiver to the sender
    drip: bool = False      # octet by octet
    opaque: bool = False    # what passes are no frames: TLS


class Relay:
    def __init__(self, target, harms=()):
        self.server, self.uri = peers.listen()
        self.target, self.harms = target, list(harms)
        self.connections = 0
        self.begins = []        # the first frame of each connection, from the sender
        self.back = []          # all frames from the receiver, per connection
        self._sockets = []
        self._passing = []
        self._released = threading.Event()  # stalled connections may end
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self):
        self._released.set()
        self.server.close()
        for end in self._sockets:
            peers.shut(end)

    def finish(self):
        """Both ends have ended, and nothing stalls: waits until all that they said has been seen."""
        for thread in self._passing:
            thread.join(cli.SECONDS)

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                source, _ = self.server.accept()
                source.settimeout(None)
                harm = self.harms.pop(0) if self.harms else Harm()
                self.connections += 1
                self._serve(source, harm)

    def _serve(self, source, harm):
        try:
            target = peers.connect(self.target)
        except OSError:
            source.close()
            return
        target.settimeout(None)
        self._sockets += [source, target]
        stalled = threading.Event()
        self.back.append([])
        for way in ((source, target, harm, stalled, harm.change, None),
                    (target, source, Harm(opaque=harm.opaque), stalled, harm.back, self.back[-1])):
            self._passing.append(threading.Thread(target=self._pass, args=way, daemon=True))
            self._passing[-1].start()

    def _pass(self, source, target, harm, stalled, change, seen):
        left = next((n for n in (harm.cut, harm.stall) if n is not None), None)
        reader, opaque = frames.Reader(), harm.opaque
        with contextlib.suppress(OSError):
            while octets := source.recv(left or 1 << 16 if left is None else min(left, 1 << 16)):
                if stalled.is_set():
                    self._released.wait()
                    return
                if left is not None:
                    left -= len(octets)
                whole = [] if opaque else reader.feed(octets)
                if seen is not None:
                    seen += whole
                elif whole and len(self.begins) < self.connections:
                    self.begins.append(whole[0])
                if change:
                    octets = b''.join(reader.plain()) + b''.join(change(frame) for frame in whole)
                self._send(target, octets, harm.drip)
                if left == 0:
                    break
        if left == 0 and harm.stall is not None:
            stalled.set()
            self._released.wait()
        elif left == 0:
            for end in (source, target):
                end_connection(end, harm.reset)
        else:
            peers.shut(target, socket.SHUT_WR)

    @staticmethod
    def _send(target, octets, drip):
        for i in range(0, len(octets), 1 if drip else max(len(octets), 1)):
            target.sendall(octets[i:i + 1] if drip else octets)


def end_connection(end, reset):
    if reset:
        end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b'\1\0\0\0\0\0\0\0')
        # A thread that waits in recv(2) would keep the socket open behind close(2), and nothing would be reset.
        peers.shut(end, socket.SHUT_RD)
        end.close()
    peers.shut(end)
