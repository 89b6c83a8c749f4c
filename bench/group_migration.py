# SPDX-License-Identifier: BSD-2-Clause
"""Whole moves between two QEMUs, by bermig and by QEMU's own ways."""
import contextlib
import dataclasses
import os
import re
import shutil
import statistics
import tempfile
import threading
import time

import chart
import live
from figures import Report, Target, first_line, ratios, spread
from lines import Direct, WideArea
from move import ENDED, exec_uri, free_uri
from qmp import QmpError
from versions import common_machine, installed
from vm import Vm, descendants, read_proc
from waiting import Failure, wait_until

TITLE = 'Whole moves between two QEMUs'
MIB = 1 << 20
SECONDS_TO_MOVE = 300
TICK = os.sysconf('SC_CLK_TCK')
# Otherwise QEMU goes over at once, and the downtime is that of the memory.
DOWNTIME_MS = 20
MORE_DOWNTIME_MS = 5


# ---- the ways

@dataclasses.dataclass(frozen=True)
class Way:
    """How the octets get from one QEMU to the other."""
    name: str
    send: tuple = ()            # words of a command for exec:, "{uri}", "{host}" and "{port}" filled in; (): QEMU itself
    receive: tuple = ()
    unix: bool = False
    channels: int = 0           # of multifd
    compression: str = 'none'   # of multifd
    needs: str = ''             # a program

    def uris(self, listen, toward):
        """For the destination, and for the source."""
        if not self.send:
            return listen, toward
        return tuple(exec_uri(*(word.format(uri=uri, host=uri.split(':')[1], port=uri.split(':')[-1])
                                for word in command))
                     for command, uri in ((self.receive, listen), (self.send, toward)))

    def capabilities(self):
        names = ['multifd'] if self.channels else []
        # exec: of one program that only reads cannot bring an answer back.
        if not self.send or self.name.startswith('bermig'):
            names.append('return-path')
        return names

    def parameters(self):
        return {'multifd_channels': self.channels, 'multifd_compression': self.compression} if self.channels else {}


SOCAT_IN = 'socat -u TCP4-LISTEN:{port},reuseaddr STDOUT'
SOCAT_OUT = 'socat -u STDIN TCP4:{host}:{port}'


def shell(text):
    return ('sh', '-c', text)


def ways(bermig, same_host):
    yield Way('tcp:')
    yield Way('exec:cat, through socat', shell(f'exec {SOCAT_OUT}'), shell(f'exec {SOCAT_IN}'), needs='socat')
    if same_host:
        yield Way('unix:', unix=True)
    yield Way('multifd, 2 channels', channels=2)
    yield Way('multifd, 4 channels', channels=4)
    yield Way('multifd, 2 channels, zstd', channels=2, compression='zstd')
    yield Way('exec:zstd -1, through socat', shell(f'zstd -1 -q -c | {SOCAT_OUT}'), shell(f'{SOCAT_IN} | zstd -dqc'),
              needs='socat')
    yield Way('bermig, plain', (bermig, 'send', '--compress=none', '{uri}'), (bermig, 'recv', '{uri}'))
    yield Way('bermig, zstd', (bermig, 'send', '{uri}'), (bermig, 'recv', '{uri}'))
    for count in (2, 4):
        send = (bermig, 'send', f'--channels={count}')
        yield Way(f'bermig, {count} channels', (*send, '--compress=none', '{uri}'), (bermig, 'recv', '{uri}'))
        yield Way(f'bermig, {count} channels, zstd', (*send, '{uri}'), (bermig, 'recv', '{uri}'))


# ---- what a move takes

