# SPDX-License-Identifier: BSD-2-Clause
"""The versions of QEMU that are here: the installed one, and those that scripts/qemu-versions.sh fetched."""
import dataclasses
import os
import re
import subprocess

INSTALLED = 'qemu-system-x86_64'
SCRIPT = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..', 'scripts', 'qemu-versions.sh')
RELEASES = ('bullseye', 'trixie', 'sid')
SECONDS_TO_FETCH = 600


@dataclasses.dataclass(frozen=True, order=True)
class Qemu:
    number: tuple       # (7, 2)
    version: str        # '7.2.22'
    program: str

    def __str__(self):
        return '.'.join(str(part) for part in self.number)


def installed():
    text = subprocess.run([INSTALLED, '--version'], capture_output=True, text=True, check=True).stdout
    return qemu(re.search(r'version (\S+)', text)[1], INSTALLED)


def qemu(version, program):
    return Qemu(tuple(int(part) for part in version.split('.')[:2]), version, program)


def fetched():
    """The versions that can be had, and for each release that cannot the reason."""
    found, missing = [], []
    for release in RELEASES:
        done = subprocess.run([SCRIPT, release], capture_output=True, text=True, timeout=SECONDS_TO_FETCH, check=False)
        if done.returncode == 0:
            _, version, program = done.stdout.split(maxsplit=2)
            found.append(qemu(version, program.strip()))
        else:
            missing.append(' '.join(done.stderr.split()))
    return found, missing


def all_versions():
    """Each version once, oldest first, and the reasons why others are missing."""
    found, missing = fetched()
    return sorted({one.number: one for one in (*found, installed())}.values()), missing


def common_machine(one, other, family='pc-i440fx'):
    """The newest machine type of a family that two versions, as numbers, both know."""
    return '-'.join((family, '.'.join(str(part) for part in min(one, other))))
