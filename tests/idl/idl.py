# SPDX-License-Identifier: BSD-2-Clause
"""What the tests of bermig-idl share: small headers in a folder of their own."""
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

IDL = os.environ['BERMIG_IDL']
SOURCE = pathlib.Path(os.environ['BERMIG_SOURCE'])
GLIB = os.environ.get('BERMIG_GLIB', '').split()
SECONDS = 60

OK, WRONG, RUN = 0, 1, 2

HEAD = '''#include <stdbool.h>
#include <stdint.h>
#include "annotate.h"
'''
HEAD_LINES = HEAD.count('\n')


class IdlTest(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix='bermig-idl-'))
        self.addCleanup(shutil.rmtree, self.folder)

    def write(self, members, name='timer.h', versions=2, marks='', before='', struct='Timer'):
        """A header with one struct; its first member is on line 1 of `members`."""
        text = (before + f'typedef struct {struct} {{ {members} }} '
                f'BM_DEVICE("timer", {versions}) {marks} {struct};\n')
        (self.folder / name).write_text(HEAD + text)

    def idl(self, *arguments, status=OK, header='timer.h'):
        done = subprocess.run([IDL, '-I', SOURCE / 'visitor', *GLIB, header, *arguments],
                              cwd=self.folder, capture_output=True, text=True, timeout=SECONDS)
        self.assertEqual((done.returncode, done.stdout), (status, ''), done.stderr)
        return done.stderr

    def line(self, number=1):
        """Of the header, for the line of its struct."""
        return f'timer.h:{HEAD_LINES + number}: '