class Watch(threading.Thread):
    """Processor time of QEMUs and of all that they started, and the memory of the latter.

    The kernel forgets both when a process has ended, so they are read again and again.
    """

    def __init__(self, *vms):
        super().__init__(daemon=True)
        self._vms = [vm.process.pid for vm in vms]
        self._before = {pid: self._ticks(pid) for pid in self._vms}
        self._after, self._peaks = dict(self._before), {}
        self._done = threading.Event()
        self.start()

    @staticmethod
    def _ticks(pid):
        fields = read_proc(pid, 'stat').rpartition(')')[2].split()
        return int(fields[11]) + int(fields[12]) if fields else None

    def _look(self):
        helpers = [pid for vm in self._vms for pid in descendants(vm)]
        for pid in (*self._vms, *helpers):
            ticks = self._ticks(pid)
            if ticks is not None:
                self._after[pid] = ticks
        for pid in helpers:
            peak = re.search(r'^VmHWM:\s*(\d+) kB', read_proc(pid, 'status'), re.MULTILINE)
            if peak:
                self._peaks[pid] = int(peak[1]) * 1024

    def run(self):
        while not self._done.wait(0.02):
            self._look()

    def close(self):
        """Processor seconds of all, octets of memory of the helpers."""
        self._done.set()
        self.join()
        self._look()
        ticks = sum(after - self._before.get(pid, 0) for pid, after in self._after.items())
        return ticks / TICK, sum(self._peaks.values())


@dataclasses.dataclass
class Move:
    seconds: float
    downtime: float     # ms
    octets: int         # that QEMU gave away, or bermig sent
    cpu: float
    peak: int


@dataclasses.dataclass
class Case:
    """A guest, and the line that it moves over."""
    name: str
    mib: int            # of memory in use
    memory: int         # of the machine
    running: bool       # while it moves; it then changes some of its memory
    mbit: int = 0       # of the line, 0: loopback
    seconds: float = 0  # of its delay, one way
    files: int = 0      # MiB of memory that hold what is in files of this machine
    only: tuple = ()    # names of ways, where all would take too long; (): all


def cases(quick):
    if quick:
        return [Case('24 MiB random', 24, 40, False), Case('a busy guest of 8 MiB', 8, 24, True),
                Case('8 MiB random over 100 Mbit/s, 20 ms', 8, 24, False, 100, 0.010)]
    return [Case('1 GiB random', 1024, 1040, False),
            Case('4 GiB, all but 64 MiB of it zero', 64, 4096, False),
            Case('a busy guest of 64 MiB', 64, 80, True),
            Case('1 GiB random over 1 Gbit/s', 1024, 1040, False, 1000,
                 only=('tcp:', 'multifd, 2 channels, zstd', 'bermig, plain', 'bermig, zstd')),
            Case('256 MiB random over 100 Mbit/s, 20 ms', 256, 272, False, 100, 0.010, only=('tcp:', 'bermig, plain')),
            Case('24 MiB random over 100 Mbit/s, 20 ms', 24, 40, False, 100, 0.010),
            Case('128 MiB of files over 1 Gbit/s', 8, 160, False, 1000, files=128)]


def guest_of(case):
    return live.tiny_guest(case.mib, 64 if case.running else 1, case.memory)


FILES_AT = 16 * MIB     # in the guest's memory


def write_files(path, size):
    """What many a page of a real guest has: programs, libraries, texts."""
    with open(path, 'wb') as image:
        for folder, folders, names in os.walk('/usr/lib'):
            folders.sort()
            for name in sorted(names):
                path = os.path.join(folder, name)
                if os.path.isfile(path) and not os.path.islink(path):
                    with open(path, 'rb') as file:
                        image.write(file.read(size - image.tell()))
                if image.tell() >= size:
                    return
    raise Failure(f'/usr/lib has less than {size} octets')


def files_in_memory(folder, case):
    """For QEMU's command line."""
    if not case.files:
        return []
    path = os.path.join(folder, 'files')
    write_files(path, case.files * MIB)
    return ['-device', f'loader,file={path},addr={FILES_AT},force-raw=on']


