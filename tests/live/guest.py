# SPDX-License-Identifier: BSD-2-Clause
"""The guests of tests/guest/: how to start them and what their output proves."""
import re

from waiting import Failure, wait_until


class Guest:
    """QEMU's arguments for a guest, and the form of the lines that it prints."""

    def __init__(self, arguments, line):
        self.arguments = arguments
        self._line = re.compile(line, re.MULTILINE)

    def with_arguments(self, *more):
        """The same guest in a machine with more arguments."""
        return Guest([*self.arguments, *more], self._line.pattern)

    def counts(self, text):
        """[(count, rounds of checked memory)] in what a guest printed."""
        return [(int(count), int(rounds)) for count, rounds in self._line.findall(text)]

    def last(self, text):
        return (self.counts(text) or [(0, 0)])[-1]

    def wait_for(self, vm, seconds, count=1, rounds=0):
        """Wait until the guest printed `count` lines and checked `rounds` rounds, all right."""
        def reached():
            text = vm.serial()
            self.expect_right(text)
            if vm.has_ended():
                raise Failure(f'the {vm.name} ended: {vm.stderr().strip()}')
            last = self.last(text)
            return last[0] >= count and last[1] >= rounds
        what = f'count {count} and round {rounds} in the guest of the {vm.name}'
        wait_until(reached, seconds, what)

    def wait_for_more(self, vm, seconds, before=(0, 0), rounds=2):
        """Wait until a guest that was at `before` has counted on and checked all its memory."""
        self.wait_for(vm, seconds, before[0] + 1, before[1] + rounds)

    @staticmethod
    def expect_right(text):
        wrong = re.search('BAD .*|memory WRONG.*', text)
        if wrong:
            raise Failure(f'the guest found its memory changed: {wrong[0]}')

    def expect_no_gap(self, before, after):
        """What a guest printed before and after a move has to be one text: no line is missing.

        Joined they also mend the line during which the guest was moved.
        """
        counts = [count for count, _ in self.counts(before + after)]
        if counts != list(range(1, len(counts) + 1)):
            raise Failure('the guest lost or repeated lines when it was moved: '
                          f'{before[-80:]!r} at the source, {after[:80]!r} at the destination')


def tiny(kernel, mib, pages_per_tick=0, memory=None):
    """The guest of tiny.s with `mib` of memory in use, in a VM that has a little more."""
    memory = memory or mib + 16
    return Guest(['-nodefaults', '-m', str(memory), '-kernel', kernel, '-append', f'{mib} {pages_per_tick}'],
                 r'^ok (\d+) round (\d+)$')


# tests/guest/tiny.ld tells how QEMU misses writes under emulation.  With pti=on
# Linux makes the processor look its pages up anew at each entry to the kernel,
# so that each write is seen in time; without it every third move went wrong, if
# bermig took part or not.
LINUX_OPTIONS = 'console=ttyS0 quiet pti=on'


def linux(kernel, initramfs):
    return Guest(['-nodefaults', '-m', '256', '-kernel', kernel, '-initrd', initramfs, '-append', LINUX_OPTIONS],
                 r'^count (\d+), memory right (\d+) times\r?$')
