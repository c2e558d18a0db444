#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# bench-daemon.sh - what the daemon costs as it is left running: 1,000 processes, 1 s windows, 10 s ticks, metrics.
#
# A tenth of the processes wake once a second, the rest sleep. Its CPU time from outside (/proc/PID/stat, of
# itself and of the processes beside it) and from its own rows in the ledger, over the same minute.
set -u
# shellcheck source=tests/bench/measure.sh
. "$(dirname "$0")/measure.sh"

N=1000
SECONDS_MEASURED=60
JOULETRAIL_CONFIG=$work/conf
export JOULETRAIL_CONFIG
: >"$JOULETRAIL_CONFIG"
"$JT" daemon --zone DE --ledger "$work/ledger" --key-dir "$work/keys" --metrics 127.0.0.1:0 2>"$work/said" &
daemon=$!
crowd=
trap 'kill $daemon $crowd 2>/dev/null; wait 2>/dev/null; rm -rf "$work"' EXIT
until grep -q measuring "$work/said"; do
    kill -0 "$daemon" 2>/dev/null || { cat "$work/said" >&2; exit 1; }
    sleep 0.1
done
port=$(sed -n 's|.*metrics on http://127.0.0.1:\([0-9]*\)/.*|\1|p' "$work/said")

python3 - $N <<'P' &
import os, signal, sys, time
n = int(sys.argv[1])
children = []
for i in range(n):
    pid = os.fork()
    if pid == 0:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        while True:
            time.sleep(1 if i % 10 == 0 else 3600)
    children.append(pid)
def end(*_):
    for pid in children:
        os.kill(pid, signal.SIGKILL)
    os._exit(0)
signal.signal(signal.SIGTERM, end)
signal.pause()
P
crowd=$!
until [ "$(pgrep -c -P $crowd)" -ge $N ]; do sleep 0.2; done
sleep 15 # warm: names, tables, the first ticks
python3 - "$daemon" $SECONDS_MEASURED "$port" >"$work/outside.json" <<'P'
import json, os, re, sys, time, urllib.request
pid, seconds, port = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
tick_ns = 10**9 // os.sysconf("SC_CLK_TCK")
def family(p):
    out = [p]
    for child in open(f"/proc/{p}/task/{p}/children").read().split():
        out += family(int(child))
    return out
def cpu_ns(p):
    return sum(int(open(f"/proc/{p}/task/{t}/schedstat").read().split()[0]) for t in os.listdir(f"/proc/{p}/task"))
def field(text, name):
    return int(re.search(name + r":\s+(\d+)", text).group(1)) * 1024
beside = family(pid)[1:]
begin, own, others = time.monotonic(), cpu_ns(pid), sum(map(cpu_ns, beside))
real = time.time()
end = begin + seconds
while time.monotonic() < end:
    urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics").read()
    time.sleep(5)
wall_ns = int((time.monotonic() - begin) * 1e9)
own, others = cpu_ns(pid) - own, sum(map(cpu_ns, beside)) - others
status = open(f"/proc/{pid}/status").read()
maps = {}
for fd in os.listdir(f"/proc/{pid}/fdinfo"):
    info = open(f"/proc/{pid}/fdinfo/{fd}").read()
    if "map_id" in info:
        maps[re.search(r"map_id:\s+(\d+)", info).group(1)] = int(re.search(r"memlock:\s+(\d+)", info).group(1))
print(json.dumps({"wall_ns": wall_ns, "own_ns": own, "beside_ns": others, "begin_us": int(real * 1e6),
    "end_us": int(time.time() * 1e6), "anon": field(status, "RssAnon"), "rss": field(status, "VmRSS"),
    "maps": sum(maps.values()), "pss": field(open(f"/proc/{pid}/smaps_rollup").read(), "Pss"),
    "beside_anon": sum(field(open(f"/proc/{p}/status").read(), "RssAnon") for p in beside)}))
P
kill -TERM $daemon
wait $daemon
"$JT" ledger export --key-dir "$work/keys" "$work/ledger" 2>/dev/null | python3 -c '
import json, sys
ticks = [r for r in map(json.loads, sys.stdin) if r["k"] == "tick"]
json.dump([{"self_cpu_ns": t["self_cpu_ns"], "from_us": t["window"]["from_us"],
            "to_us": t["window"]["to_us"]} for t in ticks], sys.stdout)' >"$work/ticks.json"
figures '
o, ticks = r
share = 1e6 * o["own_ns"] / o["wall_ns"]
figure("daemon.cpu_ppm_of_a_core", round(share), "ppm", "<= 3000", share <= 3000)
beside = 1e6 * (o["own_ns"] + o["beside_ns"]) / o["wall_ns"]
figure("daemon.cpu_ppm_with_processes_beside", round(beside), "ppm", "", True)
figure("daemon.ticks", len(ticks), "ticks", ">= 6", len(ticks) >= 6)
last = ticks[2:-1]
told = sum(number(t["self_cpu_ns"]) for t in last)
told_ppm = 1e3 * told / (last[-1]["to_us"] - last[0]["from_us"])
figure("daemon.cpu_ppm_by_its_own_row", round(told_ppm), "ppm", "<= 3000", told_ppm <= 3000)
memory = o["anon"] + o["maps"]
figure("daemon.memory_own_and_maps", memory, "bytes", "<= 16777216", memory <= 16 << 20)
figure("daemon.rss_anon", o["anon"], "bytes", "", True)
figure("daemon.bpf_maps", o["maps"], "bytes", "", True)
figure("daemon.pss", o["pss"], "bytes", "", True)
figure("daemon.rss", o["rss"], "bytes", "", True)
' "$work/outside.json" "$work/ticks.json"
