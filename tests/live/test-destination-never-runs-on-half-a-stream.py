#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""A destination runs its guest only when all of the stream came, and came unharmed.

Here the source QEMU is killed half-way; then a whole stream that was recorded
is cut, or one bit of it flipped, on its way to recv.
"""
import contextlib
import os
import socket
import tempfile
import threading

import live
from broken import begun_move, expect_never_ran
from move import Move, expect_clean, free_uri, start_destination, wait_for_listener


def test(folder):
    source_dies(folder)
    guest = live.tiny_guest(mib=4, pages_per_tick=128)
    stream = recorded_stream(folder, guest)
    for harm, octets in harmed(stream):
        print(harm, flush=True)
        with destination_fed_with(octets, folder, guest) as destination:
            expect_never_ran(destination)
            expect_clean(destination)
    # Without this, all of the above might have failed for a reason of its own.
    print('whole', flush=True)
    with destination_fed_with(stream, folder, guest) as destination:
        guest.wait_for_more(destination, 20)


def source_dies(folder):
    with begun_move(folder) as move:
        move.source.kill()
        expect_never_ran(move.destination)
        expect_clean(move.source, move.destination)


def recorded_stream(folder, guest):
    path = os.path.join(folder, 'record.ber')
    with Move(folder, guest, live.bermig(), record=path) as move:
        guest.wait_for(move.source, 20, rounds=1)
        move.begin()
        move.finish(move.watch(), rounds=0)
    with open(path, 'rb') as file:
        return file.read()


def harmed(stream):
    yield 'cut in the middle', stream[:len(stream) // 2]
    # Here QEMU has long had its last device, and only the trailer tells the difference.
    yield 'cut by its last octet', stream[:-1]
    yield 'cut by 30 octets', stream[:-30]
    for place in (len(stream) // 2, len(stream) - 3000):
        yield f'bit flipped at {place}', flip_bit(stream, place)


def flip_bit(octets, place):
    return octets[:place] + bytes([octets[place] ^ 1]) + octets[place + 1:]


@contextlib.contextmanager
def destination_fed_with(stream, folder, guest):
    """A destination QEMU and its recv, to which the octets of `stream` were sent."""
    with tempfile.TemporaryDirectory(dir=folder) as own:
        uri = free_uri(own)
        with start_destination(own, guest, live.bermig(), uri) as destination:
            wait_for_listener(destination, uri)
            feed(uri, stream)
            yield destination


def feed(uri, stream):
    with socket.create_connection(uri.split(':')[1:]) as connection:
        drain = threading.Thread(target=read_all, args=(connection,))
        drain.start()
        try:
            connection.sendall(stream)
            connection.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # recv has seen enough
        drain.join()


def read_all(connection):
    try:
        while connection.recv(4096):
            pass
    except OSError:
        pass


if __name__ == '__main__':
    live.run(test)
