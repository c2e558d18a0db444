#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# manual.sh - every command has a manual page that formats, is found, and has its options and no others.
set -u
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
B=${B:-build}

case $B in *asan*) tap_skip_all "the pages of the plain tree are the same" ;; esac
unset MAKEFLAGS MFLAGS MAKELEVEL
tap_run "the pages are made" make -s B="$B" all

tap_run "help COMMAND is COMMAND --help" cmp <("$B/jouletrail" help run) <("$B/jouletrail" run --help)
tap_run "--help is there where the configuration is broken" \
    cmp <(JOULETRAIL_CONFIG=Makefile "$B/jouletrail" run --help) <("$B/jouletrail" run --help)

# options COMMAND: "-x --name ARG" of its --help, a line each
options() {
    "$B/jouletrail" "$1" --help | sed -nE 's/^  (-., |    )(--[a-z0-9-]+)( [^ ]+)?( .*)?$/\1\2\3/p' |
        sed -E 's/^ +//; s/, / /'
}
# page_options PAGE: the same, of its OPTIONS
page_options() {
    sed -n '/^\.SH OPTIONS/,/^\.SH [^O]/p' "$1" | sed -n '/^\.TP$/{n;p;}' |
        sed -E 's/^\.BR? //; s/" *\\fI/ /g; s/\\fR"//g; s/ ", " / /; s/\\-/-/g; s/  +/ /g' |
        sed 's/\\&\.\\|\.\\|\./…/g'
}

commands=$("$B/jouletrail" --help | awk '/^  [a-z]/ { print $1 }')
for command in $commands; do
    page=$B/man/jouletrail-$command.1
    tap_run "$command has a page" test -s "$page"
    tap_is "$command: its page has its options, and no others" "$(page_options "$page")" \
        "$(options "$command")"
    tap_is "$command: the sections of its page" \
        "$(grep -E '^\.SH (NAME|SYNOPSIS|DESCRIPTION|OPTIONS|EXIT STATUS|EXAMPLES|SEE ALSO)$' "$page" |
            cut -c5- | paste -sd ,)" "NAME,SYNOPSIS,DESCRIPTION,OPTIONS,EXIT STATUS,EXAMPLES,SEE ALSO"
done
tap_is "no page is of something else" \
    "$(printf '%s\n' "$B"/man/*.1 | sed -n 's|.*/jouletrail-\(.*\)\.1$|\1|p' | sort)" \
    "$(printf '%s\n' "$commands" | sort)"
tap_is "the overview names every command" \
    "$(sed -nE 's/^\.BR jouletrail\\-([a-z\-]+) \(1\)$/\1/p' "$B/man/jouletrail.1" | sed 's/\\//g')" "$commands"

every=$(for command in $commands; do options "$command"; done | grep -oE -- '--[a-z0-9-]+' | sort -u)
every+=$'\n--version'
tap_empty "no page speaks of an option that there is not" "$(
    grep -oE '\\-\\-[a-z][a-z0-9]*(\\-[a-z0-9]+)*' "$B"/man/*.[15] | sort -u | sed 's/\\//g' |
        while IFS=: read -r page option; do
            grep -qxF -- "$option" <<<"$every" || echo "$page: $option"
        done)"
tap_empty "what is said of options of several commands is of options" "$(
    sed -n 's/^@//p' tools/dist/man/options.in | grep -vxF -- "$every")"
tap_empty "every other page that a page names is there" "$(
    grep -ohE '^\.BR jouletrail[^ ]* \([15]\)' "$B"/man/*.[15] | tr -d '\\()' | sort -u |
        while read -r _ name section; do
            [ -e "$B/man/$name.$section" ] || echo "$name($section)"
        done)"

for page in "$B"/man/*.[15]; do
    name=$(basename "$page")
    if command -v groff >/dev/null; then
        tap_empty "$name formats without a warning" "$(groff -man -Tutf8 -ww -z "$page" 2>&1)"
    else
        tap_skip "$name formats without a warning" "groff is not installed"
    fi
    if command -v lexgrog >/dev/null; then
        tap_is "$name is found by apropos" "$(lexgrog "$page" | sed -E 's/.*: "([^ ]+) - .+"$/\1/')" \
            "${name%.[15]}"
    else
        tap_skip "$name is found by apropos" "man-db is not installed"
    fi
done
tap_done
