#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# deb.sh - `make deb` builds a package that installs, works and goes again, leaving nothing but a ledger.
#
# It is installed over this machine's own system, in an overlay that nobody else sees: what it and
# dpkg write lies in the overlay's upper layer, which is looked at afterwards.
set -u
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
B=${B:-build}

case $B in *asan*) tap_skip_all "what is packaged is the plain tree" ;; esac
for tool in dpkg-buildpackage dh; do
    command -v $tool >/dev/null || tap_skip_all "no $tool here: tools/bootstrap.sh test installs it"
done
unset MAKEFLAGS MFLAGS MAKELEVEL

if ! tap_run "the package is built" make -s B="$B" deb; then
    tap_done
    exit
fi
deb=$(realpath "$B"/jouletrail_*.deb)
sum=$(sha256sum <"$deb")
# As somebody else, another day.
tap_run "it is built once more" env TZ=Asia/Tokyo LC_ALL=C.UTF-8 sh -c \
    'umask 077; tools/dist/deb.sh "$1" "$2"' sh "$B" "$(sed -n 's/^VERSION := //p' Makefile)"
tap_is "the same commit makes the same bytes" "$(sha256sum <"$deb")" "$sum"
tap_is "its version is the program's" "$(dpkg-deb -f "$deb" Version)" \
    "$("$B/jouletrail" --version | sed 's/^jouletrail //')-1"
tap_is "the libraries that it is linked with are its dependencies" \
    "$(dpkg-deb -f "$deb" Depends | grep -oE '\blib(bpf|dw|curl|microhttpd|ssl)[0-9]*' | sort | paste -sd ' ')" \
    "libbpf1 libcurl4 libdw1 libmicrohttpd12 libssl3"
if command -v lintian >/dev/null; then
    tap_empty "lintian finds nothing" "$(lintian --tag-display-limit 0 \
        --suppress-tags initial-upload-closes-no-bugs "$B"/*.deb 2>&1 |
        grep -v 'running with root privileges')"
else
    tap_skip "lintian finds nothing" "lintian is not installed"
fi

if [ "$(id -u)" -ne 0 ]; then
    tap_skip "it installs and goes again" "needs root"
    tap_done
    exit
fi
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
# The mounts end with the shell that made them.
unshare -m --propagation private bash -s "$work" "$B" >"$work/verdicts" 2>"$work/errors" <<'INSIDE'
work=$1 B=$2
mkdir "$work/root" "$work/layer" || exit 1
mount -t tmpfs -o mode=755 tmpfs "$work/layer" || exit 77
mkdir "$work/layer/upper" "$work/layer/work"
mount -t overlay overlay \
    -o "lowerdir=/,upperdir=$work/layer/upper,workdir=$work/layer/work,index=off" "$work/root" || exit 77
for dir in dev proc sys; do
    mount --rbind "/$dir" "$work/root/$dir" || exit 77
