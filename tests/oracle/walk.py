# SPDX-License-Identifier: BSD-2-Clause
"""Foreign tools walk BER files: each function raises Wrong for what a tool finds
wrong in one, or for what it does not reach the end of.

The tools know BER and not this format; compare-streams (in COMPARE_STREAMS) has
asn1c and libtasn1, which know the module.
"""
import os
import re
import subprocess
import sys
import tempfile

BERMIG = os.environ['BERMIG']
COMPARE_STREAMS = os.environ['COMPARE_STREAMS']
SECONDS = 120
MAGIC = bytes.fromhex('3080 0614 6981bc9f9e96c1b7eab1c59aa298c8d592b59247')


class Wrong(Exception):
    """A file that is not as it should be."""


def run(*command, stdout=subprocess.PIPE):
    return subprocess.run(command, stdout=stdout, stderr=subprocess.PIPE, timeout=SECONDS)


def must(*command, **how):
    """Run a command that must succeed and complain of nothing; what it printed."""
    done = run(*command, **how)
    if done.returncode != 0 or done.stderr:
        raise Wrong(f'{command[0]}: exit {done.returncode}: {done.stderr.decode()[-600:]}')
    return done.stdout


# ---- one value from the first octet to the last

def header(octets, at):
    """Behind the tag and the length at `at`, and the length (None: indefinite).
    All tags of the format take one octet."""
    first = octets[at + 1]
    if first == 0x80:
        return at + 2, None
    if first < 0x80:
        return at + 2, first
    end = at + 2 + (first & 0x7f)
    return end, int.from_bytes(octets[at + 2:end], 'big')


def end_of_value(octets, at):
    at, length = header(octets, at)
    if length is not None:
        return at + length
    while octets[at:at + 2] != b'\0\0':
        at = end_of_value(octets, at)
    return at + 2


def one_value(path):
    with open(path, 'rb') as file:
        octets = memoryview(file.read())
    if octets[:len(MAGIC)] != MAGIC:
        raise Wrong('it does not begin with the format identifier')
    end = end_of_value(octets, 0)
    if end != len(octets):
        raise Wrong(f'its value ends at {end} and the file at {len(octets)}')


# ---- tools

def openssl(path):
    """Prints one line per value, the last one of the outermost end-of-contents.  -dlimit: but of octets only
    the first one, for most of its time would go into printing pages."""
    lines = must('openssl', 'asn1parse', '-inform', 'DER', '-dlimit', '1', '-in', path).decode('utf-8', 'replace').splitlines()
    end = os.path.getsize(path) - 2
    if not re.fullmatch(rf' *{end}:d=1 +hl=2 l= +0 prim: EOC *', lines[-1]):
        raise Wrong(f'openssl: it ends with {lines[-1]!r}')
    if not re.fullmatch(r' *0:d=0 +hl=2 l=inf +cons: SEQUENCE *', lines[0]):
        raise Wrong(f'openssl: it begins with {lines[0]!r}')


# What dumpasn1 counts as an error and BER does not: it is made for certificates,
# where no INTEGER is below zero.
NEGATIVE = 'Error: Integer is encoded as a negative value.'
# It asks of lengths what is asked of INTEGERs, that they do not begin with nine ones; they have no sign.
NINE_ONES = re.compile(r"Error: Length '8[2-9] FF [89A-F].*' has non-canonical encoding\.")


def dumpasn1(path):
    """-e, -o: octets are octets, whatever they look like.  -z: they may be none.
    Its exit status is the number of errors, as far as that fits."""
    done = run('dumpasn1', '-e', '-o', '-z', path)
    lines = (done.stdout + done.stderr).decode('utf-8', 'replace').splitlines()
    wrong = [line.strip(' :') for line in lines if 'Error: ' in line or 'Warning: ' in line]
    others = [line for line in wrong if line != NEGATIVE and not NINE_ONES.fullmatch(line)]
    summary = f'0 warnings, {len(wrong)} error{"s" if len(wrong) != 1 else ""}.'
    if others or summary not in lines or (done.returncode == 0) != (not wrong):
        raise Wrong(f'dumpasn1: exit {done.returncode}: {others[:5]} {lines[-1]}')


def unber(path):
    """Prints XML; the last tag, of the outermost value, says how long it is."""
    with tempfile.TemporaryFile() as output:
        must('unber', path, stdout=output)
        output.seek(-min(200, output.seek(0, os.SEEK_END)), os.SEEK_END)
        last = output.read().decode().splitlines()[-1]
    size = os.path.getsize(path)
    if last != f'</I O="{size - 2}" T="[UNIVERSAL 0]" TL="2" L="{size}">':
        raise Wrong(f'unber: it ends with {last!r}')


def oracles(path):
    """asn1c and libtasn1 read and write what our codec does."""
    done = run(COMPARE_STREAMS, path)
    if done.returncode != 0:
        raise Wrong((done.stdout + done.stderr).decode('utf-8', 'replace')[-1500:])


CHECKS = (one_value, openssl, dumpasn1, unber, oracles)


# ---- files

def convert(path, folder):
    """A QEMU stream as BER; the path of the result."""
    ber = os.path.join(folder, os.path.basename(path) + '.ber')
    must(BERMIG, 'convert', '--to=ber', path, ber)
    return ber


def check(ber):
    """All that is wrong with a BER file, as a list of texts."""
    wrong = []
    for function in CHECKS:
        try:
            function(ber)
        except (Wrong, subprocess.TimeoutExpired) as error:
            wrong.append(f'{os.path.basename(ber)}: {error}')
    return wrong


def check_all(bers):
    """Check all of an iterable of BER files, report what is wrong, exit."""
    count, octets, wrong = 0, 0, []
    for ber in bers:
        octets += os.path.getsize(ber)
        wrong += check(ber)
        os.unlink(ber)
        count += 1
    print('\n'.join(wrong))
    print(f'{count} files of {octets} octets, {len(CHECKS)} checks each, {len(wrong)} wrong')
    sys.exit(1 if wrong or count == 0 else 0)
