#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# client.sh - the installed library in programs of others, `status`, and `run` without root.
set -u
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
here=$(cd "$(dirname "$0")/../.." && pwd) || exit 1
cd "$here" || exit 1
[ "$(id -u)" = 0 ] || tap_skip_all "needs root"
B=${B:-build}
: "${JT:=build/jouletrail}"
CC=${CC:-gcc}
CXX=${CXX:-g++}
# Where any user can reach it.
work=$(mktemp -d) || exit 1
daemon=
run=
trap 'kill $daemon $run 2>/dev/null; wait 2>/dev/null; rm -rf "$work"' EXIT
chmod 755 "$work"
mkdir -m 777 "$work/out"
install -m 755 "$JT" "$work/jouletrail"
install -m 644 tests/e2e/client_check.py "$work/check.py"
export JOULETRAIL_SOCKET=$work/control.sock
# The leak checker wants to trace its own process; other users may not.
as() { ASAN_OPTIONS=${ASAN_OPTIONS:-}:detect_leaks=0 setpriv --reuid 65534 --regid 65534 --clear-groups "$@"; }
# one_line FILE TEXT…: it has one line, with all of these in it
one_line() {
    local file=$1 text

    shift
    [ "$(wc -l <"$file")" = 1 ] || return 1
    for text; do grep -qF -- "$text" "$file" || return 1; done
}
said() { if one_line "${@:2}"; then tap_pass "$1"; else tap_fail "$1" "$(cat "$2")"; fi; }

# until_said PID FILE: until there is something in it, or the process has ended
until_said() { while [ ! -s "$2" ] && kill -0 "$1" 2>/dev/null; do sleep 0.05; done; }

# ---- nobody to ask ----
"$JT" status >"$work/o" 2>"$work/err"
tap_is "status without a daemon: exit 1" $? 1
said "… and one line: what, where, what to do" "$work/err" "no daemon" "$JOULETRAIL_SOCKET" "start it" --control
cd / || exit 1
as "$work/jouletrail" run -- true 2>"$work/err"
tap_is "run without root and daemon: exit 1" $? 1
said "… and one line: both ways" "$work/err" "CAP_BPF and CAP_PERFMON" docs/operations.md
"$work/jouletrail" run --control "$work/none" -- true 2>"$work/err"
tap_is "run --control without a daemon: exit 1" $? 1
said "… and one line: which" "$work/err" "$work/none"
cd "$here" || exit 1

