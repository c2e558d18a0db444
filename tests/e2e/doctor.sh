#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# doctor.sh - does each `no` of doctor come with a mend, and does its bundle keep what is nobody's business?
set -u
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
[ "$(id -u)" = 0 ] || tap_skip_all "needs root"
cd "$(dirname "$0")/../.." || exit 1
: "${JT:=build/jouletrail}"
tmp=$(mktemp -d)
load=
group=
trap 'kill $load 2>/dev/null; wait 2>/dev/null; [ -z "$group" ] || rmdir "$group"; rm -rf "$tmp"' EXIT
chmod 755 "$tmp"

# json EXPRESSION: of doctor's JSON as d; c(what): that check
json() {
    python3 -c 'import json, sys
d = json.load(open(sys.argv[1]))
def c(what):
    return next(k for k in d["checks"] if k["what"] == what)
print(eval(sys.argv[2]))' "$tmp/d.json" "$1"
}
doctor() { "$JT" doctor -f json "$@" >"$tmp/d.json" 2>"$tmp/err"; }

# --- this machine ---
doctor
status=$?
tap_is "exit code and JSON agree" "$status" "$(json '0 if d["run_works"] else 1')"
tap_is "each no has a mend" "$(json '[k["what"] for k in d["checks"] if not k["ok"] and not k["fix"]]')" '[]'
tap_is "and no yes has one" "$(json '[k["what"] for k in d["checks"] if k["ok"] and k["fix"]]')" '[]'
tap_is "what users trip over is looked at" "$(json '[w for w in ("btf", "bpf", "lockdown", "perf_event_paranoid",
    "locked memory", "powercap", "cycles", "hierarchy", "synchronised", "user", "keys", "daemon")
    if not any(k["what"] == w for k in d["checks"])]')" '[]'
"$JT" doctor >"$tmp/human" 2>/dev/null
tap_is "people see them too" "$(grep -c '^ *-> ' "$tmp/human")" "$(json 'sum(not k["ok"] for k in d["checks"])')"

# --- machines that are made up: below a root ---
mkdir -p "$tmp/r/sys/kernel/security" "$tmp/r/proc/self" "$tmp/r/proc/sys/net/core" "$tmp/r/sys/fs/cgroup/a/b" \
    "$tmp/r/proc/bus/pci"
echo 'none integrity [confidentiality]' >"$tmp/r/sys/kernel/security/lockdown"
echo 0 >"$tmp/r/proc/sys/net/core/bpf_jit_enable"
echo '0::/a/b' >"$tmp/r/proc/self/cgroup"
echo max >"$tmp/r/sys/fs/cgroup/a/b/memory.max"
echo 16777216 >"$tmp/r/sys/fs/cgroup/a/memory.max"
printf 'model name\t: a CPU\nflags\t: fpu\n' >"$tmp/r/proc/cpuinfo"
printf '0100\t10de2684\t10\n' >"$tmp/r/proc/bus/pci/devices"
doctor --root "$tmp/r"
tap_is "lockdown=confidentiality: whether the programs load decides" \
    "$(json 'c("lockdown")["ok"] == c("bpf")["ok"], "confidentiality" in c("lockdown")["text"]')" "(True, True)"
tap_is "an interpreter in the place of the compiler" "$(json 'c("bpf jit")["ok"], c("bpf jit")["fix"]')" \
    "(False, 'sysctl -w net.core.bpf_jit_enable=1')"
tap_is "a cgroup above with too little memory" "$(json 'c("memory")["ok"], "16 MiB" in c("memory")["text"]')" \
    "(False, True)"
