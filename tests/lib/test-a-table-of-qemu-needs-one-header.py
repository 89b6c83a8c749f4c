# SPDX-License-Identifier: BSD-2-Clause
"""A device's table in QEMU's spelling compiles with the installed headers alone, under
strict warnings, and the program made of it saves and loads in QEMU's octets."""
import os
import subprocess
import sys
import tempfile

source, compiler, sanitize, flags, library, *headers = sys.argv[1:]
library = os.path.abspath(library)
STRICT = ['-std=gnu11', '-Wall', '-Wextra', '-Wshadow', '-Wconversion', '-Wno-sign-conversion', '-Werror']

with tempfile.TemporaryDirectory(prefix='bermig-') as folder:
    installed = os.path.join(folder, 'include', 'bermig')
    os.makedirs(installed)
    for header in headers:
        os.symlink(header, os.path.join(installed, os.path.basename(header)))
    program = os.path.join(folder, 'program')
    if sanitize != 'none':
        STRICT.append(f'-fsanitize={sanitize}')
    subprocess.run([*compiler.split(), *STRICT, '-I', os.path.dirname(installed), *flags.split(), source,
                    '-o', program, library, '-lglib-2.0'], check=True)
    environment = {**os.environ, 'LD_LIBRARY_PATH': os.path.dirname(library)}
    out = subprocess.run([program], env=environment, check=True, capture_output=True, text=True).stdout
print(out)
sys.exit(out != '00000007 01 000000000000000900000000 loaded\n')
