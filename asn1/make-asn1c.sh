#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Has asn1c translate the module, and makes a static library of the result.
# Nobody knows in advance which files asn1c writes, so the build system sees
# only the two it can rely on: the library, and a header that includes all
# types of the module.
#
#   make-asn1c.sh [--native] ASN1C AR MODULE FOLDER LIBRARY HEADER CC...
#
# FOLDER is emptied, and then holds the generated sources.  With --native INTEGERs
# are C longs; without it they keep all their octets, since a long has no room for
# the upper half of the 64-bit unsigned values.
set -eu
integers=-fwide-types
if [ "$1" = --native ]; then
    integers=
    shift
fi
asn1c=$1 ar=$2 module=$(realpath "$3") folder=$4
mkdir -p "$folder"
folder=$(realpath "$folder") library=$(realpath "$5") header=$(realpath "$6")
shift 6

rm -rf "$folder"
mkdir -p "$folder"
cd "$folder"

if ! "$asn1c" -fcompound-names $integers "$module" >asn1c.log 2>&1; then
    cat asn1c.log >&2
    exit 1
fi
rm converter-sample.c

# Neither the warnings nor the aliasing of generated code can be mended here.
"$@" -w -O2 -g -fPIC -fno-strict-aliasing -I. -c ./*.c
rm -f "$library"
"$ar" rcs "$library" ./*.o
rm ./*.o

# The headers of the module's types are the ones that are not of the runtime.
sed -n 's/^\([A-Z][A-Za-z0-9]*\) ::=.*/#include "\1.h"/p' "$module" >"$header"
