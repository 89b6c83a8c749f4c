#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Runs a test.  A C test starts again when Criterion could not start the process of one of its
# cases ("Protocol error", seen once in some ten thousand, on a machine with much to do):
# that is no word about what is tested.  A case that ran and failed stays a failure.
case $1 in
*python*) exec "$@" ;;
esac

said=$(mktemp) || exit
trap 'cat "$said" >&2; rm -f "$said"' EXIT
for _ in 1 2 3; do
    "$@" 2>"$said"
    status=$?
    grep -q '^criterion: Could not spawn test instance' "$said" || break
done
exit "$status"
