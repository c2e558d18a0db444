#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# install.sh - `make install` puts every file in its place, and the completion completes.
set -u
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
B=${B:-build}

case $B in *asan*) tap_skip_all "what is installed is the plain tree" ;; esac
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT

# A make of its own: the one that runs this test gives it no jobs.
unset MAKEFLAGS MFLAGS MAKELEVEL
tap_run "installs below DESTDIR" make -s B="$B" DESTDIR="$work" PREFIX=/usr install
tap_run "the program runs from there" "$work/usr/bin/jouletrail" --version
tap_is "its helpers are found from there" "$("$work/usr/bin/jouletrail" intensity at --zone GB \
    --intensity uk=http://127.0.0.1:9/ --intensity-cache "$work/cache" 2>&1 | grep 'neither beside')" ""
rm -rf "$work/cache"
for file in man/man1/jouletrail.1 man/man1/jouletrail-run.1 man/man5/jouletrail.conf.5 \
    bash-completion/completions/jouletrail doc/jouletrail/README.md doc/jouletrail/LICENSE \
    doc/jouletrail/units.md; do
    tap_run "share/$file" test -s "$work/usr/share/$file"
done
tap_run "the Python client runs from there" env PYTHONPATH="$work/usr/share/jouletrail/python" \
    python3 -B -c 'import jouletrail'
for file in usr/lib/systemd/system/jouletrail.service usr/lib/sysusers.d/jouletrail.conf etc/jouletrail.conf; do
    tap_run "$file" test -s "$work/$file"
done
tap_run "the unit starts what is installed" grep -qx 'ExecStart=/usr/bin/jouletrail daemon' \
    "$work/usr/lib/systemd/system/jouletrail.service"
echo 'zone = FR' >"$work/etc/jouletrail.conf"
make -s B="$B" DESTDIR="$work" PREFIX=/usr install
tap_is "a configuration that is there stays" "$(cat "$work/etc/jouletrail.conf")" 'zone = FR'
tap_is "nothing else is touched" "$(cd "$work" && echo ./*)" './etc ./usr'

# complete LINE: what the completion offers at its end, sorted, in one line
complete() {
    # shellcheck disable=SC2016 # for that shell
    PATH="$work/usr/bin:$PATH" bash -uc '
        . "$1"
        COMP_LINE=$2 COMP_POINT=${#2}
        # Words as readline breaks them.
        words=${2//:/ : }
        read -ra COMP_WORDS <<<"${words//=/ = }"
        [ "$2" = "${2%[: =]}" ] || COMP_WORDS+=("")
        COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
        _jouletrail
        printf "%s\n" "${COMPREPLY[@]}" | sort | paste -sd " "
    ' bash "$work/usr/share/bash-completion/completions/jouletrail" "$1"
}
tap_is "completes commands" "$(complete "jouletrail d")" "daemon doctor"
tap_is "completes options" "$(complete "jouletrail verify --k")" "--key --key-dir"
tap_is "completes meters" "$(complete "jouletrail run --power p")" "perf powercap"
tap_is "completes words behind =" "$(complete "jouletrail run --weight=")" "cycles freq smt time"
tap_is "completes what a command has of an option" "$(complete "jouletrail flame --by ")" \
    "process thread"
tap_is "completes zones from the program" "$(complete "jouletrail run --zone FR")" "FR"
tap_is "completes zones with a colon" "$(complete "jouletrail run --zone aws:eu-west-")" \
    "eu-west-1 eu-west-2 eu-west-3"
tap_is "completes files after -o" "$(complete "jouletrail run -o Makef")" "Makefile"
tap_is "completes files beside words" "$(complete "jouletrail plan --forecast Makef")" "Makefile"
tap_is "completes a directory" "$(complete "jouletrail verify too")" "tools"
tap_is "completes forms of a command" "$(complete "jouletrail ledger ")" "export info repair"
tap_is "completes what follows a form" "$(complete "jouletrail ledger info too")" "tools"
tap_is "completes the default" "$(complete "jouletrail run --tick ")" "10s"
tap_is "an unknown command has nothing" "$(complete "jouletrail nonsense ")" ""

# Asked of --help itself, so this is of how it is read.
for command in $("$work/usr/bin/jouletrail" --help | awk '/^  [a-z]/ { print $1 }'); do
    tap_is "$command: the completion knows its options" \
        "$(complete "jouletrail $command -" | tr ' ' '\n' | grep -x -- '--.*' | sort)" \
        "$("$work/usr/bin/jouletrail" "$command" --help | grep -oE '^ +(-., )?--[a-z0-9-]+' |
            grep -oE -- '--.*' | sort)"
done
tap_done
