#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""migrate drives two QEMUs over QMP: what they are told, what a person is told, and who has the guest then.

The QEMUs are only their QMP (qemu.py); the send and recv that they are told to run are real.
"""
import json
import os
import re
import shlex
import signal
import socket
import subprocess
import threading

import cli
import legacy
from cli import DONE, INPUT, RUN
from qemu import End, Qemu, Refusal

STREAM = legacy.stream()
ASKING = {'qmp_capabilities', 'query-status', 'query-migrate', 'query-migrate-capabilities', 'qom-get',
          'query-memory-size-summary', 'query-cpus-fast', 'human-monitor-command'}
RAM = {'transferred': 5000, 'remaining': 4096, 'total': 64 << 20, 'normal': 10, 'duplicate': 20, 'page-size': 4096,
       'dirty-pages-rate': 0, 'dirty-sync-count': 2}


def start(uri, **how):
    """What QEMU does with exec:."""
    assert uri.startswith('exec:'), uri
    return subprocess.Popen(['/bin/sh', '-c', uri[5:]], stderr=subprocess.PIPE, **how)


class Source(Qemu):
    """Feeds send, and says that it is done when that is."""

    def __init__(self, path, status='running', stream=STREAM, **answers):
        self.stream = stream
        super().__init__(path, status, {'migrate': self.migrate, 'migrate_cancel': self.cancel, **answers})

    def migrate(self, arguments):
        self.migration = {'status': 'active', 'ram': RAM}
        self.sender = start(arguments['uri'], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
        threading.Thread(target=self.feed, daemon=True).start()
        return {}

    def feed(self):
        try:
            self.sender.communicate(self.stream, timeout=cli.SECONDS)
        except (BrokenPipeError, ValueError):
            self.sender.wait()
        self.finish(self.sender.returncode == 0)

    def finish(self, moved):
        if moved:
            self.state = {'status': 'postmigrate'}
        self.migration = {'status': 'completed' if moved else 'failed', 'total-time': 1234, 'downtime': 56, 'ram': RAM}

    def cancel(self, _):
        self.sender.kill()
        self.sender.wait()
        self.migration = {'status': 'cancelled'}
        return {}


class HangingSource(Source):
    """Never gets done by itself."""

    def feed(self):
        self.sender.stdin.write(self.stream[:-9000])
        self.sender.stdin.flush()


class Destination(Qemu):
    """Reads what recv writes; runs the guest if it is all, else ends."""

    def __init__(self, path, status='inmigrate', loaded='running', **answers):
        self.loaded = loaded
        self.receiving = threading.Event()
        super().__init__(path, status, {'migrate-incoming': self.incoming, 'cont': self.cont, **answers})

    def incoming(self, arguments):
        self.receiver = start(arguments['uri'], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
        threading.Thread(target=self.load, daemon=True).start()
        return {}

    def load(self):
        octets = os.read(self.receiver.stdout.fileno(), 1)
        self.receiving.set()
        if octets + self.receiver.communicate()[0] == STREAM:
            self.state, self.migration = {'status': self.loaded}, {'status': 'completed'}
        else:
            self.hang_up()

    def cont(self, _):
        self.state = {'status': 'running'}
        return {}

    def _quit(self, _):
        if hasattr(self, 'receiver'):
            self.receiver.kill()
        raise End


class Migrate(cli.CliTest):
    def begin(self, source, destination, *options, **how):
        self.source, self.destination = source, destination
        self.addCleanup(source.close)
        self.addCleanup(destination.close)
        return self.start('migrate', f'--from={source.uri}', f'--to={destination.uri}', *options, **how)

    def end(self, process, status):
        out, err = process.communicate(timeout=cli.SECONDS)
        self.assertEqual(process.returncode, status, err)
        self.assertNotIn(b'Sanitizer', err)
        self.assert_no_folder()
        return out.decode(), err.decode()

    def run_it(self, source=None, destination=None, *options, status=DONE):
        return self.end(self.begin(source or Source(self.path('s')), destination or Destination(self.path('d')),
                                   *options), status)

    def assert_no_folder(self):
        """The folder of the sockets goes with the program."""
        for qemu, command in ((self.source, 'migrate'), (self.destination, 'migrate-incoming')):
            if command in qemu.commands():
                found = re.search('/tmp/bermig-[A-Za-z0-9]{6}(?=/)', qemu.arguments(command)['uri'])
                self.assertFalse(found and os.path.exists(found[0]), found)

    def assert_not_touched(self):
        for qemu in (self.source, self.destination):
            self.assertLessEqual(set(qemu.commands()), ASKING)

    # ---- success

    def test_moved(self):
        out, err = self.run_it()
        self.assertEqual(err, '')
        self.assertRegex(out, r'\AThe guest is at the destination, running\.\n  time: +1\.23 s, 2 iterations\n'
                              r'  downtime: +56 ms\n  wire: +\d+ octets for %d octets' % len(STREAM))
        self.assertIn('format:      BER\n', out)
        self.assertIn("in state postmigrate: end it with 'quit'", out)
        for qemu, command in ((self.source, 'migrate'), (self.destination, 'migrate-incoming')):
            on = {entry['capability'] for entry in qemu.arguments('migrate-set-capabilities')['capabilities']
                  if entry['state']}
            self.assertEqual(on, {'return-path', 'events'})
            self.assertLess(qemu.commands().index('migrate-set-capabilities'), qemu.commands().index(command))
        self.assertNotIn('quit', self.source.commands() + self.destination.commands())

    def test_figures_that_come_late(self):
        """QEMU says `completed` first, and a moment later how long it took."""
        figures = dict.fromkeys(('total-time', 'downtime'), 0)
        source = Source(self.path('s'))

        def query(_):
            answer = source.migration
            if answer.get('status') == 'completed':
                source.answers['query-migrate'] = lambda _: answer
                return {**answer, **figures}
            return answer
        source.answers['query-migrate'] = query
        out, _ = self.run_it(source)
        self.assertRegex(out, r'time: +1\.23 s, 2 iterations\n  downtime: +56 ms\n')

    def test_options(self):
        self.run_it(None, None, '--max-bandwidth=1000000', '--downtime-limit=40', '--capability=auto-converge',
                    '--compress=none', '--format=ber', '--quit-source', '--send-option=--connect-timeout=7',
                    '--recv-option=--timeout=9')
        self.assertEqual(self.source.arguments('migrate-set-parameters'),
                         {'max-bandwidth': 1000000, 'downtime-limit': 40})
        for qemu in (self.source, self.destination):
            self.assertIn({'capability': 'auto-converge', 'state': True},
                          qemu.arguments('migrate-set-capabilities')['capabilities'])
        sender = shlex.split(self.source.arguments('migrate')['uri'])
        receiver = shlex.split(self.destination.arguments('migrate-incoming')['uri'])
        self.assertLessEqual({'--compress=none', '--format=ber', '--connect-timeout=7'}, set(sender))
        self.assertLessEqual({'--format=ber', '--timeout=9'}, set(receiver))
        self.assertEqual(self.source.commands()[-1], 'quit')

    def test_words_are_only_words(self):
        """Nothing in a path is for the shell that QEMU uses."""
        folder = self.path('it\'s "a" $(touch x) `touch y`; touch z & \\ é')
        os.mkdir(folder)
        for name in ('here', 'there'):
            os.symlink(cli.BERMIG, os.path.join(folder, name))
        out, _ = self.run_it(None, None, f'--bermig={folder}/here', f'--remote-bermig={folder}/there')
        self.assertIn('format:      BER', out)
        self.assertEqual(shlex.split(self.source.arguments('migrate')['uri'][5:])[1], f'{folder}/here')

    def test_events_between_the_answers(self):
        def noisy(answer):
            def reply(arguments):
                self.source.event('MIGRATION', status='active')
                self.source.event('STOP')
                return answer(arguments) if callable(answer) else answer
            return reply
        source = Source(self.path('s'))
        source.answers = {command: noisy(answer) for command, answer in source.answers.items()}
        self.run_it(source)

    def test_destination_that_waits_for_cont(self):
        """Started with -S: it gets its guest going when the source says that it is done."""
        out, _ = self.run_it(None, Destination(self.path('d'), loaded='paused'))
        self.assertIn('at the destination, running.', out)
        self.assertIn('cont', self.destination.commands())

    def test_paused_guest_stays_paused(self):
        out, _ = self.run_it(Source(self.path('s'), 'paused'), Destination(self.path('d'), loaded='paused'))
        self.assertIn('at the destination, paused.', out)
        self.assertNotIn('cont', self.destination.commands())

    def test_through_tcp(self):
        with socket.socket() as held:
            # Bound, so that nobody else gets the port, but not listening, so that recv does.
            held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            held.bind(('127.0.0.1', 0))
            uri = f'tcp:127.0.0.1:{held.getsockname()[1]}'
            self.run_it(None, None, f'--via={uri}')
        self.assertEqual(shlex.split(self.source.arguments('migrate')['uri'])[-1], uri)

    def test_destination_that_cannot_tell(self):
        """Its recv runs where the status does not get through; the guest does."""
        destination = Destination(self.path('d'))
        incoming = destination.answers['migrate-incoming']
        destination.answers['migrate-incoming'] = lambda arguments: incoming(
            {'uri': arguments['uri'].replace('/status', '/elsewhere')})
        out, _ = self.run_it(None, destination)
        self.assertIn('format:      BER', out)

    def test_json(self):
        out, err = self.run_it(None, None, '--progress=json')
        self.assertEqual(out, '')
        events = [json.loads(line) for line in err.splitlines()]
        names = [event['event'] for event in events]
        self.assertEqual([name for name in names if name != 'progress'], ['start', 'done', 'end'])
        done = events[names.index('done')]
        self.assertEqual((done['guest'], done['total-ms'], done['downtime-ms'], done['qemu'], done['format']),
                         ('running', 1234, 56, len(STREAM), 'ber'))
        self.assertTrue(all(event['from'] == 'migrate' for event in events))

    def test_fallback_has_a_reason(self):
        out, _ = self.run_it(None, None, '--format=qemu')
        self.assertRegex(out, r"format: +QEMU's own, not BER: the peer is .*not asked")

    # ---- before anything is touched

    def finds(self, text, source=None, destination=None, *options):
        _, err = self.run_it(source, destination, *options, status=INPUT)
        self.assertRegex(err, text)
        self.assert_not_touched()
        return err

    def test_states(self):
        for number, (status, text) in enumerate([
                ('postmigrate', 'source is in state postmigrate'), ('inmigrate', 'source is in state inmigrate')]):
            self.finds(text, Source(self.path(f's{number}'), status), Destination(self.path(f'd{number}')))
        self.finds('destination is in state running: start it with -incoming defer',
                   None, Destination(self.path('d'), 'running'))

    def test_migrations(self):
        self.finds('migrating already: active', Source(self.path('s'), **{'query-migrate': {'status': 'active'}}))

    def test_blocked(self):
        self.finds('cannot be moved: a 9p export',
                   Source(self.path('s'), **{'query-migrate': {'blocked-reasons': ['a 9p export']}}))

    def test_destination_is_taken(self):
        self.finds('takes a guest already', None,
                   Destination(self.path('d'), **{'query-migrate': {'status': 'active'}}))

    def test_machines(self):
        self.finds('a pc-i440fx-7.2, the destination a pc-q35-7.2: start it with -machine pc-i440fx-7.2',
                   None, Destination(self.path('d'), **{'qom-get': 'pc-q35-7.2-machine'}))

    def test_sizes(self):
        err = self.finds('base-memory differs: the source has 64 MiB, the destination 128 MiB', None, Destination(
            self.path('d'), **{'query-memory-size-summary': {'base-memory': 128 << 20, 'plugged-memory': 0},
                               'query-cpus-fast': [{}, {}]}))
        self.assertIn('number of processors differs: 1 at the source, 2', err)

    def test_blocks(self):
        rows = Source(self.path('x')).answers['human-monitor-command']
        wider = rows + '   0000:00:02.0/vga.vram    4 KiB  0x0 0x0000000001000000 0x0000000001000000\r\n'
        self.finds('named 0000:00:02.0/vga.vram with 16777216 octets, the destination has none',
                   Source(self.path('s'), **{'human-monitor-command': wider}))

    def test_block_that_may_grow(self):
        rows = Source(self.path('x')).answers['human-monitor-command']
        larger = rows.replace('0x0000000000020000', '0x0000000000030000')
        self.assertNotEqual(rows, larger)
        self.run_it(Source(self.path('s'), **{'human-monitor-command': larger}))

    def test_capability_that_is_on(self):
        self.finds('capability multifd is on at the source: it needs several connections', Source(
            self.path('s'), **{'query-migrate-capabilities': [{'capability': 'multifd', 'state': True}]}))

    def test_no_such_program(self):
        self.finds('/no/bermig, which the destination is to run, is no program', None, None,
                   '--remote-bermig=/no/bermig')

    def test_old_qemu_that_knows_less(self):
        def unknown(_):
            raise Refusal('The command has not been found')
        self.run_it(Source(self.path('s'), **{'qom-get': unknown, 'query-cpus-fast': unknown,
                                              'query-memory-size-summary': unknown}))

    # ---- failures on the way

    def fails(self, text, source=None, destination=None, *options):
        _, err = self.run_it(source, destination, *options, status=INPUT)
        self.assertRegex(err, text)
        self.assertEqual(err.splitlines()[-1].split(': ')[:2][0], 'bermig migrate')
        return err

    def test_source_refuses(self):
        def refuse(_):
            raise Refusal('Migration is disabled: a \x1b[31mreason')
        err = self.fails(r'refuses migrate: Migration is disabled: a \\x1b\[31mreason; the guest is at the source, '
                         r'running; the destination has ended\n', Source(self.path('s'), migrate=refuse))
        self.assertEqual(len(err.splitlines()), 1)
        self.assertIn('quit', self.destination.commands())
        self.assertEqual({entry['capability'] for name, arguments in self.source.told
                          if name == 'migrate-set-capabilities' for entry in arguments['capabilities']
                          if not entry['state']}, {'return-path', 'events'})

    def test_destination_refuses(self):
        def refuse(_):
            raise Refusal('no')
        self.fails('destination refuses migrate-incoming: no; .* the destination waits on',
                   None, Destination(self.path('d'), **{'migrate-incoming': refuse}))
        self.assertNotIn('quit', self.destination.commands() + self.source.commands())
        self.assertNotIn('migrate', self.source.commands())

    def test_capability_refused(self):
        def refuse(_):
            raise Refusal("Invalid parameter 'nonsense'")
        self.fails("refuses migrate-set-capabilities: Invalid parameter 'nonsense'",
                   Source(self.path('s'), **{'migrate-set-capabilities': refuse}), None, '--capability=nonsense')
        self.assertNotIn('migrate-incoming', self.destination.commands())

    def test_recv_cannot_listen(self):
        self.fails(r'not moved: bermig recv: unix:/no/such/folder/x: .*No such file.*the guest is at the source, running',
                   None, None, '--via=unix:/no/such/folder/x')
        self.assertNotIn('migrate', self.source.commands())

    def test_stream_that_breaks(self):
        err = self.fails('not moved: bermig (send|recv): .*; the guest is at the source, running; the destination has '
                         'ended', Source(self.path('s'), stream=STREAM[:-9000]))
        self.assertIn('<stdin>:', err)

    def test_signals(self):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            source, destination = HangingSource(self.path(f's{number}')), Destination(self.path(f'd{number}'))
            process = self.begin(source, destination)
            self.assertTrue(destination.receiving.wait(cli.SECONDS))
            process.send_signal(number)
            _, err = self.end(process, INPUT)
            self.assertEqual(err, 'bermig migrate: not moved: cancelled by a signal; the guest is at the source, '
                                  'running; the destination has ended\n')
            self.assertIn('migrate_cancel', source.commands())

    def test_source_goes_away(self):
        """The guest is where all of it is."""
        def go(arguments):
            Source.migrate(source, arguments)
            source.sender.wait()
            raise End
        source = Source(self.path('s'))
        source.answers['migrate'] = go
        self.fails('QMP of the source: .*the guest is at the destination, running', source)

    def test_destination_goes_away(self):
        def go(_):
            raise End
        self.fails('not moved: QMP of the destination: QEMU closed the connection; the guest is at the source',
                   None, Destination(self.path('d'), **{'migrate-incoming': go}))

    def test_destination_dies_while_the_source_hangs(self):
        source, destination = HangingSource(self.path('s')), Destination(self.path('d'))
        migrate = source.answers['migrate']
        source.answers['migrate'] = lambda arguments: (migrate(arguments), destination.hang_up(),
                                                       destination.receiver.kill(), {})[-1]
        self.fails('not moved: .*; the guest is at the source, running; the destination has ended',
                   source, destination)
        self.assertIn('migrate_cancel', source.commands())

    def test_destination_that_runs_beside_the_source(self):
        """The source says failed, but the destination has begun: one has to go."""
        class Late(Source):
            def finish(self, moved):
                self.migration = {'status': 'failed', 'error-desc': 'too late'}
        source = Late(self.path('s'))
        self.fails('not moved: too late; the guest is at the source, running; the destination has ended', source)
        self.assertIn('quit', self.destination.commands())

    # ---- wrong usage

    def test_usage(self):
        for options in ([], ['--from=unix:a'], ['--from=unix:a', '--to=b'], ['--from=unix:a', '--to=tcp:h:1'],
                        ['--from=unix:a', '--to=unix:b', '--via=x'], ['--from=unix:a', '--to=unix:b', '--listen=tcp::1'],
                        ['--from=unix:a', '--to=unix:b', '--format=xml'],
                        ['--from=unix:a', '--to=unix:b', '--compress=20'],
                        ['--from=unix:a', '--to=unix:b', '--max-bandwidth=-1'],
                        ['--from=unix:a', '--to=unix:b', '--capability=postcopy-ram'],
                        ['--from=unix:a', '--to=unix:b', '--capability=multifd'],
                        ['--from=unix:a', '--to=unix:b', b'--bermig=/\xff'], ['--from=unix:a', '--to=unix:b', 'more']):
            self.assertIn(b"'bermig migrate --help'", self.bermig('migrate', *options, status=RUN).stderr)


cli.main()
