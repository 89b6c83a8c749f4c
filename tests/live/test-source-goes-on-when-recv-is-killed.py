#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""recv dies in the middle of the memory: the guest stays on the source and runs nowhere else."""
import live
from broken import move_that_breaks


def test(folder):
    move_that_breaks(folder, lambda move: move.kill('recv'))


if __name__ == '__main__':
    live.run(test)
