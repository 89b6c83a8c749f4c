# SPDX-License-Identifier: BSD-2-Clause
"""Users link the library beside QEMU and others: nothing but what the public
headers declare may be seen, and all of that must be there."""
import os
import re
import subprocess
import sys

library, symbol_map = sys.argv[1:]
with open(symbol_map, encoding='utf-8') as text:
    declared = set(re.findall(r'^ {8}(\w+);', text.read(), re.M))
table = subprocess.run(['nm', '-D', '--defined-only', library], capture_output=True, text=True,
                       check=True).stdout
exported = {line.split()[2].split('@')[0] for line in table.splitlines()} - {'LIBBERMIG_0'}
for name in sorted(exported ^ declared):
    print(name, 'is exported, and no public header declares it' if name in exported
          else 'is declared, and not exported')
print(f'{len(exported)} symbols')
sys.exit(exported != declared or not exported)
