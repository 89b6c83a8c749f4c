# SPDX-License-Identifier: BSD-2-Clause
"""A header that needs another one includes it, whichever is used first."""
import os
import subprocess
import sys
import tempfile

compiler, flags, headers = sys.argv[1].split(), sys.argv[2].split(), sys.argv[3:]
# The one that takes another program's names wants to be asked for.
flags.append('-DBM_WANT_QEMU_NAMES')
wrong = 0
with tempfile.TemporaryDirectory(prefix='bermig-') as folder:
    installed = os.path.join(folder, 'bermig')
    os.mkdir(installed)
    for header in headers:
        os.symlink(header, os.path.join(installed, os.path.basename(header)))
    for header in headers:
        source = f'#include <bermig/{os.path.basename(header)}>\n'
        done = subprocess.run([*compiler, '-std=gnu11', '-Wall', '-Wextra', '-Werror', '-I', folder, *flags,
                               '-fsyntax-only', '-x', 'c', '-'], input=source, text=True,
                              capture_output=True)
        if done.returncode != 0:
            print(done.stderr)
            wrong += 1
print(f'{len(headers)} headers, {wrong} wrong')
sys.exit(wrong != 0 or not headers)
