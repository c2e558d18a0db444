#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# vm-fetch.sh - Debian kernels, libraries and systems for guests: fetched and unpacked, never installed.
#
#   tools/vm-fetch.sh kernel SUITE ARCH              prints a directory with vmlinuz and release
#   tools/vm-fetch.sh headers SUITE ARCH             prints a tree in which modules for it are built
#   tools/vm-fetch.sh sysroot SUITE ARCH PACKAGE…    prints a directory to compile and link against
#   tools/vm-fetch.sh system SUITE ARCH PACKAGE…     prints a whole Debian that boots, with systemd
#
# apt does the work with a state of its own, so the machine's packages and lists are left alone; the
# mirror and the proxy are those that the machine's apt is set up with. Package names are resolved
# when they are fetched: the newest kernel of the suite. What was fetched stays in $VM_CACHE
# (B/vm) until that is removed. Exit status 3: cannot be fetched; standard error says why.
set -eu
cd "$(dirname "$0")/.."
VM_CACHE=${VM_CACHE:-${B:-build}/vm}

die() {
    printf 'vm-fetch: %s\n' "$*" >&2
    exit 3
}

# The first plain Debian archive of the machine's apt: "URI KEYRING", the keyring perhaps empty.
mirror() {
    apt-get indextargets --format "\$(REPO_URI) \$(RELEASE) \$(COMPONENT) \$(SIGNED_BY)" \
        'Created-By: Packages' 2>/dev/null |
        awk '$2 !~ /[\/-]/ && $3 == "main" { print $1, $4; exit }'
}

# apt_private: makes the private state of SUITE-ARCH in $work and sets the array apt_options.
apt_private() {
    local uri keyring=/usr/share/keyrings/debian-archive-keyring.gpg

    command -v apt-get >/dev/null || die "no apt here"
    read -r uri _ <<<"$(mirror)"
    [ -n "$uri" ] || die "the machine's apt names no Debian mirror"
    mkdir -p "$work/lists/partial" "$work/archives/partial"
    : >"$work/status"
    : >"$work/apt.conf"
    printf 'deb [arch=%s%s] %s %s main\n' "$arch" \
        "$([ ! -r "$keyring" ] || echo " signed-by=$keyring")" "$uri" "$suite" >"$work/sources.list"
    apt_options=(-o "Dir::State=$work" -o "Dir::State::status=$work/status"
        -o "Dir::State::lists=$work/lists" -o "Dir::Cache=$work"
        -o "Dir::Etc::sourcelist=$work/sources.list" -o Dir::Etc::sourceparts=/dev/null
        -o Dir::Etc::preferencesparts=/dev/null -o "APT::Architecture=$arch"
        -o "APT::Architectures=$arch" -o Acquire::Languages=none -o APT::Sandbox::User=root
        -o APT::Update::Error-Mode=any -o Acquire::Retries=2 -o Dpkg::Use-Pty=0)
    apt-get "${apt_options[@]}" -qq update >"$work/log" 2>&1 ||
        die "no package lists of Debian $suite $arch: $(grep -m1 '^E:' "$work/log" || tail -n1 "$work/log")"
}

# depends PACKAGE: what it depends on, one a line
depends() {
    apt-cache "${apt_options[@]}" depends --important "$1" | sed -n 's/^ *Depends: \([^<]*\)$/\1/p'
}

# Only the kernel image is kept: what a guest needs of modules is built in.
fetch_kernel() {
    local flavour=cloud-$arch package binary deb image

    package=$(depends "linux-image-$flavour" | grep -m1 '^linux-image-[0-9]') ||
        die "Debian $suite has no linux-image-$flavour"
    # Split since 7.0: the image lies in a package that linux-image-… depends on.
    binary=$(depends "$package" | grep -m1 '^linux-binary-[0-9]') || binary=$package
    (cd "$work/archives" && apt-get "${apt_options[@]}" -qq download "$binary") >"$work/log" 2>&1 ||
        die "cannot download $binary: $(tail -n1 "$work/log")"
    deb=$(echo "$work/archives/$binary"_*.deb)
    image=$(dpkg-deb --fsys-tarfile "$deb" | tar -t | awk '/\/vmlinuz(-[^\/]*)?$/ && !n++') ||
        die "$binary holds no vmlinuz"
    mkdir "$work/unpacked"
    dpkg-deb --fsys-tarfile "$deb" | tar -xO "$image" >"$work/unpacked/vmlinuz"
    echo "${package#linux-image-}" >"$work/unpacked/release"
}