tap_is "no cgroups" "$(json 'c("hierarchy")["fix"].split(";")[0]')" "mount -t cgroup2 none /sys/fs/cgroup"
tap_is "hardware: load the module" "$(json '"modprobe intel_rapl_msr" in c("powercap")["fix"]')" True
tap_is "an NVIDIA card without its driver" "$(json '"nvidia-driver" in c("gpu")["fix"]')" True
printf 'model name\t: a CPU\nflags\t: fpu hypervisor\n' >"$tmp/r/proc/cpuinfo"
echo 'none [integrity] confidentiality' >"$tmp/r/sys/kernel/security/lockdown"
echo 'nonsense' >"$tmp/r/sys/fs/cgroup/a/memory.max"
: >"$tmp/r/proc/bus/pci/devices"
doctor --root "$tmp/r"
tap_is "a guest: nothing to load" "$(json '"virtual machine" in c("powercap")["fix"]')" True
tap_is "and no card, no driver" "$(json '"no NVIDIA" in c("gpu")["fix"]')" True
tap_is "lockdown=integrity is none to us" "$(json 'c("lockdown")["ok"]')" True
tap_is "a limit that is no number is none" "$(json 'c("memory")["ok"]')" True

# --- the daemon's own things ---
mkdir -m 755 "$tmp/keys"
mkdir -m 777 "$tmp/ledger"
chmod 777 "$tmp/ledger"
doctor --ledger "$tmp/ledger" --key-dir "$tmp/keys"
tap_is "keys that others may read" \
    "$(json 'c("keys")["ok"], c("keys")["fix"].startswith("chmod -R go= ")')" "(False, True)"
tap_is "a ledger that others may write to" "$(json 'c("directory")["fix"]')" "chmod go-w $tmp/ledger"
chmod 700 "$tmp/keys" "$tmp/ledger"
doctor --ledger "$tmp/ledger" --key-dir "$tmp/keys"
tap_is "both as they should be" "$(json 'c("keys")["ok"], c("directory")["ok"], "free" in c("room")["text"]')" \
    "(True, True, True)"
doctor --ledger "$tmp/none" --key-dir "$tmp/none"
tap_is "neither there" "$(json 'c("keys")["ok"], c("directory")["fix"]')" "(True, 'install -d -m 750 $tmp/none')"

# --- without privileges ---
as_nobody() { setpriv --reuid 65534 --regid 65534 --clear-groups "$@"; }
# The program may lie where nobody can get to.
cp "$JT" "$tmp/jouletrail"
as_nobody "$tmp/jouletrail" doctor -f json >"$tmp/d.json" 2>"$tmp/err"
tap_is "nobody: run does not work" "$?" 1
tap_is "and should be root" "$(json 'c("accounting")["fix"]')" 'run as root: sudo jouletrail …'
tap_is "each of its noes has a mend too" \
    "$(json '[k["what"] for k in d["checks"] if not k["ok"] and not k["fix"]]')" '[]'

mkdir -m 700 "$tmp/closed"
as_nobody "$tmp/jouletrail" doctor -f json --key-dir "$tmp/closed/keys" --ledger "$tmp/ledger" \
    >"$tmp/d.json" 2>"$tmp/err"
tap_is "keys and a ledger that are not for him" \
    "$(json '[bool(c(w)["fix"]) for w in ("keys", "directory")]')" '[True, True]'

# --- a bundle: markers in all places that could tell of somebody ---
for place in /sys/fs/cgroup/unified /sys/fs/cgroup; do
    [ -f "$place/cgroup.procs" ] && [ -d "$place" ] && mkdir "$place/marker-cgroup-$$" 2>/dev/null &&
        group=$place/marker-cgroup-$$ && break
done
cp "$(command -v sleep)" "$tmp/markercomm"
"$tmp/markercomm" 600 &
load=$!
[ -z "$group" ] || echo $load >"$group/cgroup.procs"
sh -c 'while sleep 1; do :; done' marker-argument &
load="$load $!"
mkdir -p "$tmp/marker-ledger" "$tmp/marker-keys"
echo MARKER-KEY-MATERIAL >"$tmp/marker-keys/ledger.pem"
# shellcheck disable=SC2016 # the inner shell's own
bundle='hostname marker-host && export SUDO_USER=marker-user MARKER_ENV=marker-environment &&
    exec "$1" doctor --ledger "$2/marker-ledger" --key-dir "$2/marker-keys" --bundle "$2/$3"'
