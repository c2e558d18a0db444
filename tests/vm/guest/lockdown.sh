#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# lockdown.sh - in a guest booted with lockdown=confidentiality: it works, or one line says why not.
# shellcheck source=tests/tap.sh
. tests/tap.sh
: "${JT:=build/jouletrail}"

tap_is "the kernel is locked down" "$(grep -o '\[confidentiality\]' /sys/kernel/security/lockdown)" \
    "[confidentiality]"
if "$JT" run -o /tmp/report -- true 2>/tmp/err; then
    tap_pass "run works"
    tap_run "and doctor says so" "$JT" doctor
    "$JT" run --by container -f csv -o /tmp/names -- sh -c 'cd /sys/fs/cgroup && mkdir lxc.payload.web &&
        (echo 0 >lxc.payload.web/cgroup.procs; exec sha256sum /jt/build/jouletrail) && rmdir lxc.payload.web'
    tap_run "a container that is gone is named" grep -q '^container,web,web,.*/lxc.payload.web,' /tmp/names
else
    tap_is "run is refused in one line" "$(wc -l </tmp/err)" 1
    tap_run "that names the lockdown: $(cat /tmp/err)" grep -q lockdown /tmp/err
    "$JT" doctor >/tmp/doctor
    tap_is "doctor does not promise what run cannot do" "$?" 1
    tap_run "and names the lockdown" grep -q 'NO.*lockdown' /tmp/doctor
fi
tap_done
