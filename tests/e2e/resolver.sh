#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# resolver.sh - do the names that only a runtime knows reach the outputs, and no trouble of theirs?
set -u
cd "$(dirname "$0")/../.." || exit 1
# shellcheck source=tests/tap.sh
. tests/tap.sh
JT=${JT:-${B:=build}/jouletrail}

[ "$(id -u)" -eq 0 ] || tap_skip_all "needs root"
v2=/sys/fs/cgroup
[ -e $v2/cgroup.procs ] || v2=/sys/fs/cgroup/unified
[ -w $v2/cgroup.procs ] || tap_skip_all "no cgroup v2 hierarchy to write to"
# State files lie where runtimes keep them, for this suite alone.
if [ -z "${RESOLVER_APART:-}" ]; then
    unshare -m --propagation private true 2>/dev/null ||
        tap_skip_all "mounts of its own are not allowed here"
    RESOLVER_APART=1 exec unshare -m --propagation private "$0"
fi
for directory in /run /var/lib /var/log; do
    mount -t tmpfs tmpfs $directory || tap_skip_all "no tmpfs on $directory"
done
tmp=$(mktemp -d /tmp/jouletrail-e2e-XXXXXX)
top=$v2/jouletrail-test-$$
trap 'find "$top" -depth -type d -exec rmdir {} + 2>/dev/null; rm -rf "$tmp"' EXIT
mkdir "$top"

# cid N: the id of a container
cid() {
    printf '%064x' "$1"
}

