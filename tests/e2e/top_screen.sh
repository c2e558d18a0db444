#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# top_screen.sh - `jouletrail top` on a terminal: what it shows adds up, keys do what they say, and
# however it ends the terminal is as it was.
set -u
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
[ "$(id -u)" = 0 ] || tap_skip_all "needs root"
command -v tmux >/dev/null || tap_skip_all "tmux is not installed"
: "${JT:=build/jouletrail}"
tmp=$(mktemp -d)
trap 'kill $spin $odd 2>/dev/null; tmux kill-server 2>/dev/null; rm -rf "$tmp"' EXIT
spin=
odd=
# A server of our own, whatever runs here.
export TMUX_TMPDIR=$tmp
unset TMUX
export LC_ALL=C.UTF-8
# Others may have many thousand tasks: room for all of them.
top="$JT top --max-tasks 131072 --zone FR --interval 300ms"

tmux() { command tmux -u -f /dev/null -L jouletrail "$@"; }
screen() { tmux capture-pane -p -t pane; }
keys() { tmux send-keys -t pane "$@"; }
# seen PATTERN [COMMAND]: waits until the screen shows it; not for long if it is there, however
# slow the machine. COMMAND (screen) prints what is looked at.
seen() {
    local i

    for ((i = 0; i < 450; i++)); do
        "${2:-screen}" >"$tmp/screen" 2>/dev/null
        grep -qE -- "$1" "$tmp/screen" && return 0
        sleep 0.1
    done
    return 1
}
# shows NAME PATTERN [COMMAND]: a test of seen
shows() {
    if seen "$2" "${3:-screen}"; then
        tap_pass "$1"
    else
        tap_fail "$1" "no '$2' in:
$(cat "$tmp/screen")"
    fi
}
# start COLUMNS LINES COMMAND: in a shell that says what became of it and of the terminal
start() {
    tmux kill-session -t pane 2>/dev/null
    cat >"$tmp/shell" <<S
stty -g >"$tmp/before"
$3
echo "ended \$?"
stty -g >"$tmp/after"
cmp -s "$tmp/before" "$tmp/after" && echo "as it was"
exec sleep 1000
S
    tmux new-session -d -s shell -x 10 -y 5 "sleep 1000" 2>/dev/null
    tmux set-option -g default-terminal "${TERMINAL:-tmux-256color}"
    tmux new-session -d -s pane -x "$1" -y "$2" "bash $tmp/shell"
}
# The program in the pane.
pid() { pgrep -P "$(tmux list-panes -t pane -F '#{pane_pid}')" -x jouletrail; }

cp "$(command -v bash)" "$tmp/jt-spin"
nice -n 19 "$tmp/jt-spin" -c 'while :; do :; done' &
spin=$!

# --- what is shown ---
start 100 30 "$top"
shows "a full screen with the host's power, its interval and where it is from" \
    '^.*jouletrail +[0-9.]+ [mk]?W [[±].*\((measured|modelled)\)'
shows "the rate of carbon, and the grid that it is of" 'CO2e/h .*since start .*zone FR [0-9.]+ g/kWh'
shows "a line for the host" '^ host +[0-9]'
# adds_up TITLE: the rows, others, not attributed and idle are the host's figure, as shown
adds_up() {
    screen | python3 -c 'import re, sys
lines = sys.stdin.read().split("\n")
first = next(i for i, l in enumerate(lines) if "Consumer" in l)
last = next(i for i, l in enumerate(lines) if l.startswith(" host "))
edge = re.search(sys.argv[1] + "[▾▴]?", lines[first]).end()
def figure(line):
    found = re.search(r"([0-9]+)\.?([0-9]*)$", line[:edge])
    return int(found[1] + found[2]) if found else 0
rows = [figure(l) for l in lines[first + 1:last]]
print("adds up" if sum(rows) == figure(lines[last]) > 0 else "\n".join(lines))' "$1"
}
tap_is "powers add up on the screen" "$(adds_up 'Power .?W')" "adds up"
tap_is "so do parts of the host" "$(adds_up 'Host %')" "adds up"

