#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""TLS: both sides are checked before anything of a guest leaves either, and who only listens on the
way learns nothing of it."""
import contextlib
import os
import shutil
import socket
import ssl
import subprocess
import tempfile
import threading
import warnings

import cli
import legacy
import peers
import tls
from cli import DONE, INPUT, RUN

PAST = ('20200101000000Z', '20200201000000Z')
FUTURE = ('20980101000000Z', '20991231235959Z')
# A client of TLS 1.3 learns that its certificate was refused only from the end of the connection.
GONE = 'ended the connection|reset by peer|Broken pipe|ertificate'
SECRET = b'a page of the guest that nobody else may read. '


def secret_stream():
    content = (SECRET * 100)[:legacy.PAGE]
    return legacy.beginning() + legacy.ram_pages(range(16), lambda _: content) + legacy.ending()


class TlsTest(peers.PeerTest):
    @classmethod
    def setUpClass(cls):
        # Keys take time: made once for all tests.
        cls.scratch = cls.enterClassContext(tempfile.TemporaryDirectory(prefix='bermig-', dir='/tmp'))
        cls.authority = tls.Authority(os.path.join(cls.scratch, 'authority'))
        cls.good = cls.authority.folder_for(os.path.join(cls.scratch, 'good'), 'client', 'server')

    def credentials(self, *sides, authority=None, **how):
        folder = os.path.join(self.folder, 'credentials%d' % len(os.listdir(self.folder)))
        return (authority or self.authority).folder_for(folder, *sides, **how)

    def listen(self, folder=None, *options):
        return self.recv('tcp:127.0.0.1:0', '--tls-creds=' + (folder or self.good), *options)

    def move(self, receiver, sender, stream=None):
        """The stream gets through, whole."""
        stream = stream or legacy.stream()
        peers.feed(sender, stream)
        self.ends(sender, DONE)
        out, err = peers.communicate(receiver)
        self.assertEqual((receiver.returncode, out), (DONE, stream), err)

    def fails(self, sender, message, status=INPUT):
        peers.feed(sender, secret_stream())
        return self.ends(sender, status, message)

    def turned_away(self, receiver, message):
        """recv says so, has written nothing, and goes on listening."""
        self.assertRegex(receiver.stderr.readline().decode(), 'turned away: .*' + message)
        self.assertIsNone(receiver.poll())
        receiver.kill()
        self.assertEqual(peers.communicate(receiver)[0], b'')


class Works(TlsTest):
    def test_with_certificates_of_one_ca(self):
        for uri, options in (('tcp:127.0.0.1:0', ()), ('tcp:localhost:0', ()), ('tcp::0', ()),
                             (None, ('--tls-hostname=localhost',))):
            with self.subTest(uri):
                receiver, address = self.recv(uri, '--tls-creds=' + self.good)
                if uri:
                    host = uri.split(':')[1]
                    address = 'tcp:%s:%s' % (host, address.rsplit(':', 1)[1])
                self.move(receiver, self.send(address, '--tls-creds=' + self.good, *options))

    def test_an_address_of_ipv6(self):
        try:
            socket.create_server(('::1', 0), family=socket.AF_INET6).close()
        except OSError as error:
            self.skipTest(f'no IPv6 here: {error}')
        receiver, uri = self.recv('tcp:[::1]:0', '--tls-creds=' + self.credentials('server', names='IP:::1'))
        self.move(receiver, self.send(uri, '--tls-creds=' + self.good))

    def test_keys_that_change_on_the_way(self):
        """openssl takes a line of its own for a command: K changes the keys of both sides."""
        ber = self.convert(legacy.stream())
        receiver, uri = self.listen()
        client = subprocess.Popen(
            ['openssl', 's_client', '-tls1_3', '-connect', uri[4:], '-CAfile', self.good + '/ca-cert.pem',
             '-cert', self.good + '/client-cert.pem', '-key', self.good + '/client-key.pem'],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.addCleanup(cli.end, client)
        said = b''
        for text, octets in ((b'Verify return code: 0', b'K\n'), (b'KEYUPDATE', ber[:100])):
            while text not in said:
                piece = os.read(client.stdout.fileno(), 1 << 16)
                self.assertTrue(piece, said)
                said += piece
            client.stdin.write(octets)
            client.stdin.flush()
        self.assertEqual(peers.read_exactly(receiver.stdout, 8), legacy.HEADER)
        for octets in (b'K\n', ber[100:]):
            said = b''
            client.stdin.write(octets)
            client.stdin.flush()
            while octets == b'K\n' and b'KEYUPDATE' not in said:
                said += os.read(client.stdout.fileno(), 1 << 16)
        out, err = peers.communicate(receiver)
        self.assertEqual((receiver.returncode, legacy.HEADER + out), (DONE, legacy.stream()), err)

    def test_both_ways_and_with_much_to_carry(self):
        """More than all buffers hold; the answers of QEMU come back."""
        stream = legacy.busy_stream(40, lambda turn, number: os.urandom(legacy.PAGE))
        stream = legacy.head() + legacy.command(1) + stream[len(legacy.head()):]
        receiver, uri = self.recv('tcp:127.0.0.1:0', '--tls-creds=' + self.good, stdin=subprocess.PIPE)
        sender = self.send(uri, '--tls-creds=' + self.good)
        peers.feed(sender, stream)
        receiver.stdin.write(legacy.PONG * 1000 + legacy.SHUT_OK)
        receiver.stdin.flush()
        out, err = peers.communicate(receiver)
        self.assertEqual((receiver.returncode, out), (DONE, stream), err)
        self.assertEqual(self.ends(sender, DONE)[0], legacy.PONG * 1000 + legacy.SHUT_OK)

    def test_the_folder_of_a_side_needs_no_more_than_its_own_files(self):
        receiver, uri = self.listen(self.credentials('server'))
        self.move(receiver, self.send(uri, '--tls-creds=' + self.credentials('client')))

    def test_a_name_for_the_server(self):
        receiver, uri = self.listen(self.credentials('server', names='DNS:destination.example'))
        self.move(receiver, self.send(uri, '--tls-creds=' + self.good, '--tls-hostname=destination.example'))

    def test_qemu_that_sends_its_own_format_is_passed_on(self):
        """A source that closes without a close_notify, as QEMU before 10.0 does."""
        receiver, uri = self.listen()
        context = client_context(self.good)
        with peers.connect(uri) as plain, context.wrap_socket(plain, server_hostname='localhost') as peer:
            peer.sendall(legacy.stream())
            peer.shutdown(socket.SHUT_WR)
            out, err = peers.communicate(receiver)
        self.assertEqual((receiver.returncode, out), (DONE, legacy.stream()), err)


class ServerIsChecked(TlsTest):
    """The sender says what is wrong, and has sent nothing."""

    def refuses(self, folder, message, *options):
        receiver, uri = self.listen(folder)
        self.fails(self.send(uri, '--tls-creds=' + self.good, *options), "the peer's certificate: .*" + message)
        self.turned_away(receiver, 'refused the certificate of this side|without a word')

    def test_another_ca(self):
        other = tls.Authority(os.path.join(self.folder, 'other'))
        self.refuses(self.credentials('server', authority=other), 'no CA of ca-cert.pem has signed it')

    def test_expired(self):
        self.refuses(self.credentials('server', dates=PAST), 'it has expired')

    def test_not_valid_yet(self):
        self.refuses(self.credentials('server', dates=FUTURE), 'it is not valid yet')

    def test_another_host(self):
        self.refuses(self.credentials('server', names='DNS:elsewhere.example'),
                     r"it is for another host than '127\.0\.0\.1'")

    def test_another_name(self):
        self.refuses(self.good, "it is for another host than 'elsewhere.example'",
                     '--tls-hostname=elsewhere.example')

    def test_a_certificate_for_clients(self):
        self.refuses(self.credentials('server', purpose='clientAuth'), 'it is not for a server')


class ClientIsChecked(TlsTest):
    """Nothing comes out of recv, which says what is wrong and goes on listening."""

    def refuses(self, folder, message):
        receiver, uri = self.listen()
        self.fails(self.send(uri, '--tls-creds=' + folder), GONE)
        self.turned_away(receiver, message)

    def test_another_ca(self):
        other = tls.Authority(os.path.join(self.folder, 'other'))
        folder = self.credentials('client', authority=other)
        shutil.copy(self.authority.certificate, folder)
        self.refuses(folder, "the peer's certificate: no CA of ca-cert.pem has signed it")

    def test_expired(self):
        self.refuses(self.credentials('client', dates=PAST), "the peer's certificate: it has expired")

    def test_none(self):
        self.refuses(self.credentials(), 'the peer has no certificate')

    def test_a_certificate_for_servers(self):
        self.refuses(self.credentials('client', purpose='serverAuth'), 'it is not for a client')


class Revoked(TlsTest):
    def setUp(self):
        super().setUp()
        self.other = tls.Authority(os.path.join(self.folder, 'other'))
        self.bad = self.credentials('client', 'server', authority=self.other)
        self.rest = self.credentials('client', 'server', authority=self.other)

    def test_certificates_that_are_in_the_list_are_refused(self):
        for side in ('client', 'server'):
            self.other.revoke(os.path.join(self.bad, side + '-cert.pem'), self.rest)
        receiver, uri = self.listen(self.bad)
        self.fails(self.send(uri, '--tls-creds=' + self.rest), "the peer's certificate: it was revoked")
        receiver.kill()
        receiver, uri = self.listen(self.rest)
        self.fails(self.send(uri, '--tls-creds=' + self.bad), GONE)
        self.turned_away(receiver, "the peer's certificate: it was revoked")

    def test_others_are_not(self):
        self.other.revoke(os.path.join(self.bad, 'client-cert.pem'), self.rest)
        receiver, uri = self.listen(self.rest)
        self.move(receiver, self.send(uri, '--tls-creds=' + self.rest))

    def test_a_list_of_another_ca_is_refused(self):
        self.other.revoke(os.path.join(self.bad, 'client-cert.pem'), self.rest)
        folder = self.credentials('server')
        shutil.copy(os.path.join(self.rest, 'ca-crl.pem'), folder)
        done = self.bermig('recv', '--tls-creds=' + folder, 'tcp:127.0.0.1:0', status=RUN)
        self.assertIn(folder + '/ca-crl.pem: no CA of ca-cert.pem has signed it', done.stderr.decode())


class OneSideOnly(TlsTest):
    def test_plain_sender(self):
        receiver, uri = self.listen()
        self.fails(self.send(uri), 'TLS that it expects|expects TLS|reset by peer')
        self.turned_away(receiver, 'the handshake of TLS: ')

    def test_plain_receiver(self):
        receiver, uri = self.recv('tcp:127.0.0.1:0')
        self.fails(self.send(uri, '--tls-creds=' + self.good), 'the peer speaks no TLS')
        self.turned_away(receiver, 'the peer speaks TLS, and there is no --tls-creds')

    def test_old_tls(self):
        receiver, uri = self.listen()
        context = client_context(self.good)
        context.set_ciphers('ALL:@SECLEVEL=0')
        with warnings.catch_warnings(action='ignore'):
            context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
        with peers.connect(uri) as plain, contextlib.suppress(OSError):
            context.wrap_socket(plain, server_hostname='localhost').close()
        self.turned_away(receiver, 'older than 1.2|the handshake of TLS: ')

    def test_garbage_after_the_handshake(self):
        receiver, uri = self.listen()
        with peers.connect(uri) as plain, \
                client_context(self.good).wrap_socket(plain, server_hostname='localhost') as peer:
            peer.sendall(b'GET / HTTP/1.0\r\n\r\n')
            self.turned_away(receiver, 'not a QEMU migration stream')

    def test_garbage_between_records(self):
        """Somebody on the way writes octets of his own."""
        receiver, uri = self.listen()
        with peers.connect(uri) as plain:
            peer = client_context(self.good).wrap_socket(plain, server_hostname='localhost')
            with peer:
                peer.sendall(legacy.beginning())
                self.assertEqual(peers.read_exactly(receiver.stdout, len(legacy.beginning())), legacy.beginning())
                os.write(peer.fileno(), b'\x17\x03\x03\0\x20' + bytes(32))
                self.assertEqual(self.ends(receiver, INPUT, r'\Atcp:')[0], b'')


class Strangers(TlsTest):
    def open_things(self, process):
        return [len(os.listdir(f'/proc/{process.pid}/{what}')) for what in ('fd', 'task')]

    def test_nothing_is_left_of_them(self):
        """Neither descriptors nor threads, except of the last; GIO keeps a few idle threads for a while."""
        receiver, uri = self.listen()
        before = self.open_things(receiver)
        context = client_context(self.good)
        for number in range(30):
            with peers.connect(uri) as plain:
                if number % 3 == 0:
                    plain.sendall(b'GET / HTTP/1.0\r\n\r\n')
                elif number % 3 == 1:
                    plain.sendall(b'\x16\x03\x01\x10\x00')
                else:
                    with context.wrap_socket(plain, server_hostname='localhost') as peer:
                        peer.sendall(legacy.head())
                        peer.unwrap()
            self.assertIn('turned away', receiver.stderr.readline().decode())
        for old, new in zip(before, self.open_things(receiver)):
            self.assertLess(new, old + 15)
        self.move(receiver, self.send(uri, '--tls-creds=' + self.good))

    def test_one_who_stops_in_the_handshake_does_not_keep_the_sender_waiting(self):
        receiver, uri = self.listen()
        with peers.connect(uri) as first, peers.connect(uri) as second:
            second.sendall(b'\x16\x03\x01\x10\x00')
            self.move(receiver, self.send(uri, '--tls-creds=' + self.good))
            self.assertEqual(peers.read_all(first) + peers.read_all(second), b'')


class OnTheWay(TlsTest):
    def capture(self, *options):
        """What goes over the wire, both ways, while a stream full of a secret is moved."""
        receiver, uri = self.recv('tcp:127.0.0.1:0', *options)
        proxy = Capture(uri)
        self.move(receiver, self.send(proxy.uri, '--compress=none', *options), secret_stream())
        proxy.join()
        return proxy.forward, proxy.back

    def test_the_pages_are_seen_without_tls(self):
        """The control of the next test."""
        forward, back = self.capture()
        self.assertIn(SECRET, forward)
        self.assertIn(b'pc-small', forward)
        self.assertIn(b'bermig', back)

    def test_nothing_is_seen_with_tls(self):
        for octets in self.capture('--tls-creds=' + self.good):
            self.assertGreater(len(octets), 500)
            for text in (SECRET, SECRET[:16], b'pc-small', b'pc.ram', b'QEVM', b'bermig', b'Ber1'):
                self.assertNotIn(text, octets)


class Cutter:
    """Stands between send and recv; each connection is cut after so many octets of the sender."""

    def __init__(self, target, limits):
        self.server, self.uri = peers.listen()
        self.target, self.limits = target, limits
        self.connections = 0
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        with contextlib.suppress(OSError):
            while True:
                source, _ = self.server.accept()
                limit = self.limits.pop(0) if self.limits else None
                self.connections += 1
                with source, peers.connect(self.target) as target:
                    back = threading.Thread(target=self._pass, args=(target, source, None), daemon=True)
                    back.start()
                    self._pass(source, target, limit)
                    if limit is not None:
                        peers.shut(source)
                        peers.shut(target)
                    back.join()

    @staticmethod
    def _pass(source, target, left):
        with contextlib.suppress(OSError):
            while left is None or left > 0:
                octets = source.recv(min(left or 1 << 16, 1 << 16))
                if not octets:
                    break
                target.sendall(octets)
                left = left and left - len(octets)
        peers.shut(target, socket.SHUT_WR)


class Resumes(TlsTest):
    def test_a_session_goes_on_over_another_connection_of_the_same_peer(self):
        receiver, uri = self.listen()
        cutter = Cutter(uri, [100000, 50000, 3000])
        self.addCleanup(cutter.server.close)
        stream = legacy.busy_stream(20, lambda turn, number: os.urandom(legacy.PAGE))
        sender = self.send(cutter.uri, '--tls-creds=' + self.good)
        peers.feed(sender, stream)
        out, err = peers.communicate(receiver)
        _, sent = peers.communicate(sender)
        self.assertEqual((receiver.returncode, sender.returncode), (DONE, DONE), err + sent)
        self.assertEqual(out, stream)
        self.assertGreaterEqual(cutter.connections, 3)


class Capture(peers.Proxy):
    """Keeps what it passes on."""

    def __init__(self, target):
        super().__init__(target)
        self.forward = b''
        plain = self.target

        class Target:
            def __getattr__(_, name):
                return getattr(plain, name)

            def sendall(_, octets):
                self.forward += octets
                plain.sendall(octets)

        self.target = Target()


class Usage(TlsTest):
    def test_files_that_are_missing_or_broken_are_named(self):
        for side, command in (('server', 'recv'), ('client', 'send')):
            for name in ('ca-cert.pem', side + '-cert.pem', side + '-key.pem'):
                with self.subTest(name):
                    folder = self.credentials('client', 'server')
                    os.remove(os.path.join(folder, name))
                    done = self.bermig(command, '--tls-creds=' + folder, 'tcp:127.0.0.1:1', status=RUN)
                    self.assertIn('%s/%s: No such file or directory' % (folder, name), done.stderr.decode())
                    with open(os.path.join(folder, name), 'w', encoding='ascii') as file:
                        file.write('no certificate\n')
                    done = self.bermig(command, '--tls-creds=' + folder, 'tcp:127.0.0.1:1', status=RUN)
                    self.assertIn('%s/' % folder, done.stderr.decode())
                    self.assertIn(name, done.stderr.decode())

    def test_no_tls_in_gio(self):
        environment = dict(os.environ, GIO_USE_TLS='dummy')
        for command in ('send', 'recv'):
            done = self.bermig(command, '--tls-creds=' + self.good, 'tcp:127.0.0.1:1', status=RUN, env=environment)
            self.assertIn('glib-networking is not installed', done.stderr.decode())

    def test_a_host_has_to_be_known(self):
        done = self.bermig('send', '--tls-creds=' + self.good, 'unix:/nowhere', status=RUN)
        self.assertIn('--tls-hostname', done.stderr.decode())
        done = self.bermig('send', '--tls-hostname=x', 'tcp:127.0.0.1:1', status=RUN)
        self.assertIn('--tls-creds', done.stderr.decode())

    def test_a_key_of_another_certificate(self):
        folder = self.credentials('server')
        shutil.copy(os.path.join(self.good, 'server-key.pem'), folder)
        receiver = self.start('recv', '--tls-creds=' + folder, 'tcp:127.0.0.1:0')
        self.addCleanup(cli.end, receiver)
        line = receiver.stderr.readline().decode()
        if 'listening' in line:  # GnuTLS finds out when the first client comes
            sender = self.send(line.split()[-1], '--tls-creds=' + self.good)
            self.fails(sender, '')
            self.assertEqual(peers.read_exactly(receiver.stdout, 0), b'')
        else:
            self.assertIn('server-cert.pem', line)


def client_context(folder):
    """A client of Python's own TLS."""
    context = ssl.create_default_context(cafile=os.path.join(folder, 'ca-cert.pem'))
    context.load_cert_chain(os.path.join(folder, 'client-cert.pem'), os.path.join(folder, 'client-key.pem'))
    return context


cli.main()
