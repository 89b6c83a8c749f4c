# SPDX-License-Identifier: BSD-2-Clause
"""What the tests of the command share: running it, and a folder for each test.

BERMIG names the program under test, BERMIG_SOURCE its source folder.
"""
import os
import re
import signal
import subprocess
import sys
import tempfile
import unittest

BERMIG = os.path.abspath(os.environ.get('BERMIG', 'build/cli/bermig'))
SOURCE = os.environ.get('BERMIG_SOURCE', os.path.join(os.path.dirname(__file__), '..', '..', 'cli'))
SECONDS = 120  # for anything to happen, also on a machine that has too much to do: only what hangs meets it

DONE, INPUT, RUN = 0, 1, 2

# A test that wants descriptions to be kept says where.
os.environ['BERMIG_DESCRIPTION_CACHE'] = 'none'


class CliTest(unittest.TestCase):
    def setUp(self):
        # Not below TMPDIR: the path of a Unix socket has at most 107 octets.
        folder = tempfile.TemporaryDirectory(prefix='bermig-', dir='/tmp')
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def path(self, name, content=None):
        path = os.path.join(self.folder, name)
        if content is not None:
            with open(path, 'wb') as file:
                file.write(content)
        return path

    def bermig(self, *arguments, status=DONE, stdin=b'', **how):
        """Run it to its end, check the exit status; the completed process."""
        how.setdefault('stdout', subprocess.PIPE)
        if isinstance(stdin, bytes):
            how['input'] = stdin
        else:
            how['stdin'] = stdin
        done = subprocess.run([BERMIG, *arguments], stderr=subprocess.PIPE, timeout=SECONDS, **how)
        self.assertEqual(done.returncode, status, (arguments, done.stderr.decode()))
        if status == DONE:
            self.assertNotIn(b'Sanitizer', done.stderr)
        else:
            self.assert_one_line(done.stderr)
        return done

    def start(self, *arguments, **how):
        """Run it beside the test; it ends with the test at the latest."""
        for name in ('stdin', 'stdout', 'stderr'):
            how.setdefault(name, subprocess.PIPE)
        process = subprocess.Popen([BERMIG, *arguments], **how)
        self.addCleanup(end, process)
        return process

    def assert_one_line(self, stderr):
        """A message, and nothing else."""
        self.assertRegex(stderr.decode(), r'\A[^\n]+: [^\n]+\n\Z')

    def convert(self, stream, *options):
        return self.bermig('convert', *options, '-', '-', stdin=stream).stdout


def end(process):
    process.kill()
    process.wait()
    for pipe in (process.stdin, process.stdout, process.stderr):
        if pipe and not pipe.closed:
            try:
                pipe.close()
            except BrokenPipeError:
                pass


def source(name):
    with open(os.path.join(SOURCE, name), encoding='utf-8') as file:
        return file.read()


def main():
    signal.signal(signal.SIGALRM, lambda *_: sys.exit('the test took too long'))
    signal.alarm(5 * SECONDS)
    unittest.main(verbosity=2)
