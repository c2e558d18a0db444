#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# control.sh - the control socket: every operation, spans against the process's own clock, and
# clients that are hostile, slow, many or dead.
set -u
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
[ "$(id -u)" = 0 ] || tap_skip_all "needs root"
: "${JT:=build/jouletrail}"
tmp=$(mktemp -d)
chmod 755 "$tmp"
daemon=
trap '[ -z "$daemon" ] || kill -KILL "$daemon" 2>/dev/null; rm -rf "$tmp"' EXIT
socket=$tmp/run/control.sock
ulimit -n 4096
install -m 644 tests/e2e/control_client.py "$tmp/client.py"
# Wrappers that start other programs are in the way of counting processes.
python=$(python3 -c 'import sys; print(sys.executable)')

until_it_answers() {
    until [ -S "$socket" ] && "$python" -c "import socket
socket.socket(socket.AF_UNIX).connect('$socket')" 2>/dev/null; do
        kill -0 "$daemon" 2>/dev/null || {
            tap_fail "it starts" "$(cat "$tmp/err")"
            break
        }
        sleep 0.05
    done
}

# start OPTION…: the daemon; returns when it answers.
start() {
    "$JT" daemon --zone DE --power model --by process --max-tasks 131072 --key-dir "$tmp/keys" \
        --ledger "$tmp/ledger" --control "$socket" "$@" 2>"$tmp/err" &
    daemon=$!
    until_it_answers
}

stop() {
    kill -TERM "$daemon"
    wait "$daemon"
    status=$?
    daemon=
}

# part NAME ARG…
part() {
    "$python" -u "$tmp/client.py" "$1" "$socket" "${@:2}" >"$tmp/verdicts" 2>"$tmp/trouble" ||
        echo "bad $1 came to its end: $(tail -n 1 "$tmp/trouble")" >>"$tmp/verdicts"
    tap_verdicts "$tmp/verdicts"
}

part_of_stranger() { # as a user without privileges, and without processes
    setpriv --reuid 64999 --regid 64999 --clear-groups --inh-caps=-all \
        "$python" -u "$tmp/client.py" stranger "$socket" "$other" >"$tmp/verdicts" \
        2>"$tmp/trouble" ||
        echo "bad stranger came to its end: $(tail -n 1 "$tmp/trouble")" >>"$tmp/verdicts"
    tap_verdicts "$tmp/verdicts"
}

start --interval 100ms --tick 200ms
tap_is "the socket is for its group" "$(stat -c %a "$socket")" 660
for name in operations spans subscriptions bad clients; do part "$name"; done
part targets "$tmp/capture"
if "$JT" replay "$tmp/capture" -f json >"$tmp/replayed" 2>"$tmp/trouble"; then
    tap_pass "a replay takes a span's capture"
else
    tap_fail "a replay takes a span's capture" "$(cat "$tmp/trouble")"
fi
"$JT" daemon --ledger "$tmp/other" --key-dir "$tmp/keys" --control "$socket" >"$tmp/trouble" 2>&1
tap_is "one daemon at a socket" $? 1
tap_is "it says so" "$(cat "$tmp/trouble")" \
    "jouletrail: error: --control: $socket: another program answers there"
part stopping "$daemon"
wait "$daemon"
tap_is "SIGTERM: exit 0" $? 0
daemon=
"$JT" status --control "$socket" >"$tmp/trouble" 2>&1
tap_is "nobody answers there any more" $? 1
tap_run "every record verifies" "$JT" verify "$tmp/ledger" --key-dir "$tmp/keys"

# A daemon that was killed leaves its socket behind.
start --interval 1s --tick 1s --control-mode 0666
kill -KILL "$daemon"
wait "$daemon" 2>/dev/null
daemon=
tap_run "a killed daemon's socket stays" test -S "$socket"
start --interval 1s --tick 1s --control-mode 0666
tap_is "and is taken over, with its mode" "$(stat -c %a "$socket")" 666
sleep 600 &
other=$!
part_of_stranger
stop
tap_is "it ends well" "$status" 0
start --interval 200ms --tick 1s --control-mode 0666
part_of_stranger
kill "$other"
stop
tap_is "it ends well" "$status" 0

(ulimit -n 200 && exec "$JT" daemon --zone DE --power model --max-tasks 131072 --interval 100ms \
    --key-dir "$tmp/keys" --ledger "$tmp/ledger" --control "$socket" 2>"$tmp/err") &
daemon=$!
until_it_answers
part few_files
stop

echo x >"$tmp/file"
"$JT" daemon --ledger "$tmp/other" --key-dir "$tmp/keys" --control "$tmp/file" >"$tmp/trouble" 2>&1
tap_is "what is no socket stays" "$? $(cat "$tmp/file")" "1 x"
"$JT" daemon --ledger "$tmp/other" --key-dir "$tmp/keys" --control-mode 99 >"$tmp/trouble" 2>&1
tap_is "a mode that is none" "$? $(cat "$tmp/trouble")" \
    "2 jouletrail: error: --control-mode: '99' is no mode: 0660 is one"
tap_done