unshare --uts sh -c "$bundle" - "$JT" "$tmp" b.tar.gz >"$tmp/told" 2>"$tmp/err"
tap_is "a bundle: exit 0" "$?" 0
tap_is "only its owner may read it" "$(stat -c %a "$tmp/b.tar.gz")" 600
mkdir "$tmp/x"
tap_run "tar reads it" tar -xzf "$tmp/b.tar.gz" -C "$tmp/x"
tap_is "what is in it" "$(cd "$tmp/x" && echo *)" \
    "MANIFEST.txt capture.jsonl cpu.txt doctor.json kernel.txt version.txt"
tap_empty "the manifest names each file and its size" "$(cd "$tmp/x" && for f in *; do
    [ "$f" = MANIFEST.txt ] || grep -qE "^$f +$(wc -c <"$f") bytes" MANIFEST.txt || echo "$f"
done)"
tap_run "the user is shown the manifest" sh -c 'head -n 5 "$1" | cmp - "$2"' - "$tmp/x/MANIFEST.txt" \
    <(head -n 5 "$tmp/told")
tap_run "and that nothing was sent" grep -q 'nothing was sent' "$tmp/told"
tap_empty "no marker is in it: host, user, command, cgroup, environment, ledger, key" \
    "$(grep -rIi marker "$tmp/x" | cut -c1-300)"
tap_empty "nor the name of this host, its path or its keys' directory" \
    "$(h=$(uname -n) && [ ${#h} -ge 3 ] && [ "$h" != localhost ] && grep -rwF -- "$h" "$tmp/x" | cut -c1-300
    grep -rF -- "$tmp" "$tmp/x" | cut -c1-300)"
cp "$tmp/x/doctor.json" "$tmp/d.json"
tap_is "its JSON is whole" "$(json 'd["schema"], c("directory")["ok"]')" "('jouletrail.doctor/1', True)"
tap_is "its capture has ten windows" \
    "$([ "$(grep -c '"k":"window"' "$tmp/x/capture.jsonl")" -ge 10 ] && echo yes)" yes
tap_run "and can be replayed" "$JT" replay "$tmp/x/capture.jsonl"
unshare --uts sh -c "$bundle" - "$JT" "$tmp" b.tar >/dev/null 2>&1
tap_run "without compression too" sh -c 'tar -tf "$1" | grep -qx doctor.json' - "$tmp/b.tar"

mkdir -m 777 "$tmp/open"
chmod 777 "$tmp/open"
as_nobody "$tmp/jouletrail" doctor --bundle "$tmp/open/b.tgz" >"$tmp/told" 2>"$tmp/err"
tap_is "nobody's bundle" "$?" 0
tap_run "says what could not be made" grep -qE 'capture.jsonl +0 bytes.*could not be made' "$tmp/told"
"$JT" doctor --bundle "$tmp/b.zip" 2>"$tmp/err"
tap_is "a name that says no format: exit 2" "$?:$(grep -c 'tar.gz' "$tmp/err")" 2:1
"$JT" doctor --bundle /nonexistent/b.tar.gz >"$tmp/told" 2>"$tmp/err"
tap_is "a file that cannot be written: exit 1" "$?:$(grep -c /nonexistent "$tmp/err"):$(wc -c <"$tmp/told")" 1:1:0
ln -s "$tmp/elsewhere" "$tmp/link.tar.gz"
"$JT" doctor --bundle "$tmp/link.tar.gz" >/dev/null 2>&1
tap_is "a link is not followed" "$?:$([ -e "$tmp/elsewhere" ] && echo made)" 1:

tap_done
