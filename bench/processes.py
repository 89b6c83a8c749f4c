# SPDX-License-Identifier: BSD-2-Clause
"""Running a program and knowing what it took (took.c)."""
import dataclasses
import os
import subprocess
import threading

TOOK = 'bench/took'     # in the build folder


@dataclasses.dataclass
class Took:
    seconds: float      # on the wall
    cpu: float          # processor seconds
    peak: int           # octets of memory


class Failed(Exception):
    """A program of a benchmark failed; the text says which and how."""


class Runner:
    def __init__(self, build):
        self._took = os.path.join(build, TOOK)

    def run(self, command, feed=None, stdout=subprocess.DEVNULL, statuses=(0,)):
        """What `command` took until its end, which must have one of the exit statuses.

        `feed(write)` is called to fill its standard input, in a thread.
        """
        reading, writing = os.pipe()
        process = subprocess.Popen([self._took, str(writing), *command], stdout=stdout, stderr=subprocess.PIPE,
                                   stdin=subprocess.PIPE if feed else subprocess.DEVNULL, pass_fds=[writing])
        os.close(writing)
        if feed:
            threading.Thread(target=_feed, args=(feed, process.stdin), daemon=True).start()
        with os.fdopen(reading) as report, process.stderr as errors:
            said = errors.read()
            text = report.read()
        if process.wait() not in statuses:
            raise Failed(f'{" ".join(command)} ended with {process.returncode}: '
                         f'{said.decode(errors="replace").strip()[-300:]}')
        seconds, cpu, peak = text.split()
        return Took(float(seconds), float(cpu), int(peak) * 1024)

    def run_into_pipe(self, command):
        """The same with its output through a pipe, from which somebody reads and forgets."""
        reader = subprocess.Popen(['cat'], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
        try:
            return self.run(command, stdout=reader.stdin)
        finally:
            reader.stdin.close()
            reader.wait()


def _feed(feed, pipe):
    try:
        feed(pipe.write)
        pipe.close()
    except BrokenPipeError:
        pass