# Of the same release as the kernel: the newest one may be another by now. Its makefiles name places
# of an installed package.
fetch_headers() {
    local release package deb file

    release=$(cat "$(tools/vm-fetch.sh kernel "$suite" "$arch")/release")
    for package in "linux-headers-$release" $(depends "linux-headers-$release" |
        grep -E '^linux-(headers-.*-common|kbuild-)'); do
        (cd "$work/archives" && apt-get "${apt_options[@]}" -qq download "$package") >"$work/log" 2>&1 ||
            die "cannot download $package: $(tail -n1 "$work/log")"
    done
    mkdir "$work/unpacked"
    for deb in "$work"/archives/*.deb; do
        dpkg-deb --fsys-tarfile "$deb" | tar -x -C "$work/unpacked"
    done
    grep -rlE --include=Makefile '/usr/(src|lib)/linux' "$work/unpacked/usr/src" | while read -r file; do
        sed -i -E "s|([ =])/usr/(src\|lib)/linux|\1$target/usr/\2/linux|g" "$file"
    done
    ln -s "usr/src/linux-headers-$release" "$work/unpacked/build"
}

# The packages and all that they depend on, as if on an empty machine.
fetch_sysroot() {
    local deb

    apt-get "${apt_options[@]}" -qq -y --no-install-recommends --download-only install "$@" \
        >"$work/log" 2>&1 || die "cannot download $*: $(grep -m1 '^E:' "$work/log")"
    mkdir "$work/unpacked"
    for deb in "$work"/archives/*.deb; do
        dpkg-deb --fsys-tarfile "$deb" |
            tar -x -C "$work/unpacked" --exclude ./usr/share --exclude ./etc --exclude ./var
    done
}

# A minute's work: every package is configured.
fetch_system() {
    local uri packages

    command -v mmdebstrap >/dev/null || die "no mmdebstrap here: tools/bootstrap.sh vm installs it"
    [ "$(id -u)" -eq 0 ] || die "a system is made by root only"
    read -r uri _ <<<"$(mirror)"
    packages=$(printf '%s,' systemd-sysv dbus "$@")
    mmdebstrap --quiet --variant=minbase --mode=root --architectures="$arch" \
        --include="${packages%,}" --dpkgopt='path-exclude=/usr/share/doc/*' \
        --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
        "$suite" "$work/unpacked" "deb $uri $suite main" >"$work/log" 2>&1 ||
        die "cannot make a system of $suite: $(grep -m1 '^E:' "$work/log" || tail -n1 "$work/log")"
}

[ $# -ge 3 ] || die "usage: vm-fetch.sh kernel|headers|sysroot|system SUITE ARCH [PACKAGE…]"
what=$1 suite=$2 arch=$3
shift 3
mkdir -p "$VM_CACHE"
VM_CACHE=$(cd "$VM_CACHE" && pwd)
target=$VM_CACHE/$what-$suite-$arch
# A sysroot is of the packages that it was asked for.
if [ ! -d "$target" ] || [ "$(cat "$target/packages" 2>/dev/null)" != "$*" ]; then
    work=$(mktemp -d "$VM_CACHE/fetch.XXXXXX")
    trap 'rm -rf "$work"' EXIT
    apt_private
    "fetch_$what" "$@"
    [ $# -eq 0 ] || echo "$*" >"$work/unpacked/packages"
    rm -rf "$target"
    mv "$work/unpacked" "$target"
fi
echo "$target"
