# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# sim.sh - simulated meters for shell suites: source it after tap.sh, then sim_start DIR OPTION….
# shellcheck shell=bash

: "${B:=build}"
: "${JT:=$B/jouletrail}"

# Skips the whole suite where simulated meters cannot be had.
sim_need() {
    [ "$(id -u)" = 0 ] || tap_skip_all "needs root"
    [ -x "$B/raplsim" ] || tap_skip_all "$B/raplsim is not built: libfuse3-dev is not installed"
    [ -c /dev/fuse ] || tap_skip_all "there is no /dev/fuse"
    { : <>/dev/fuse; } 2>/dev/null || tap_skip_all "/dev/fuse cannot be opened"
}

# sim_start DIR OPTION…: meters below DIR until sim_stop DIR; its process is in $sim_pid.
sim_start() {
    local dir=$1 i

    shift
    mkdir -p "$dir"
    "$B/raplsim" "$@" "$dir" &
    sim_pid=$!
    for ((i = 0; i < 600; i++)); do
        [ -e "$dir/truth.json" ] && return 0
        kill -0 "$sim_pid" 2>/dev/null || break
        sleep 0.05
    done
    wait "$sim_pid"
    return 1
}

# sim_stop DIR: it unmounts itself.
sim_stop() {
    umount "$1" 2>/dev/null || umount -l "$1"
    rmdir "$1"
}
