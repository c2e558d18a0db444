#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# deb.sh - Debian packages out of a built tree: what `make deb` runs.
#
#   tools/dist/deb.sh B VERSION      -> B/jouletrail_VERSION-1_ARCH.deb
#
# tools/dist/debian is used from a copy below B. The same commit gives the same bytes: times are
# SOURCE_DATE_EPOCH, or else that of the last commit (of the change log, where there is no git).
set -eu
B=$1
version=$2
top=$(cd "$(dirname "$0")/../.." && pwd)
cd "$top"

for tool in dpkg-buildpackage dh; do
    if ! command -v $tool >/dev/null; then
        echo "make deb: no $tool here: apt-get install dpkg-dev debhelper dh-python" >&2
        exit 1
    fi
done
if [ -z "${SOURCE_DATE_EPOCH:-}" ]; then
    SOURCE_DATE_EPOCH=$(git log -1 --format=%ct 2>/dev/null || stat -c %Y docs/CHANGELOG.md)
fi
export SOURCE_DATE_EPOCH

mkdir -p "$B"
B=$(cd "$B" && pwd)
rm -rf "$B/deb"
mkdir -p "$B/deb/jouletrail"
cp -r tools/dist/debian "$B/deb/jouletrail/debian"
cd "$B/deb/jouletrail"
maintainer=$(sed -n 's/^Maintainer: //p' debian/control)
cat >debian/changelog <<CHANGES
jouletrail ($version-1) unstable; urgency=medium

  * What changed is in changelog.gz.

 -- $maintainer  $(date -u -R -d "@$SOURCE_DATE_EPOCH")
CHANGES
unset MAKEFLAGS MFLAGS MAKELEVEL
if ! TOP=$top B=$B dpkg-buildpackage -b -us -uc >"$B/deb/log" 2>&1; then
    tail -n 30 "$B/deb/log" >&2
    echo "make deb: the whole log is $B/deb/log" >&2
    exit 1
fi
rm -f "$B"/*.deb
mv ../*.deb "$B"
