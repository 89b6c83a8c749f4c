#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Fetches other versions of QEMU, for moves between versions.
#
#   scripts/qemu-versions.sh            all releases below
#   scripts/qemu-versions.sh RELEASE... only these
#
# prints a line "RELEASE VERSION PROGRAM" for each that is there, and one on
# standard error for each that cannot be had; the exit status is 0 if all are.
#
# The packages of another release of Debian, with all that they depend on down to
# the C library, are unpacked into a folder of their own below
# $XDG_CACHE_HOME/bermig/qemu (~/.cache/bermig/qemu); nothing is installed, and no
# root is needed.  apt resolves, downloads and checks them against the signatures
# of Debian's archive, with a configuration of its own and as if no package were
# installed.  To fetch a release anew, delete its folder.
set -euo pipefail

releases=(bullseye trixie sid) # QEMU 5.2, 10.0, and the newest there is
mirror=${BERMIG_DEBIAN_MIRROR:-http://deb.debian.org/debian}
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
cache=${XDG_CACHE_HOME:-$HOME/.cache}/bermig/qemu
log=$(mktemp)
scratch=
trap 'rm -rf "$log" "$scratch"' EXIT

fail() {
    echo "$1" >&2
    [ ! -s "$log" ] || tail -n 5 "$log" >&2
    return 1
}

# A configuration of apt that knows one release and nothing of this system but
# its proxies.
configure_apt() {
    local release=$1 folder=$2
    mkdir -p "$folder"/etc/apt/{apt.conf.d,preferences.d,sources.list.d} \
        "$folder"/var/lib/apt/lists/partial "$folder"/var/cache/apt/archives/partial
    : >"$folder/status"
    echo "deb [arch=amd64 signed-by=$keyring] $mirror $release main" >"$folder/etc/apt/sources.list"
    {
        apt-config dump --format '%f "%v";%n' Acquire::http Acquire::https
        cat <<END
Dir "$folder";
Dir::State "$folder/var/lib/apt";
Dir::State::status "$folder/status";
Dir::Cache "$folder/var/cache/apt";
APT::Architecture "amd64";
APT::Architectures "amd64";
APT::Install-Recommends "false";
APT::Sandbox::User "";
Acquire::Languages "none";
# Signed, but perhaps old: a release that gets no more updates is wanted as well.
Acquire::Check-Valid-Until "false";
Debug::NoLocking "true";
END
    } >"$folder/apt.conf"
}

download() {
    local release=$1 folder=$2
    configure_apt "$release" "$folder"
    export APT_CONFIG=$folder/apt.conf
    apt-get -q update -o APT::Update::Error-Mode=any &&
        apt-get -q install -y --download-only qemu-system-x86
}

unpack() {
    local folder=$1 root=$2 package
    mkdir -p "$root"
    for package in "$folder"/var/cache/apt/archives/*.deb; do
        # The documentation is a third of it.
        dpkg-deb --fsys-tarfile "$package" | tar -C "$root" -xf - --no-same-owner \
            --exclude='./usr/share/doc/*' --exclude='./usr/share/locale/*' --exclude='./dev/*'
    done
}

# The program with its own loader, libraries, modules and firmware.  (A module that
# it does not have it looks for on this system, and says that it does not fit.)
write_wrapper() {
    cat >"$1" <<'END'
#!/bin/sh
root=$(dirname "$(readlink -f "$0")")/root
lib=lib/x86_64-linux-gnu
loader=$root/$lib/ld-linux-x86-64.so.2
[ -e "$loader" ] || loader=$root/usr/$lib/ld-linux-x86-64.so.2
QEMU_MODULE_DIR=$root/usr/$lib/qemu
export QEMU_MODULE_DIR
exec "$loader" --inhibit-cache --library-path "$root/usr/$lib:$root/$lib" \
    "$root/usr/bin/qemu-system-x86_64" -L "$root/usr/share/qemu" -L "$root/usr/share/seabios" "$@"
END
    chmod +x "$1"
}

version_of() {
    "$1" --version 2>>"$log" | sed -n 's/^QEMU emulator version \([0-9.]*\).*/\1/p'
}

fetch() {
    local release=$1
    scratch=$(mktemp -d "$cache/.$release.XXXXXX")
    (download "$release" "$scratch/apt" && unpack "$scratch/apt" "$scratch/made/root") >"$log" 2>&1 ||
        fail "$release: cannot be fetched from $mirror:" || return
    write_wrapper "$scratch/made/qemu-system-x86_64"
    [ -n "$(version_of "$scratch/made/qemu-system-x86_64")" ] ||
        fail "$release: its QEMU does not start:" || return
    mv "$scratch/made" "$cache/$release"
    rm -rf "$scratch"
}

for tool in apt-get apt-config dpkg-deb; do
    command -v "$tool" >/dev/null || fail "there is no $tool: other versions of QEMU come from Debian's packages"
done
[ "$(uname -m)" = x86_64 ] || fail 'other versions of QEMU are fetched for x86_64 only'
[ $# = 0 ] || releases=("$@")
mkdir -p "$cache"

status=0
for release in "${releases[@]}"; do
    if [ -x "$cache/$release/qemu-system-x86_64" ] || fetch "$release"; then
        program=$cache/$release/qemu-system-x86_64
        echo "$release $(version_of "$program") $program"
    else
        status=1
    fi
done
exit "$status"
