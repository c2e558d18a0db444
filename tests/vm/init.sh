#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# init.sh - process 1 of a guest: mounts, runs the suites one by one, tells the console, powers off.
#
# What it says is for tools/vm.sh: "@suite NAME", "@tap LINE", "@out LINE", "@status N", "@file LINE"
# (base64 of a tar of /out) and "@end"; all else on the console is the kernel's.
# /etc/suites: the suites, one a line. Kernel parameter jt.cgroup: v2 (default), v1 or hybrid.
export PATH=/bin:/sbin:/usr/bin:/usr/sbin HOME=/root TMPDIR=/tmp
/bin/busybox --install -s /bin

# The firmware leaves the console in the midst of a line.
echo
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
mkdir -p /dev/shm /tmp /out
mount -t tmpfs tmp /tmp
mount -t tmpfs shm /dev/shm
mount -t bpf bpf /sys/fs/bpf
mount -t securityfs security /sys/kernel/security
mount -t tracefs tracefs /sys/kernel/tracing 2>/dev/null
# The console is for what is said below; what the kernel has to say stays in its log.
dmesg -n 1
hostname guest
ln -sf /proc/self/fd /dev/fd
ip link set lo up 2>/dev/null

# Mounts the version 1 cpu controller.
cgroup1_cpu() {
    mkdir -p "$1" && mount -t cgroup -o cpu,cpuacct cpu "$1"
}

case $(sed -n 's/.*jt\.cgroup=\([a-z0-9]*\).*/\1/p' /proc/cmdline) in
v1)
    mount -t tmpfs cgroup /sys/fs/cgroup
    cgroup1_cpu /sys/fs/cgroup/cpu
    ;;
hybrid)
    mount -t tmpfs cgroup /sys/fs/cgroup
    cgroup1_cpu /sys/fs/cgroup/cpu
    mkdir /sys/fs/cgroup/unified && mount -t cgroup2 cgroup2 /sys/fs/cgroup/unified
    ;;
*)
    mount -t cgroup2 cgroup2 /sys/fs/cgroup
    tr ' ' '\n' </sys/fs/cgroup/cgroup.controllers | while read -r controller; do
        echo "+$controller" >/sys/fs/cgroup/cgroup.subtree_control
    done
    mkdir /sys/fs/cgroup/standing
    ;;
esac

# An emulated CPU may run an int3 of patched code after the patching CPU has taken it away: an oops in
# __schedule() or get_page_from_freelist(), or a guest that stands still. So that no code is patched as
# the tests come and go: two probes on each tracepoint that the programs use, BPF statistics on for
# good, and above a group with every controller, as the first one and the last switch some on and off.
echo 1 >/proc/sys/kernel/bpf_stats_enabled
mkdir -p /sys/kernel/tracing/instances/second
for tracing in /sys/kernel/tracing /sys/kernel/tracing/instances/second; do
    echo 0 >$tracing/tracing_on
    for event in sched/sched_switch sched/sched_process_exec sched/sched_process_free task/task_newtask \
        cgroup/cgroup_attach_task; do
        echo 1 >$tracing/events/$event/enable
    done
done 2>/dev/null

cd /jt || exit 1
export B=build JT=build/jouletrail IN_GUEST=1 JT_TEST_SLACK_US=1000 JT_TEST_SCALE=10

# The firmware clears the screen and ends no line.
echo
while read -r suite; do
    echo "@suite $suite"
    : >/tmp/tap
    case $suite in
    *.sh) sh "$suite" >/tmp/tap 2>/tmp/out </dev/null ;;
    *) "./$suite" -j1 --quiet --tap=/tmp/tap >/tmp/out 2>&1 </dev/null ;;
    esac
    status=$?
    sed 's/^/@tap /' /tmp/tap
    grep 'residue.*ppm' /tmp/out | sed 's/^/@tap # /'
    [ "$status" -eq 0 ] || tail -n 60 /tmp/out | cut -c1-200 | sed 's/^/@out /'
    echo "@status $status"
done </etc/suites
[ -z "$(ls /out)" ] || tar -c -z -C /out . | base64 | sed 's/^/@file /'
# What the kernel found wrong with itself or its clocks.
dmesg | grep -E 'BUG:|WARNING:|stall|nstable|skew' | sed 's/^/@tap # /'
echo "@end"
sync
poweroff -f