# --- keys ---
keys / j t - s p
shows "a filter follows every letter" '^ /jt-sp_'
keys i n Enter
seen 'pid'
shows "the process that is looked for" '^ jt-spin +[0-9]+ +[0-9]'
shows "and the others in one line" '^ [0-9]+ others +[0-9]'
tap_is "still adding up" "$(adds_up 'Power .?W')" "adds up"
keys Escape
shows "Esc shows all again" '^ q quit'
keys '>'
shows "sorted by another column" 'Energy .?J▾'
keys r
shows "the other way round" 'Energy .?J▴'
keys r '<'
shows "and back" 'Power .?W▾'
keys e
shows "by energy since the start" 'p pause.*|e power'
keys e t
shows "a tree has branches" '^ +▾ '
tap_is "which add up too" "$(adds_up 'Power .?W')" "adds up"
keys t Down Down
shows "a row is chosen" '^>'
keys Enter
shows "details of the row" 'power now'
shows "how sure they are" 'Uncertainty of its carbon'
keys Escape p
shows "the screen stands" 'PAUSED'
keys p h
shows "help" 'How it adds up'
keys q b
shows "another grouping is offered" 'container'
keys Down Enter
shows "and measured" 'by cgroup'
shows "from its start" '^ host +[0-9]'
tap_is "adding up again" "$(adds_up 'Power .?W')" "adds up"

# --- names are bytes ---
cp "$(command -v bash)" "$tmp/"$'jt\x1b[2J\xff'
nice -n 19 "$tmp/"$'jt\x1b[2J\xff' -c 'while :; do :; done' &
odd=$!
keys b Up Enter
shows "back to processes" 'by process'
keys / j t
shows "no name moves the cursor" '^ jt\\x1b\[2J\\xff'
kill "$odd"
keys Escape Home

# --- sizes ---
foot() { screen | grep -nE '^ host' | cut -d: -f1; }
for size in "80 24" "40 10" "20 5" "9 3" "150 50"; do
    read -r columns lines <<<"$size"
    tmux resize-window -t pane -x "$columns" -y "$lines"
    shows "at $columns x $lines the host is at the foot" \
        "^$((lines >= 8 ? lines - 1 : lines))\$" foot
done

# --- the end, in every way ---
keys q
shows "q ends it with 0" '^ended 0'
shows "and the terminal is as it was" '^as it was'
for signal in TERM ABRT; do
    start 80 24 "$top 2>/dev/null"
    seen '^ host +[0-9]'
    kill -s "$signal" "$(pid)"
    shows "SIG$signal ends it" '^ended [01]'
    shows "SIG$signal leaves the terminal as it was" '^as it was'
done
start 80 24 "bash --norc -i"
keys "$top" Enter
seen '^ host +[0-9]'
keys C-z
shows "Ctrl-Z stops it" 'Stopped'
keys fg Enter
shows "fg goes on" '^ host +[0-9]'
keys q
seen '\$ $'
keys "stty -a" Enter
shows "with the terminal as it was" ' icanon.* echo '

# --- other terminals ---
coloured() { tmux capture-pane -p -e -t pane | sed 's/\x1b/E/g'; }
start 80 24 "$top"
seen '^ host +[0-9]'
shows "colours where there are" 'E\[([0-9;]*;)?(3[0-9]|38;5;[0-9]+)m' coloured
start 80 24 "NO_COLOR=1 $top"
seen '^ host +[0-9]'
coloured >"$tmp/screen"
tap_run "none with NO_COLOR" sh -c '! grep -E "E\[([0-9;]*;)?(3[0-8]|38;5;[0-9]+)m" "$1"' - "$tmp/screen"
start 80 24 "LC_ALL=C $top"
seen '^ host +[0-9]'
tap_is "ASCII where the locale is" "$(screen | LC_ALL=C tr -d '\000-\177' | wc -c)" 0
said() { tmux capture-pane -p -S - -t pane; }
for name in dumb nonsense ''; do
    start 100 24 "TERM=$name $top"
    shows "TERM='$name': plain blocks" 'the host: ' said
    shows "and one line that says why" '^jouletrail: no full screen: TERM' said
    keys C-c
    shows "to the end" 'ended 0'
done
start 100 24 "$top --plain"
shows "blocks on request" 'the host: ' said
tap_is "without a terminal no word of it" \
    "$($top 2>"$tmp/err" </dev/null | sed -n '/the host:/{s/.*the host:.*/blocks/p;q}')" \
    "blocks"
tap_is "nor on standard error" "$(grep -c 'full screen' "$tmp/err")" 0
tap_done
