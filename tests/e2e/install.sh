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
for file in man/man1/jouletrail.1 bash-completion/completions/jouletrail doc/jouletrail/README.md \
    doc/jouletrail/LICENSE doc/jouletrail/units.md; do
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

# complete WORD…: what the completion offers for the last word, sorted, in one line
complete_words() {
    PATH="$work/usr/bin:$PATH" bash -c '
        . "$1"; shift
        COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
        _jouletrail
        printf "%s\n" "${COMPREPLY[@]}" | sort | paste -sd " "
    ' bash "$work/usr/share/bash-completion/completions/jouletrail" "$@"
}
tap_is "completes subcommands" "$(complete_words jouletrail d)" "daemon doctor"
tap_is "completes options" "$(complete_words jouletrail verify --k)" "--key --key-dir"
tap_is "completes meters" "$(complete_words jouletrail run -p p)" "perf powercap"
tap_is "completes zones from the program" "$(complete_words jouletrail run --zone FR)" "FR"
tap_is "completes files after -o" "$(complete_words jouletrail run -o Makef)" "Makefile"

# The completion has exactly the long options of --help; the manual page names them all.
for command in run top daemon verify intensity calibrate doctor plan whatif api; do
    help=$("$work/usr/bin/jouletrail" $command --help | grep -oE '^ +(-., )?--[a-z-]+' |
        grep -oE -- '--[a-z-]+' | sort | paste -sd ' ')
    offered=$(complete_words jouletrail $command - | tr ' ' '\n' | grep -xE -- '--[a-z-]+' |
        sort | paste -sd ' ')
    tap_is "$command: the completion knows its options" "$offered" "$help"
    missing=$(printf '%s\n' "$help" | tr ' ' '\n' | while read -r option; do
        [ "$option" = --help ] ||
            sed 's/\\-/-/g' tools/dist/jouletrail.1 | grep -qF -- "$option" || echo "$option"
    done)
    tap_empty "$command: the manual page knows its options" "$missing"
done
tap_done
