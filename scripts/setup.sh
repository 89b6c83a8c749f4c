#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Installs what bermig is built and tested with, on Debian.
#
#   scripts/setup.sh            the packages that are missing
#   scripts/setup.sh bench      those that ../benchmark compares with
#   scripts/setup.sh analyze-migration.py
#                               fetch QEMU's script of that name into the user's
#                               cache and print its path
#   scripts/setup.sh kernel     fetch a Linux kernel for the demo's guest into
#                               build/cache/ and print its path
#
# Nothing is asked, and nothing is done when nothing is missing, so that a
# machine without network or root goes on working once it is set up.
set -euo pipefail
cd "$(dirname "$0")/.."

build_packages=(gcc meson ninja-build pkg-config libglib2.0-dev libgnutls28-dev libcjson-dev libjson-c-dev
    libxxhash-dev libzstd-dev zlib1g-dev libclang-dev libtasn1-6-dev libtasn1-bin asn1c)
test_packages=(glib-networking libcriterion-dev dumpasn1 openssl zstd python3 file binutils gdb
    binutils-x86-64-linux-gnu qemu-system-x86 qemu-system-arm qemu-utils)
demo_packages=(busybox-static)
bench_packages=(libssl-dev libldap-dev libprotobuf-c-dev libmsgpack-dev libcbor-dev libjson-glib-dev
    socat iproute2 wget xz-utils)

log=$(mktemp)
trap 'rm -f "$log"' EXIT

fail() {
    echo "$1" >&2
    [ ! -s "$log" ] || tail -n 15 "$log" >&2
    exit 1
}

is_installed() {
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

# The tree is formatted with version 14; others differ in places.  Where Debian
# has moved on, ./test skips that check.
formatter() {
    grep -qs '^VERSION_CODENAME=bookworm' /etc/os-release && echo clang-format-14 || echo clang-format
}

# missing_of PACKAGE...: those that are not installed
missing_of() {
    local package
    for package in "$@"; do
        is_installed "$package" || echo "$package"
    done
}

as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif command -v sudo >/dev/null; then
        # Without a terminal a question for the password would wait for ever.
        if [ -t 0 ] && [ -z "${CI:-}" ]; then sudo "$@"; else sudo -n "$@"; fi
    else
        echo 'neither root nor sudo' >&2
        return 1
    fi
}

apt_get() {
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=120 "$@" \
        </dev/null >>"$log" 2>&1
}

install_packages() {
    command -v apt-get >/dev/null ||
        fail "setup: no apt-get here; on another system install what these are for: $*"
    echo "installing packages: $*" | fold -s -w 78
    # Not fatal: one broken source of many still leaves lists to install from.
    apt_get update || true
    apt_get install --no-install-recommends -y "$@" ||
        fail "setup: could not install: $*"
}

kernel_package() {
    apt-cache depends linux-image-cloud-amd64 2>/dev/null |
        sed -n 's/.*Depends: \(linux-image-.*\)/\1/p' | head -n 1
}

# Debian's kernel for virtual machines.  It is unpacked, not installed: the
# user's machine shall not boot from it.
fetch_kernel() {
    local kernel=$PWD/build/cache/vmlinuz scratch=$PWD/build/cache/unpack package
    if [ ! -e "$kernel" ]; then
        rm -rf "$scratch"
        mkdir -p "$scratch"
        package=$(kernel_package)
        [ -n "$package" ] || apt_get update || true
        package=${package:-$(kernel_package)}
        [ -n "$package" ] || fail 'setup: apt knows no linux-image-cloud-amd64'
        (cd "$scratch" && apt-get -qq download "$package" >>"$log" 2>&1) ||
            fail "setup: could not download $package"
        dpkg-deb --fsys-tarfile "$scratch"/*.deb |
            tar -C "$scratch" -xf - --wildcards './boot/vmlinuz-*'
        mv "$scratch"/boot/vmlinuz-* "$kernel"
        rm -r "$scratch"
    fi
    echo "$kernel"
}

# install_missing PACKAGE...
install_missing() {
    local missing
    mapfile -t missing < <(missing_of "$@")
    [ "${#missing[@]}" = 0 ] || install_packages "${missing[@]}"
}

# Not in any package, and under a licence that is not ours: from Debian's source of
# the QEMU that is installed, and into the cache, never into the tree.
fetch_analyze_migration() {
    local cache=${XDG_CACHE_HOME:-$HOME/.cache}/bermig version upstream scratch
    local script=$cache/analyze-migration.py
    if [ ! -s "$script" ]; then
        version=$(dpkg-query -W -f '${source:Version}' qemu-system-x86 2>/dev/null) ||
            fail 'setup: no QEMU is installed'
        upstream=${version#*:}
        upstream=${upstream%-*}
        mkdir -p "$cache"
        scratch=$(mktemp -d)
        wget -q --timeout=30 --tries=2 -O "$scratch/source" \
            "${BERMIG_DEBIAN_MIRROR:-http://deb.debian.org/debian}/pool/main/q/qemu/qemu_$upstream.orig.tar.xz" ||
            { rm -r "$scratch" && fail "setup: could not fetch the source of QEMU $upstream"; }
        tar -C "$scratch" -xJf "$scratch/source" --strip-components=2 --wildcards '*/scripts/analyze-migration.py' ||
            { rm -r "$scratch" && fail 'setup: the source of QEMU has no analyze-migration.py'; }
        mv "$scratch/analyze-migration.py" "$script"
        rm -r "$scratch"
    fi
    echo "$script"
}

case ${1:-packages} in
packages)
    install_missing "${build_packages[@]}" "${test_packages[@]}" "${demo_packages[@]}" "$(formatter)"
    ;;
bench)
    install_missing "${bench_packages[@]}"
    ;;
analyze-migration.py)
    fetch_analyze_migration
    ;;
kernel)
    fetch_kernel
    ;;
*)
    fail 'usage: scripts/setup.sh [packages|bench|analyze-migration.py|kernel]'
    ;;
esac
