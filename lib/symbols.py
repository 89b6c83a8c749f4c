#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The functions that public headers declare, as a linker's version script.

usage: symbols.py HEADER...  > FILE

What stands in no public header is local to the library, whatever file it was
compiled in: the map follows the manuals, there is no second list to keep.
"""
import re
import sys

COMMENT = re.compile(r'/\*.*?\*/', re.S)
DIRECTIVE = re.compile(r'^\s*#(?:\\\n|.)*', re.M)
DECLARED = re.compile(r'^(?!static\b|typedef\b)[A-Za-z_][\w\s\*]*?\b(bm_\w+)\s*(?:\(|\[|;)', re.M)


def declared(path):
    with open(path, encoding='utf-8') as header:
        text = DIRECTIVE.sub('', COMMENT.sub('', header.read()))
    return DECLARED.findall(text)


def main(paths):
    names = sorted({name for path in paths for name in declared(path)})
    print('LIBBERMIG_0 {\n    global:')
    for name in names:
        print(f'        {name};')
    print('    local:\n        *;\n};')


if __name__ == '__main__':
    main(sys.argv[1:])
