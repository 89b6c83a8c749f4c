#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""file(1) names a stream, and bash completes what the command takes."""
import os
import re
import shutil
import subprocess
import unittest

import cli
import legacy

COMPLETE = '''
complete_line() {
    COMP_LINE=$1 COMP_POINT=${#1}
    COMP_WORDS=($1) COMP_CWORD=$(( ${#COMP_WORDS[@]} - 1 ))
    if [[ $1 = *' ' ]]; then COMP_WORDS+=('') COMP_CWORD=$((COMP_CWORD + 1)); fi
    _bermig 2>/dev/null
    echo "${COMPREPLY[@]}"
}
'''


class OtherPrograms(cli.CliTest):
    @unittest.skipUnless(shutil.which('file'), 'file is not installed')
    def test_file(self):
        path = self.path('stream', self.convert(legacy.stream()))
        magic = os.path.join(cli.SOURCE, 'bermig.magic')

        def file(*options):
            return subprocess.run(['file', '-b', '-m', magic, *options, path], check=True, capture_output=True,
                                  timeout=cli.SECONDS).stdout.decode().strip()

        self.assertEqual(file(), 'bermig virtual machine state (BER), version 1.0')
        self.assertEqual(file('--mime-type'), 'application/x-bermig')

    def complete(self, line):
        script = cli.source('bermig.bash') + COMPLETE + 'complete_line "$1"'
        return subprocess.run(['bash', '-c', script, 'bash', line], check=True, capture_output=True,
                              timeout=cli.SECONDS).stdout.decode().split()

    def commands(self):
        text = self.bermig('--help').stdout.decode()
        return re.findall(r'^  ([a-z]+) {2,}[A-Z]', text, re.MULTILINE)

    @unittest.skipUnless(shutil.which('bash'), 'bash is not installed')
    def test_bash(self):
        self.assertEqual(self.complete('bermig va'), ['validate'])
        self.assertEqual(self.complete('bermig dump --pa'), ['--path=', '--pages'])
        self.assertEqual(self.complete('bermig send u'), ['unix:'])
        self.assertEqual(self.complete('bermig dump --format=j'), ['json'])
        self.assertEqual(sorted(self.complete('bermig help ')), sorted(self.commands()))

    def test_completion_knows_all_options(self):
        for command in self.commands():
            words = ' '.join(self.complete(f'bermig {command} --'))
            for line in self.bermig(command, '--help').stdout.decode().splitlines():
                if '  --' in line:
                    option = line.split('--')[1].split('=')[0].split()[0]
                    self.assertIn('--' + option, words)


cli.main()
