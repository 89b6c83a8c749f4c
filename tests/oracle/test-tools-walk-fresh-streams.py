# SPDX-License-Identifier: BSD-2-Clause
"""Every tool walks streams that the installed QEMU writes now."""
import os
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'live'))

import walk
from streams import make_all

with tempfile.TemporaryDirectory(prefix='bermig-oracle-') as made:
    walk.check_all(walk.convert(stream['path'], made) for stream in make_all(made))