# ---- the library, as others get it ----
# symbols -D|-g FILE: what is defined there, sorted
symbols() { nm "$1" --defined-only "$2" | awk 'NF == 3 { print $3 }' | sort; }
case $B in
*asan*) tap_skip "the installed library" "what is installed is the plain tree" ;;
*)
    unset MAKEFLAGS MFLAGS MAKELEVEL
    tap_run "installs" make -s B="$B" PREFIX="$work/usr" install
    lib=$work/usr/lib
    tap_empty "the shared one shows jt_… alone" \
        "$(symbols -D "$lib/libjouletrail.so.0" | grep -vE '^(jt_[a-z_]+@@)?JOULETRAIL_0$')"
    tap_empty "the archive too" "$(symbols -g "$lib/libjouletrail.a" | grep -vxE 'jt_[a-z_]+')"
    declared=$(grep -ohE '\bjt_[a-z_]+\((const )?struct' "$work"/usr/include/jouletrail/*.h | sed 's/(.*//' | sort -u)
    tap_is "it shows all that the headers have" \
        "$(symbols -D "$lib/libjouletrail.so.0" | sed -n 's/@@.*//p')" "$declared"
    tap_is "… and the archive" "$(symbols -g "$lib/libjouletrail.a")" "$declared"
    dynamic() { readelf -d "$lib/libjouletrail.so.0" | sed -n "s/.*$1.*\\[\\(.*\\)\\]/\\1/p"; }
    tap_is "it needs libc alone" "$(dynamic NEEDED)" libc.so.6
    tap_is "its name" "$(dynamic SONAME)" libjouletrail.so.0
    export PKG_CONFIG_PATH=$lib/pkgconfig LD_LIBRARY_PATH=$lib
    read -ra flags <<<"$(pkg-config --cflags --libs jouletrail)"
    tap_run "the example builds as C" \
        "$CC" -std=c11 -O1 -Wall -Wextra -Werror -pedantic docs/client.c "${flags[@]}" -o "$work/example"
    if command -v "$CXX" >/dev/null; then
        tap_run "… as C++" "$CXX" -std=c++17 -O1 -Wall -Wextra -Werror -pedantic -x c++ docs/client.c -x none \
            "${flags[@]}" -o "$work/example++"
    else
        tap_skip "… as C++" "$CXX is not installed"
    fi
    tap_run "… and with the archive" \
        "$CC" -O1 docs/client.c -I"$work/usr/include" "$lib/libjouletrail.a" -o "$work/example-a"
    for example in example example++ example-a; do
        [ -x "$work/$example" ] || continue
        as "$work/$example" >"$work/o" 2>"$work/err"
        tap_is "$example without a daemon: exit 0" $? 0
        said "… it does what it is for" "$work/o" "done: 1.414214"
        said "… and says so once" "$work/err" monitor_only "$JOULETRAIL_SOCKET"
    done
    ;;
esac

# ---- trouble ----
python3 tests/e2e/client_server.py "$work/trouble.sock" >"$work/ready" &
server=$!
until_said $server "$work/ready"
"$JT" status --control "$work/trouble.sock" >"$work/o" 2>"$work/err"
tap_is "a daemon in trouble: exit 3" $? 3
tap_run "… which is told, and harmless to a terminal" \
    grep -qF 'TROUBLE:  the ledger cannot be written: \x1b[31mdisk full' "$work/o"
wait $server

# ---- a daemon ----
"$JT" daemon --ledger "$work/ledger" --key-dir "$work/keys" --zone FR --power model --control-mode 0666 \
    --control "$JOULETRAIL_SOCKET" 2>"$work/daemon.err" &
daemon=$!
windows() { "$JT" status -f json 2>/dev/null | grep -o '"n_windows":[0-9]*' | cut -d: -f2; }
# until_windows N PID: until the daemon has had that many, or the process has ended
until_windows() {
    local n

    until n=$(windows) && [ "${n:-0}" -ge "$1" ] || ! kill -0 "$2" 2>/dev/null; do sleep 0.1; done
}
until_windows 1 $daemon
"$JT" status >"$work/o" 2>"$work/err"
tap_is "status: exit 0" $? 0
tap_run "… it measures, from now on" grep -q "pid $daemon: measuring since 20" "$work/o"
tap_is "… for programs" "$("$JT" status -f json | python3 -c 'import json, sys
d = json.load(sys.stdin)
print(d["state"], d["pid"], d["zone"], d["ledger"]["dir"], d["trouble"])')" "measuring $daemon FR $work/ledger []"
tap_is "who may not know its ledger's place" "$(as "$work/jouletrail" status | grep -c "$work/ledger")" 0

if [ -x "$work/example" ]; then
    cd / || exit 1
    as /usr/bin/python3 "$work/check.py" wait4 "$work/out/cpu" "$work/example" >"$work/o" 2>"$work/err"
    tap_is "the example, as anybody: exit 0" $? 0
    tap_empty "… without a word" "$(cat "$work/err")"
    python3 "$work/check.py" example "$work/o" "$work/out/cpu" >"$work/verdicts"
    tap_verdicts "$work/verdicts"
    cd "$here" || exit 1
fi

# ---- run ----
cat >"$work/command.py" <<'EOF'
import os, resource, sys, time
def burn(ns):
    end = time.process_time_ns() + ns
    while time.process_time_ns() < end:
        pass
pid = os.fork()
burn(300_000_000)
if pid == 0:
    os._exit(0)
os.waitpid(pid, 0)
used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
with open(sys.argv[1], "w") as f:
    print(int(sum(u.ru_utime + u.ru_stime for u in used) * 1e9), file=f)
sys.exit(3)
EOF
command=(/usr/bin/python3 "$work/command.py" "$work/out/used")
cd / || exit 1
as "$work/jouletrail" run -f json -o "$work/out/r.json" -- "${command[@]}" 2>"$work/err"
tap_is "run as anybody: exit as the command" $? 3
tap_empty "… without a word" "$(cat "$work/err")"
python3 "$work/check.py" run "$work/out/r.json" "$work/out/used" | sed 's/ / as anybody: /' >"$work/verdicts"
tap_verdicts "$work/verdicts"
"$work/jouletrail" run --power model -f json -o "$work/out/r.json" -- "${command[@]}"
tap_is "run as root: exit as the command" $? 3
python3 "$work/check.py" run "$work/out/r.json" "$work/out/used" | sed 's/ / as root: /' >"$work/verdicts"
tap_verdicts "$work/verdicts"
as "$work/jouletrail" run --zone PL --capture "$work/out/capture" -- true 2>"$work/err"
tap_run "on another grid than the daemon's" grep -q 'carbon, zone PL' "$work/err"
tap_run "… and who measured is said" grep -q "By the daemon at $JOULETRAIL_SOCKET" "$work/err"
tap_run "its capture replays" "$work/jouletrail" replay "$work/out/capture"
as "$work/jouletrail" run -f csv -- true >"$work/o" 2>"$work/err"
tap_run "as CSV" grep -q '^process,' "$work/o"
as "$work/jouletrail" run -- "$work/none" 2>"$work/err"
tap_is "a command that is not there: 127" $? 127
as "$work/jouletrail" run --control "$JOULETRAIL_SOCKET" --ledger "$work/out/l" -- touch "$work/out/ran" 2>"$work/err"
tap_is "with a ledger of its own: wrong usage" $? 2
tap_is "… and nothing ran" "$([ -e "$work/out/ran" ] && echo ran)" ""
as "$work/jouletrail" run --power gpu -- true 2>"$work/err"
tap_run "a meter of its own: a warning" grep -q 'in its own way: no --power' "$work/err"

if unshare --pid --fork true 2>/dev/null; then
    unshare --pid --fork "$work/jouletrail" run --control "$JOULETRAIL_SOCKET" -- touch "$work/out/ran" 2>"$work/err"
    tap_is "in a PID namespace of its own: exit 1" $? 1
    said "… and one line: why" "$work/err" "another PID namespace"
    tap_is "… and nothing ran there" "$([ -e "$work/out/ran" ] && echo ran)" ""
else
    tap_skip "in a PID namespace of its own" "unshare cannot make one here"
fi

# Not by the function: the shell between would get the signal.
ASAN_OPTIONS=${ASAN_OPTIONS:-}:detect_leaks=0 setpriv --reuid 65534 --regid 65534 --clear-groups \
    "$work/jouletrail" run -o "$work/out/r" -- sh -c "echo up >$work/out/up; exec sleep 600" 2>"$work/err" &
run=$!
until_said $run "$work/out/up"
kill -TERM $run
wait $run
tap_is "SIGTERM is the command's" $? 143
tap_run "… and it is reported" grep -q 'exit status 143' "$work/out/r"

# A daemon that is killed while the command runs, after two windows at least.
cd "$here" || exit 1
(cd / && as "$work/jouletrail" run -o "$work/out/r" -- \
    sh -c "echo up >$work/out/up2; until [ -e $work/out/go ]; do sleep 0.1; done; echo whole") \
    >"$work/o" 2>"$work/err" &
run=$!
until_said $run "$work/out/up2"
until_windows $(($(windows) + 3)) $run
kill -KILL $daemon
wait $daemon 2>/dev/null
touch "$work/out/go"
wait $run
tap_is "a daemon that goes away: exit 1" $? 1
tap_is "… the command goes on" "$(cat "$work/o")" whole
said "… it is said" "$work/err" "time until then"
tap_run "… with the figures until then" grep -q "By the daemon at" "$work/out/r"
daemon=
tap_done