def start_source(folder, case, qemu, machine):
    """A guest that has filled its memory; stopped, unless it shall be busy."""
    guest = guest_of(case)
    source = Vm(folder, 'source', ['-M', machine, *guest.arguments, *files_in_memory(folder, case)], qemu.program)
    try:
        guest.wait_for(source, 60 + case.mib // 8, rounds=1)
        if not case.running:
            source.qmp('stop')
    except BaseException:
        source.stop()
        raise
    return source


def wake(source):
    """After a move QEMU takes its guest for gone; here it may be moved once more."""
    if source.run_state() == 'postmigrate':
        source.qmp('cont')
        source.qmp('stop')


def set_up(vm, way, **parameters):
    for name in ('multifd', 'return-path'):
        vm.qmp('migrate-set-capabilities',
               capabilities=[{'capability': name, 'state': name in way.capabilities()}])
    vm.qmp('migrate-set-parameters', max_bandwidth=1 << 34, **way.parameters(), **parameters)


def move(folder, source, case, way, line, qemu, machine):
    """One move to a new destination; the source can be moved again."""
    listen = free_uri(folder, 'unix') if way.unix else line.listen_uri(folder)
    with contextlib.suppress(FileNotFoundError):
        os.unlink(os.path.join(folder, 'move.socket'))
    with Vm(folder, 'destination', ['-M', machine, *guest_of(case).arguments, '-incoming', 'defer'],
            line.program(qemu.program)) as destination:
        incoming, uri = way.uris(listen, listen if way.unix else line.toward(listen))
        set_up(destination, way)
        destination.qmp('migrate-incoming', uri=incoming)
        wait_until(lambda: line.listens(listen), 15, f'{way.name}: somebody at {listen}')
        wake(source)
        set_up(source, way, downtime_limit=DOWNTIME_MS)
        before = len(summaries(source))
        watch = Watch(source, destination)
        begin = time.monotonic()
        source.qmp('migrate', uri=uri)
        # The guest is there when the destination has loaded it, whatever the source believes.
        wait_until(lambda: arrived(source, destination), SECONDS_TO_MOVE, f'{way.name}: the guest', step=0.005)
        seconds = time.monotonic() - begin
        cpu, peak = watch.close()
        state = source.migration()
        return Move(seconds, state.get('downtime', 0), octets_of(way, source, state, before), cpu, peak)


def arrived(source, destination):
    if source.migration()['status'] in ('failed', 'cancelled'):
        raise Failure(f'the move failed: {source.stderr()[-300:]} {destination.stderr()[-300:]}')
    return destination.migration()['status'] == 'completed'


def summaries(source):
    """The octets in the last lines of all bermig send so far."""
    return re.findall(r'^bermig send: \d+ octets from QEMU, (\d+) on the wire', source.stderr(), re.MULTILINE)


def octets_of(way, source, state, before):
    if not way.name.startswith('bermig'):
        return state['ram']['transferred']
    return int(wait_until(lambda: summaries(source)[before:], 10, 'the last line of bermig send')[0])


# ---- all moves of a case

def measure(context, case, line, all_ways):
    """{way: [Move]}; a new source for each move of a busy guest, which runs on at its destination."""
    qemu = installed()
    machine = common_machine(qemu.number, qemu.number)
    moves = {way.name: [] for way in all_ways}
    with tempfile.TemporaryDirectory(dir=context.folder) as folder, contextlib.ExitStack() as stack:
        source = None
        for _ in range(context.rounds):
            for way in all_ways:
                if case.running and source:
                    source.stop()
                if case.running or not source:
                    source = start_source(folder, case, qemu, machine)
                    stack.callback(source.stop)
                moves[way.name].append(move(folder, source, case, way, line, qemu, machine))
    return moves


def line_of(case, folder):
    return WideArea(folder, case.seconds, case.mbit) if case.mbit else Direct()


def ways_of(case, bermig):
    return [way for way in ways(bermig, not case.mbit) if not case.only or way.name in case.only]


def is_chosen(name, parts):
    return not parts or any(part in name for part in parts)


def usable(all_ways, context, report):
    for way in all_ways:
        if not is_chosen(way.name, context.ways):
            continue
        if way.needs and not shutil.which(way.needs):
            report.skipped.append(f'{way.name}: {way.needs} is not installed')
        else:
            yield way


def rows(case, moves):
    for name, runs in moves.items():
        yield [name, f'{spread(one.seconds for one in runs):.2f}',
               f'{spread(one.downtime for one in runs):.0f}' if case.running else '',
               f'{statistics.median(one.octets for one in runs):,.0f}', f'{spread(one.cpu for one in runs):.2f}',
               f'{max(one.peak for one in runs) / MIB:.1f}' if any(one.peak for one in runs) else '']


def targets(report, case, moves):
    """Of the ways that were measured."""
    def of(name, what):
        return [getattr(one, what) for one in moves[name]]

    def have(*names):
        return all(name in moves for name in names)

    socat = 'exec:cat, through socat'
    if not case.mbit and not case.running and have('bermig, plain', socat):
        report.targets.append(Target(f'{case.name}: time of bermig, plain / {socat}', 1.1,
                                     ratios(of('bermig, plain', 'seconds'), of(socat, 'seconds')), at_least=False))
    if case.mbit and have('bermig, plain', 'tcp:'):
        report.targets.append(Target(f'{case.name}: time of bermig, plain / tcp:', 1,
                                     ratios(of('bermig, plain', 'seconds'), of('tcp:', 'seconds')), at_least=False))
    zstd = 'multifd, 2 channels, zstd'
    for ours in ('bermig, zstd', 'bermig, 2 channels, zstd'):
        if case.mbit and have(ours, zstd):
            report.targets.append(Target(f'{case.name}: time of {ours} / {zstd}', 1,
                                         ratios(of(ours, 'seconds'), of(zstd, 'seconds')), at_least=False))
    if not have('bermig, plain', 'tcp:'):
        return
    # One that is busy changes more of its memory in a move that takes longer.
    if not case.running:
        report.targets.append(Target(f'{case.name}: octets of bermig, plain / tcp:', 1.001,
                                     ratios(of('bermig, plain', 'octets'), of('tcp:', 'octets')), at_least=False))
    else:
        more = [ours - theirs for ours, theirs in zip(of('bermig, plain', 'downtime'), of('tcp:', 'downtime'))]
        report.targets.append(Target(f'{case.name}: ms of downtime of bermig, plain, more than tcp:', MORE_DOWNTIME_MS,
                                     spread(more), at_least=False))


def run_case(context, report, case):
    """The panel of the chart, or None if the case is not possible here or failed."""
    context.say(case.name)
    try:
        with line_of(case, context.folder) as line:
            all_ways = list(usable(ways_of(case, context.bermig), context, report))
            moves = measure(context, case, line, all_ways)
    except live.Skip as reason:
        report.skipped.append(f'{case.name}: {reason}')
        return None
    except (Failure, QmpError) as problem:
        context.say(f'FAILED: {problem}')
        report.failed.append(f'{case.name}: {first_line(problem)}')
        return None
    report.text.append(f'## {case.name}')
    report.table(['', 's', 'ms of downtime', 'octets', 'CPU s', 'MiB of helpers'], rows(case, moves))
    targets(report, case, moves)
    return case.name, [(name, [spread(one.seconds for one in runs)]) for name, runs in moves.items()]


def run(context):
    report = Report(TITLE)
    report.paragraph('''From one installed QEMU to another.  Seconds are from the command to the source until the destination
        has loaded the guest.  Octets are what bermig sent, for the others QEMU's own count of the memory, which multifd
        makes before it compresses.  CPU seconds are of both
        QEMUs and all that they started, read fifty times a second; memory is that of bermig, socat and zstd, at most.
        QEMU emulates here.  A guest that is not busy stands still while it moves.''')
    chosen = [case for case in cases(context.quick) if is_chosen(case.name, context.guests)]
    panels = [panel for panel in (run_case(context, report, case) for case in chosen) if panel]
    if panels:
        report.chart('migration', chart.bars('Whole moves between two QEMUs', ['time'], panels, 'seconds'))
    return report
