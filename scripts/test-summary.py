#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Sum up what `meson test` wrote about one run.

usage: test-summary.py [--all] TESTLOG.JSON...

Names the tests that failed or were skipped on standard error and prints
"PASSED FAILED SKIPPED" as three numbers.  --all shows also what the others said.
"""
import json
import sys

PASSED = ('OK', 'EXPECTEDFAIL')
LINES_OF_FAILURE = 25


def tests_of(path):
    try:
        with open(path, encoding='utf-8', errors='replace') as file:
            for line in file:
                yield json.loads(line)
    except FileNotFoundError:
        return


def last_lines(test, count):
    text = test.get('stdout', '').rstrip() + '\n' + test.get('stderr', '').rstrip()
    return text.strip().splitlines()[-count:]


def reason_to_skip(test):
    """What the test said; a test that is skipped by its exit status says it last."""
    lines = last_lines(test, 1)
    return lines[0].removeprefix('skipped: ') if lines else 'no reason given'


def tell(text):
    print(text, file=sys.stderr)


def show(test):
    tell(f'    {test["name"]} ({test["duration"]:.0f} s)')
    for line in test.get('stdout', '').splitlines():
        tell('        ' + line)


def count(path, show_all):
    passed = failed = skipped = 0
    for test in tests_of(path):
        result = test['result']
        if result in PASSED:
            passed += 1
            if show_all:
                show(test)
        elif result == 'SKIP':
            skipped += 1
            tell(f'    skipped: {test["name"]}: {reason_to_skip(test)}')
        else:
            failed += 1
            tell(f'    FAILED: {test["name"]} ({result.lower()}, {test["duration"]:.0f} s)')
            for line in last_lines(test, LINES_OF_FAILURE):
                tell('        ' + line)
    return passed, failed, skipped


def main():
    show_all = sys.argv[1:2] == ['--all']
    logs = sys.argv[2 if show_all else 1:]
    if not logs:
        sys.exit(__doc__)
    print(*(sum(column) for column in zip(*(count(log, show_all) for log in logs))))


if __name__ == '__main__':
    main()
