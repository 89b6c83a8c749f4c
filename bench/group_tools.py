# SPDX-License-Identifier: BSD-2-Clause
"""The commands on a large stream, beside what others do with as many octets."""
import dataclasses
import os
import shutil
import subprocess

import chart
import live
from figures import Report, Target, ratios, spread
from streams import write_stream
from vm import Vm

TITLE = 'Commands on a large stream'
MIB = 1 << 20
ANALYZE = 'analyze-migration.py'


@dataclasses.dataclass
class Tool:
    name: str
    command: list
    path: str           # of the file that it reads
    piped: bool = False     # what it writes goes through a pipe
    statuses: tuple = (0,)


# ---- the stream

def make_stream(context, mib, name):
    """A guest that has filled `mib` of memory with numbers that look like chance, saved by QEMU."""
    path = os.path.join(context.folder, name)
    guest = live.tiny_guest(mib)
    with Vm(context.folder, 'large', guest.arguments) as vm:
        guest.wait_for(vm, 60 + mib // 10, rounds=1)
        vm.qmp('stop')
        write_stream(vm, path)
    return path


def convert(context, path):
    ber = path + '.ber'
    context.runner.run([context.bermig, 'convert', path, ber])
    return ber


# ---- who takes part

def analyze_migration(report):
    """QEMU's script, which is not part of its packages: scripts/setup.sh fetches it from their source."""
    done = subprocess.run([os.path.join(os.path.dirname(__file__), '..', 'scripts', 'setup.sh'), ANALYZE],
                          capture_output=True, text=True, check=False)
    if done.returncode == 0:
        return done.stdout.strip()
    report.skipped.append(f'{ANALYZE}: {done.stderr.strip()}')
    return None


def tools(context, report, legacy, ber, small_ber):
    """In the order of the table; first `cat`, to which all are compared."""
    bermig = context.bermig
    raw, indexed = os.path.join(context.folder, 'raw'), os.path.join(context.folder, 'indexed.ber')
    script = analyze_migration(report)
    yield Tool('cat, through a pipe', ['cat', legacy], legacy, piped=True)
    yield Tool('bermig convert, QEMU to BER', [bermig, 'convert', legacy, '-'], legacy, piped=True)
    yield Tool('bermig convert, BER to QEMU', [bermig, 'convert', ber, '-'], ber, piped=True)
    yield Tool('cat', ['cat', ber], ber)
    yield Tool('bermig validate, BER', [bermig, 'validate', ber], ber)
    yield Tool('bermig validate, QEMU', [bermig, 'validate', legacy], legacy)
    yield Tool('bermig info, BER', [bermig, 'info', ber], ber)
    yield Tool('bermig dump, BER', [bermig, 'dump', ber], ber)
    yield Tool('bermig dump, QEMU', [bermig, 'dump', legacy], legacy)
    if script:
        yield Tool(ANALYZE + ', QEMU', ['python3', script, '-f', legacy], legacy)
    yield Tool('bermig extract --raw, BER', ['sh', '-c', 'rm -rf "$3" && exec "$1" extract --raw="$3" "$2"', 'sh', bermig,
                                             ber, raw], ber)
    yield Tool('bermig convert --seekable, QEMU to a file', [bermig, 'convert', '--seekable', legacy, indexed], legacy)
    yield Tool('bermig extract --page, file with an index', [bermig, 'extract', '--page=pc.ram:4096', indexed], legacy)
    yield Tool('cp', ['cp', '--reflink=never', legacy, os.path.join(context.folder, 'copy')], legacy)
    for name, command in (('dumpasn1 -s, BER', ['dumpasn1', '-s']), ('unber, BER', ['unber'])):
        if shutil.which(command[0]):
            # They take a minute and more for the large one.
            yield Tool(f'{name} (small)', [*command, small_ber], small_ber, statuses=tuple(range(256)))
        else:
            report.skipped.append(f'{command[0]}: not installed')


# ---- measuring

def measure(context, all_tools):
    took = {tool.name: [] for tool in all_tools}
    for _ in range(context.rounds):
        for tool in all_tools:
            run = context.runner.run_into_pipe if tool.piped else context.runner.run
            how = {} if tool.piped else {'statuses': tool.statuses}
            took[tool.name].append(run(tool.command, **how))
    return took


def rates(tool, runs):
    size = os.path.getsize(tool.path) / 1e9
    return spread(size / one.seconds for one in runs)


def targets(report, took, size):
    def seconds(name):
        return [one.seconds for one in took[name]]

    cat = seconds('cat, through a pipe')
    for name in ('bermig convert, QEMU to BER', 'bermig convert, BER to QEMU'):
        report.targets.append(Target(f'time of {name} / cat', 1.3, ratios(seconds(name), cat), at_least=False))
    report.targets.append(Target('GB/s of bermig validate, BER', 1,
                                 spread(size / value for value in seconds('bermig validate, BER'))))
    script = f'{ANALYZE}, QEMU'
    if script in took:
        for name in ('bermig dump, BER', 'bermig dump, QEMU'):
            report.targets.append(Target(f'time of {ANALYZE} / {name}', 5, ratios(seconds(script), seconds(name))))
    peak = max((one.peak / MIB for name, runs in took.items() if name.startswith('bermig') for one in runs))
    report.targets.append(Target('MiB of memory, most of all bermig', 64, spread([peak]), at_least=False))


def run(context):
    report = Report(TITLE)
    mib, small_mib = (96, 8) if context.quick else (1536, 32)
    context.say(f'a guest fills {mib} MiB of memory')
    legacy = make_stream(context, mib, 'large.mig')
    ber, small_ber = convert(context, legacy), convert(context, make_stream(context, small_mib, 'small.mig'))
    all_tools = list(tools(context, report, legacy, ber, small_ber))
    context.say(', '.join(tool.name for tool in all_tools))
    took = measure(context, all_tools)
    report.paragraph(f'''A pc machine with {mib} MiB of memory in use, saved by the installed QEMU:
        {os.path.getsize(legacy):,} octets, as BER {os.path.getsize(ber):,} (random pages, not compressed).  Tools marked
        (small) have one of {os.path.getsize(small_ber):,} octets.  Files are in the page cache.  GB/s are octets of
        the input by time on the wall; dump, and extract of one page, read little of it.  What convert and the first cat write goes through a pipe to somebody who
        forgets it; extract and cp write to a disk.''')
    report.table(['', 'GB/s', 's', 'CPU s', 'MiB of memory, at most'],
                 [[tool.name, f'{rates(tool, took[tool.name]):.2f}', f'{spread(one.seconds for one in took[tool.name]):.2f}',
                   f'{spread(one.cpu for one in took[tool.name]):.2f}',
                   f'{max(one.peak for one in took[tool.name]) / MIB:.1f}'] for tool in all_tools])
    report.chart('tools', chart.bars('Commands on a large stream', ['speed'],
                                     [('', [(tool.name, [rates(tool, took[tool.name])]) for tool in all_tools])],
                                     'GB/s of input, logarithmic', logarithmic=True))
    targets(report, took, os.path.getsize(ber) / 1e9)
    return report
