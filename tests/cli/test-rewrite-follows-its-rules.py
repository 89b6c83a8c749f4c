#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""rewrite: rules change devices, say what they did, and lose nothing without consent."""
import os
import subprocess

import cli
import legacy
from cli import DONE, INPUT, RUN

# The device of legacy.py: ticks, level, on, name.
RENAME = '[r]\ndevice=*/small\noperation=rename\nname=level\nto=depth\n'
DROP = '[d]\ndevice=*/small\noperation=drop\nname=ticks\n'
CHAIN = '''
[one]
level=10.0:9.2
device=*/small
operation=rename
name=level
to=depth

[two]
level=9.2:8.0
device=*/small
operation=resize
name=depth
width=1
back-width=4

[three]
level=9.2:8.0
device=*/small
operation=move
name=on
before=ticks
back-before=name
'''


class Rewrite(cli.CliTest):
    def setUp(self):
        super().setUp()
        self.mig = self.path('a.mig', legacy.stream())
        self.out = self.path('out')

    def test_live_ends_with_the_stream(self):
        """Whoever writes it waits for an answer, and does not end the input."""
        process = self.start('rewrite', '--live', '--rules=' + self.path('rules', RENAME.encode()), '-', '-',
                             stdin=subprocess.PIPE)
        process.stdin.write(legacy.stream())
        process.stdin.flush()
        out, stdin = process.stdout.read(), process.stdin
        self.assertEqual(process.wait(cli.SECONDS), DONE)
        stdin.close()
        stored = self.bermig('rewrite', '--rules=' + self.path('rules'), self.mig, '-')
        self.assertEqual(out, stored.stdout)

    def rewrite(self, rules, *options, path=None, status=DONE):
        """Run it; what it said, and what it wrote."""
        done = subprocess.run([cli.BERMIG, 'rewrite', '--rules=' + self.path('rules', rules.encode()), *options,
                               path or self.mig, self.out], capture_output=True, timeout=cli.SECONDS)
        said = done.stderr.decode()
        self.assertEqual(done.returncode, status, said)
        if status != DONE:
            self.assertFalse(os.path.exists(self.out))
            return said, None
        with open(self.out, 'rb') as file:
            return said, file.read()

    def dump(self, stream):
        return self.bermig('dump', '-', stdin=stream).stdout.decode()

    def test_a_field_and_its_description(self):
        said, out = self.rewrite(RENAME)
        self.assertEqual(said, 'rewrite: [r] 0000:00:01.0/small.level: renamed to depth\n')
        fields = [('depth' if name == 'level' else name, kind, octets) for name, kind, octets in legacy.FIELDS]
        self.assertEqual(self.dump(out), self.dump(
            legacy.beginning() + legacy.ram_pages(range(16)) + legacy.ram_pages([], end=True)
            + legacy.device(fields) + legacy.END + legacy.description(fields)))

    def test_formats(self):
        self.assertEqual(self.rewrite(RENAME)[1][:4], b'QEVM')
        ber = self.path('a.ber', self.convert(legacy.stream()))
        out = self.rewrite(RENAME, path=ber)[1]
        self.assertEqual(out[:2], b'\x30\x80')
        self.assertEqual(self.convert(out), self.rewrite(RENAME)[1])
        self.assertEqual(self.rewrite(RENAME, '--as=ber')[1][:2], b'\x30\x80')
        self.assertEqual(self.rewrite(RENAME, '--as=qemu', path=ber)[1][:4], b'QEVM')

    def test_rules_that_are_for_nothing_change_nothing(self):
        rules = '[no]\ndevice=*/large\noperation=drop\nname=x\n'
        said, out = self.rewrite(rules)
        self.assertEqual(said, 'rewrite: [no] nothing to do\n')
        self.assertEqual(out, legacy.stream())
        self.assertEqual(self.rewrite(rules, path=self.path('b', legacy.stream() + b'more'))[1], legacy.stream() + b'more')

    def test_losses(self):
        said, _ = self.rewrite(DROP + '[n]\ndevice=*/small\noperation=drop\nname=name\n', status=INPUT)
        self.assertIn('[d] 0000:00:01.0/small.ticks: dropped, refused, it would lose 1311768467463790320\n', said)
        self.assertIn('[n] 0000:00:01.0/small.name: dropped, refused, it would lose hex:736d616c6c000000\n', said)
        self.assertIn('2 values would be lost without consent', said)
        for rules, option in ((DROP, ['--consent']), (DROP + 'consent=yes\n', [])):
            said, out = self.rewrite(rules, *option)
            self.assertIn('ticks: dropped, lost 1311768467463790320\n', said)
            self.assertNotIn('ticks', self.dump(out))

    def test_dry_run(self):
        said = self.bermig('rewrite', '--dry-run', '--rules=' + self.path('rules', RENAME.encode()), self.mig,
                           self.out).stderr.decode()
        self.assertIn('renamed to depth', said)
        self.assertFalse(os.path.exists(self.out))

    def test_levels(self):
        for path in (self.mig, self.path('a.ber', self.convert(legacy.stream()))):
            _, old = self.rewrite(CHAIN, '--from=10.0', '--to=8.0', path=path)
            self.assertIn('depth = (int8) 0xfe', self.dump(old))
            _, new = self.rewrite(CHAIN, '--from=8.0', '--to=10.0', path=self.path('old', old))
            with open(path, 'rb') as file:
                self.assertEqual(new, file.read())

    def test_values_that_do_not_fit(self):
        said, _ = self.rewrite('[w]\ndevice=*\noperation=resize\nname=ticks\nwidth=4\nback-width=8\n', status=INPUT)
        self.assertIn('0000:00:01.0/small.ticks: w: 1311768467463790320 does not fit 4 octets', said)

    def test_devices_that_came_as_octets(self):
        bare = legacy.beginning() + legacy.ram_pages([], end=True) + legacy.device() + legacy.END
        path = self.path('bare', bare)
        said, _ = self.rewrite(RENAME, path=path, status=INPUT)
        self.assertIn('the device came as octets', said)
        rules = '[x]\ndevice=*/small\noperation=drop-device\nconsent=yes\n'
        self.assertEqual(self.rewrite(rules, path=path)[1], bare.replace(legacy.device(), b''))
        said, out = self.rewrite('[x]\ndevice=*/small\noperation=rename-device\nto=0000:00:02.0/small#1\n', path=path)
        self.assertIn(b'\x120000:00:02.0/small\0\0\0\1', out)

    def test_commands(self):
        path = self.path('b', legacy.stream(return_path=True))
        rules = f'[c]\noperation=drop-command\ncode={legacy.PING}\n'
        said, _ = self.rewrite(rules, path=path, status=INPUT)
        self.assertIn('command 2 dropped, refused, it would lose hex:00000001\n', said)
        out = self.rewrite(rules, '--consent', path=path)[1]
        self.assertEqual(out, legacy.stream(return_path=True).replace(legacy.command(legacy.PING, b'\0\0\0\1'), b''))

    def test_a_description_in_another_style(self):
        odd = legacy.stream().replace(b'{"page_size"', b'{ "page_size"')
        end = odd.index(b'{ "page_size"')
        odd = odd[:end - 4] + (len(odd) - end).to_bytes(4, 'big') + odd[end:]
        said, out = self.rewrite(RENAME, path=self.path('odd', odd))
        self.assertIn('the description was not as QEMU writes it, and is made anew', said)
        self.assertIn('finish.description = (string) "derived"', self.dump(out))

    def test_wrong_rules(self):
        for rules, message in [
                (RENAME.replace('rename', 'melt'), "[r] operation: there is no operation 'melt'"),
                (RENAME.replace('to=', 'too='), '[r] too: there is no such key'),
                (RENAME + 'level=x\n', '[r] level: '),
                ('', 'there are no rules')]:
            said, _ = self.rewrite(rules, status=RUN)
            self.assertIn(self.path('rules') + ': ' + message, said)
        self.assertIn('--from and --to are needed', self.rewrite(CHAIN, status=RUN)[0])
        self.assertIn('no steps lead', self.rewrite(CHAIN, '--from=10.0', '--to=5.2', status=RUN)[0])

    def test_usage(self):
        rules = '--rules=' + self.path('rules', RENAME.encode())
        self.bermig('rewrite', self.mig, self.out, status=RUN)
        self.bermig('rewrite', rules, '--from=1', self.mig, self.out, status=RUN)
        self.bermig('rewrite', rules, '--as=x', self.mig, self.out, status=RUN)
        self.bermig('rewrite', '--rules=' + self.path('none'), self.mig, self.out, status=RUN)


cli.main()
