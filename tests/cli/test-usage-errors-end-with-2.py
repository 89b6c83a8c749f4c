#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Whoever calls the command wrongly gets a hint, exit status 2, and no output."""
import re
import subprocess

import cli
from cli import RUN

COMMANDS = ['convert', 'dump', 'info', 'validate', 'send', 'recv', 'migrate']


class UsageErrors(cli.CliTest):
    def wrong(self, *arguments):
        done = self.bermig(*arguments, status=RUN)
        self.assertEqual(done.stdout, b'')
        return done.stderr.decode()

    def test_no_command(self):
        done = subprocess.run([cli.BERMIG], capture_output=True, timeout=cli.SECONDS)
        self.assertEqual((done.returncode, done.stdout), (RUN, b''))
        self.assertIn(b'Usage:', done.stderr)

    def test_unknown_command(self):
        self.assertIn("no command 'covnert'; 'bermig help'", self.wrong('covnert'))
        self.assertIn("no command 'x'", self.wrong('help', 'x'))

    def test_unknown_option(self):
        for command in COMMANDS:
            self.assertIn(f'bermig {command} --help', self.wrong(command, '--no-such-option', 'a'))

    def test_operands(self):
        for command in COMMANDS:
            self.wrong(command)
            self.wrong(command, 'a', 'b', 'c')

    def test_values(self):
        for arguments in [
                ('convert', '--to=xml', 'a', 'b'), ('convert', '--compress=20', 'a', 'b'),
                ('convert', '--compress=0', 'a', 'b'), ('convert', '--compress=', 'a', 'b'),
                ('dump', '--format=xml', 'a'), ('info', '--format=', 'a'),
                ('send', '--compress=fast', 'unix:x'), ('send', '--connect-timeout=-1', 'unix:x'),
                ('send', '--connect-timeout=soon', 'unix:x'), ('send', '--record=-', 'unix:x'),
                ('recv', '--timeout=-1', 'unix:x')]:
            self.wrong(*arguments)

    def test_addresses(self):
        for address in ['', 'tcp', 'tcp:', 'tcp:host', 'tcp:host:', 'tcp:host:port', 'tcp:host:65536',
                        'tcp:host:-1', 'tcp:::1:4444', 'tcp:[::1]', 'tcp:[::1:4444', 'unix:', 'unix:' + 'x' * 108,
                        'fd:2', '/path', 'TCP:host:1']:
            for command in ('send', 'recv'):
                self.assertIn('is no address', self.wrong(command, address))

    def test_help(self):
        overview = self.bermig('help').stdout.decode()
        self.assertEqual(overview, self.bermig('--help').stdout.decode())
        for command in COMMANDS:
            self.assertIn(command, overview)
            text = self.bermig('help', command).stdout.decode()
            self.assertIn(f'bermig {command} [', text)
            self.assertEqual(text, self.bermig(command, '--help').stdout.decode())

    def test_version(self):
        self.assertRegex(self.bermig('--version').stdout.decode(), r'\Abermig \d+\.\d+\.\d+\n\Z')

    def test_manuals_know_all_options(self):
        for command in COMMANDS:
            manual = cli.source(f'bermig-{command}.1')
            for option in re.findall(r'--([a-z-]+)', self.bermig(command, '--help').stdout.decode()):
                if option != 'help':
                    self.assertIn(f'.It Fl -{option}', manual, command)

    def test_files_that_cannot_be_opened(self):
        for command in ('dump', 'info', 'validate'):
            self.assertIn('absent: No such file', self.wrong(command, self.path('absent')))
            self.wrong(command, self.folder)
        self.wrong('convert', self.path('absent'), self.path('out'))

    def test_operand_that_looks_like_an_option(self):
        self.assertIn('--absent: No such file', self.wrong('info', '--', '--absent'))


cli.main()