done
upper=$work/layer/upper
mkdir "$work/root/packages"
cp "$B"/*.deb "$work/root/packages"
rm "$work"/root/packages/*-dbgsym_*
# This machine's own ledger is none of ours; nor is every manual page to be read anew each time.
rm -rf "$work/root/var/lib/jouletrail" "$work/root/var/cache/jouletrail" "$work/root/var/lib/man-db/auto-update"

inside() { # COMMAND…: with the package's own programs, and no service manager
    env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 \
        DEBIAN_FRONTEND=noninteractive chroot "$work/root" "$@"
}
ok() { # NAME COMMAND…
    local name=$1

    shift
    if "$@" >>"$work/said" 2>&1; then echo "ok $name"; else echo "bad $name"; fi
}
said() { # PATTERN COMMAND…
    local pattern=$1

    shift
    "$@" 2>&1 | tee -a "$work/said" | grep -q -- "$pattern"
}
# What is in the upper layer beside what dpkg, adduser, ldconfig and man-db keep for themselves.
left() {
    (cd "$upper" && find . ! -type d | sed 's/^\.//' | grep -vE \
        -e '^/(packages/|run/|root/\.|usr/share/info/dir)' \
        -e '^/etc/((passwd|group|shadow|gshadow|subuid|subgid)-?$|\.pwd\.lock$|ld\.so\.cache)' \
        -e '^/var/(log|lib/(dpkg|man-db)|cache/(man|ldconfig|debconf))/' \
        -e '^/var/(lib|cache)/jouletrail$|^/var/lib/systemd/deb-systemd')
    (cd "$work/root" && find etc var lib usr/share usr/lib usr/libexec -xdev -type d -name '*jouletrail*')
}
same_users() { cmp "$work/root/etc/passwd" /etc/passwd && cmp "$work/root/etc/group" /etc/group; }

ok "it installs" inside dpkg -i -R /packages
ok "its files are what was packed" test -z "$(inside dpkg -V jouletrail)"
ok "its user is there" inside getent passwd jouletrail
inside jouletrail doctor >"$work/doctor" 2>&1
ok "doctor runs" grep -qw btf "$work/doctor"
ok "it measures" said 'CPU time' inside jouletrail run --power model -- true
ok "its helpers are found" said 'given nothing' inside jouletrail intensity at --zone GB \
    --intensity uk=http://127.0.0.1:9/ --intensity-cache /tmp
ok "a command's page is found" said 'jouletrail-run.1' inside man -w jouletrail-run
ok "the configuration's page is found" said 'conf.5' inside man -w jouletrail.conf
ok "the completion is where bash looks" said '_jouletrail jouletrail' inside bash -c \
    '. /usr/share/bash-completion/completions/jouletrail && complete -p jouletrail'
if [ -e "$upper/lib/systemd/system/jouletrail.service" ] ||
    [ -e "$upper/usr/lib/systemd/system/jouletrail.service" ]; then
    ok "the service is enabled" test -h \
        "$work/root/etc/systemd/system/multi-user.target.wants/jouletrail.service"
    ok "its configuration is the administrator's" said '^ /etc/jouletrail.conf' \
        inside dpkg-query -W -f '${Conffiles}\n' jouletrail
fi
ok "it installs over itself" inside dpkg -i -R /packages
packages=$(for file in "$work"/root/packages/*; do dpkg-deb -f "$file" Package; done)
for package in $packages; do
    case $package in
    libjouletrail0) ok "its library is found" said libjouletrail.so.0 inside ldconfig -p ;;
    libjouletrail-dev) ok "its headers are there" test -s "$work/root/usr/include/jouletrail/client.h" ;;
    python3-jouletrail) ok "its Python module is found" inside python3 -I -c 'import jouletrail' ;;
    esac
done
# shellcheck disable=SC2086 # names
ok "it is removed" inside dpkg -r $packages
ok "then its programs are gone" test ! -e "$work/root/usr/bin/jouletrail" -a ! -e "$work/root/usr/libexec/jouletrail"
# shellcheck disable=SC2086
ok "it is purged" inside dpkg -P $packages
left >"$work/left"
ok "nothing is left" test ! -s "$work/left"
ok "its user is gone" same_users

ok "it installs again" inside dpkg -i -R /packages
ok "it keeps a ledger" inside jouletrail daemon --power model --duration 1s --tick 1s \
    --ledger /var/lib/jouletrail/ledger
ok "a purge says what stays" said 'stays.*/var/lib/jouletrail' inside dpkg -P jouletrail
ok "a purge leaves the ledger" test -d "$work/root/var/lib/jouletrail/ledger"
ok "a purge leaves the keys" test -d "$work/root/var/lib/jouletrail/keys"
ok "a purge leaves its user" inside getent passwd jouletrail
INSIDE
if [ $? -eq 77 ] || [ ! -s "$work/verdicts" ]; then
    tap_skip "it installs and goes again" "no overlay of this system: $(tail -n 1 "$work/errors")"
else
    tap_verdicts "$work/verdicts"
    if grep -q '^bad' "$work/verdicts"; then
        echo "# it said:"
        cat "$work/errors" "$work/said" "$work/left" 2>/dev/null | tail -n 60 | sed 's/^/# /'
    fi
fi
tap_done