uid=8a7e5f3c-1b2d-4e6f-9a8b-7c6d5e4f3a2b
pod=kubepods.slice/kubepods-pod${uid//-/_}.slice
mkdir -p /var/lib/docker/containers/"$(cid 1)" /var/lib/docker/containers/"$(cid 2)" \
    /var/lib/docker/containers/"$(cid 3)" /var/log/pods/prod_web-0_$uid \
    /run/containerd/io.containerd.runtime.v2.task/k8s.io/"$(cid 4)"
echo '{"Name":"/web","Config":{"Image":"nginx:1.25","Labels":{"team":"blue","secret":"x"}}}' \
    >/var/lib/docker/containers/"$(cid 1)"/config.v2.json
chmod 700 /var/lib/docker
chmod 600 /var/lib/docker/containers/*/config.v2.json
echo '{"Name":"/half","Config":' >/var/lib/docker/containers/"$(cid 2)"/config.v2.json
# What it is called would break a line, a row, a terminal or a record.
printf '%s\n' '{"Name":"/\u001b[2J\n\",\"k\":\"tick\",\"x=",' \
    '"Config":{"Image":"a,b\"\r\n","Labels":{"team":"b,l=u\\e\n"}}}' \
    >/var/lib/docker/containers/"$(cid 3)"/config.v2.json
echo '{"annotations":{"io.kubernetes.cri.container-type":"container",
"io.kubernetes.cri.container-name":"nginx","io.kubernetes.cri.image-name":"nginx:2",
"io.kubernetes.cri.sandbox-name":"web-0","io.kubernetes.cri.sandbox-namespace":"prod"}}' \
    >/run/containerd/io.containerd.runtime.v2.task/k8s.io/"$(cid 4)"/config.json
groups=("docker-$(cid 1).scope" "docker-$(cid 2).scope" "docker-$(cid 3).scope"
    "$pod/cri-containerd-$(cid 4).scope")

# The command that is measured: some time in each container, which is then gone.
cat >"$tmp/burn.sh" <<'SH'
top=$1
shift
for g; do
    mkdir -p "$top/$g"
    (echo 0 >"$top/$g/cgroup.procs"; exec gzip -c /bin/bash >/dev/null)
    rmdir "$top/$g"
done
SH
burn=(sh "$tmp/burn.sh" "$top" "${groups[@]}")

# rows BY PYTHON [OPTION…]: what the expression makes of the rows c of a run by that word
rows() {
    "$JT" run --by "$1" -f json -o "$tmp/out" "${@:3}" -- "${burn[@]}" 2>"$tmp/err" </dev/null
    python3 -c 'import json, sys
c = [x for x in json.load(open(sys.argv[1]))["consumers"] if "jouletrail-test" in str(x["cgroup"])]
c.sort(key=lambda x: str(x["id"]))
def l(x, *names): return [x["labels"].get(n) for n in names]
print(eval(sys.argv[2]))' "$tmp/out" "$2"
}

tap_is "Docker's name and image; labels only as allowed" "$(rows container \
    '[[x["name"]] + l(x, "image", "tags", "runtime") for x in c][0]' --label team,app)" \
    "['web', 'nginx:1.25', 'team=blue', 'docker']"
tap_is "half a file: known by its id" "$(python3 -c 'import json, sys
print([x["name"] for x in json.load(open(sys.argv[1]))["consumers"] if x["id"] == sys.argv[2]])' \
    "$tmp/out" "$(cid 2)")" "['$(cid 2)']"
tap_is "no label that was not asked for" "$(rows container '[l(x, "tags") for x in c][0]')" "[None]"
tap_is "Kubernetes: container, image, namespace, pod" "$(rows container \
    '[[x["name"]] + l(x, "image", "namespace", "pod", "pod_name") for x in c][3]')" \
    "['nginx', 'nginx:2', 'prod', '$uid', 'web-0']"
tap_is "by pod: its name and namespace" "$(rows pod \
    '[[x["name"], x["id"]] + l(x, "namespace") for x in c if x["id"]]')" \
    "[['web-0', '$uid', 'prod']]"
tap_is "by cgroup: whose it is" "$(rows cgroup \
    'sorted([l(x, "container_name", "pod_name") for x in c if l(x, "container_name") != [None]], key=str)[1:]')" \
    "[['nginx', 'web-0'], ['web', None]]"

# Hostile names, intact everywhere.
want=$(python3 -c 'print([("\x1b[2J\n\",\"k\":\"tick\",\"x=", "a,b\"\r\n", "team=b\\,l\\=u\\\\e\n")])')
tap_is "hostile names, JSON" "$(rows container \
    '[(x["name"], *l(x, "image", "tags")) for x in c if "tick" in x["name"]]' --label team \
    --ledger "$tmp/ledger" --key-dir "$tmp/keys")" "$want"
cat "$tmp"/ledger/seg/*.jsonl >"$tmp/records"
tap_is "hostile names, ledger" "$(python3 -c 'import json, sys
print([(d["name"], d["image"], d["tags"]) for d in map(json.loads, open(sys.argv[1]))
       if d["k"] == "sample" and "tick" in d.get("container_name", "")][-1:])' "$tmp/records")" "$want"
tap_run "which an independent verifier takes" python3 docs/verify_ledger.py "$tmp/ledger" "$tmp"/keys/*.vkey
"$JT" run --by container -o "$tmp/human" -- "${burn[@]}" 2>/dev/null
tap_is "hostile names, terminal: no control character" \
    "$(LC_ALL=C tr -d '\n\200-\377' <"$tmp/human" | LC_ALL=C grep -c '[[:cntrl:]]')" 0
tap_is "but their bytes, written out" "$(grep -c 'x1b\[2J\\x0a",' "$tmp/human")" 1
report() {
    "$JT" report --key-dir "$tmp/keys" -f json --by "$1" "$tmp/ledger" 2>/dev/null |
        python3 -c 'import json, sys
print(sorted(x["name"] for x in json.load(sys.stdin)["consumers"] if x["name"] in ("web", "web-0")))'
}
tap_is "a report by container has the names" "$(report container)" "['web']"

# The process: nobody's, with one capability, without a network; ours is not more by it.
cat >"$tmp/look.sh" <<'SH'
pid=$(pgrep -P "$PPID" jouletrail-reso)
sed -n 's/^\(Uid\|CapEff\|CapPrm\|CapBnd\|CapAmb\|NoNewPrivs\):\t\([^\t]*\).*/\1=\2/p' /proc/$pid/status | tr '\n' ' '
[ "$(readlink /proc/$pid/ns/net)" = "$(readlink /proc/self/ns/net)" ] && net=ours
echo "files=$(ls /proc/$pid/fd | wc -l) net=${net:-none}"
SH
tap_is "it is nobody, reads all, and can do nothing else" \
    "$("$JT" run --by container -o /dev/null -- sh "$tmp/look.sh" 2>/dev/null |
        sed -e "s/^Uid=$(id -u nobody) /Uid=nobody /" -e 's/=0\{15\}/=/g')" \
    "Uid=nobody CapPrm=4 CapEff=4 CapBnd=4 CapAmb=4 NoNewPrivs=1 files=4 net=none"

# Resolvers that fail, beside a copy of the program.
mkdir "$tmp/bin"
chmod 755 "$tmp" "$tmp/bin"
cp "$JT" "$tmp/bin/jouletrail"
JT=$tmp/bin/jouletrail
ids="['$(cid 1)', '$(cid 2)', '$(cid 3)', '$(cid 4)']"
broken() {
    tap_is "$1: names are ids" "$(rows container '[x["name"] for x in c]')" "$ids"
    tap_is "$1: is said once" "$(grep -c "$2" "$tmp/err")" 1
}
broken "no resolver" "neither beside this program"
printf '#!/bin/sh\nexit 1\n' >"$tmp/bin/jouletrail-resolver"
chmod 755 "$tmp/bin/jouletrail-resolver"
broken "one that ends" "jouletrail-resolver ended"
printf '#!/bin/sh\nhead -c 3000 /dev/zero >&0\nexec sleep 617\n' >"$tmp/bin/jouletrail-resolver"
broken "one that answers nonsense" "jouletrail-resolver"
printf '#!/bin/sh\nexec sleep 617\n' >"$tmp/bin/jouletrail-resolver"
tap_is "one that hangs: names are ids" "$(rows container '[x["name"] for x in c]')" "$ids"
tap_is "and it is gone afterwards" "$(pgrep -cf '^sleep 617$')" 0
tap_done
