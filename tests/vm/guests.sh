# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# guests.sh - what the suites that boot a guest share: source it, after tests/tap.sh.
# shellcheck shell=bash

# The in-kernel suites; with VM_QUICK set, a minute's worth.
IN_KERNEL=()
[ -z "${VM_QUICK:-}" ] || IN_KERNEL=("${B:=build}"/tests/bpf/{overflow,self})
for source in tests/bpf/*.c; do
    [ -z "${VM_QUICK:-}" ] || break
    case $source in
    *.bpf.c | */soak.c) ;;
    *) IN_KERNEL+=("${B:=build}/${source%.c}") ;;
    esac
done

# left_out: what a guest does not run of the in-kernel suites, as skips with their reasons.
left_out() {
    if [ -n "${VM_QUICK:-}" ]; then
        tap_skip "all other in-kernel suites, CPU hot-plug" "\`make check-vm\` runs them"
    else
        tap_skip "soak" "minutes of stress-ng: an emulated guest has neither"
    fi
}

# guest ARGUMENT…: boots one as tools/vm.sh does, and counts its TAP as this suite's.
guest() {
    local line name

    while IFS= read -r line; do
        name=${line#*ok *- }
        case $line in
        "1..0 # SKIP"*) tap_skip "a guest boots" "${line#1..0 # SKIP }" ;;
        "ok "*" # SKIP "*) tap_skip "${name% # SKIP *}" "${name##* # SKIP }" ;;
        "ok "*) tap_pass "$name" ;;
        "not ok "*) tap_fail "$name" ;;
        "1.."*) ;;
        *) printf '%s\n' "$line" ;;
        esac
    done < <(tools/vm.sh "$@")
}

# product_is_sound DIR NAME: what product.sh left there holds for this machine's python too.
product_is_sound() {
    [ -e "$1/run.json" ] || {
        tap_skip "$2: report and ledgers" "no guest left any"
        return
    }
    tap_is "$2: the report's energy adds up, its time within 1 %" "$(python3 - "$1/run.json" <<'P'
import json, sys
d = json.load(open(sys.argv[1]))
h, rows = d["host"], d["consumers"]
print(h["energy_uj"] - h["idle_uj"] - h["attributed_uj"] - h["unattributed_uj"],
      sum(c["energy_uj"]["value"] for c in rows) - h["attributed_uj"],
      d["conservation"]["time_ppm"] < 10000, sum(v for k, v in d["lost"].items() if k != "n_unflushed"),
      d["command_total"]["cpu_ns"] > 0)
P
)" "0 0 True 0 True"
    local ledger

    for ledger in run daemon; do
        tap_run "$2: an independent verifier agrees ($ledger)" \
            python3 docs/verify_ledger.py "$1/$ledger" "$1/$ledger-keys"/*.vkey
    done
}
