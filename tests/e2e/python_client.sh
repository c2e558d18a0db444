#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# python_client.sh - does the Python client do what it says: against a made-up daemon, a hostile one, none, and
# $JT daemon? Is it typed, does it install without network, and does what its pages show run?
set -u
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
cd "$(dirname "$0")/../.." || exit 1
command -v python3 >/dev/null || tap_skip_all "python3 is not installed"
JT=$(realpath "${JT:-build/jouletrail}")
export JT PYTHONDONTWRITEBYTECODE=1
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT

# Its verdicts are of its own words: ok NAME, bad NAME, skip NAME # REASON.
python3 tools/python/tests/tap.py >"$work/verdicts" 2>"$work/why"
status=$?
while read -r verdict name; do
    case $verdict in
    ok) tap_pass "$name" ;;
    skip) tap_skip "${name%% #*}" "${name#*# }" ;;
    *) tap_fail "$name" ;;
    esac
done <"$work/verdicts"
tap_is "the tests end as their verdicts say" "$status" "$(grep -q '^bad ' "$work/verdicts"; echo $((! $?)))"
cat "$work/why" >&2

if command -v mypy >/dev/null; then
    tap_run "mypy --strict finds nothing" \
        sh -c "cd tools/python && mypy --strict --cache-dir='$work/mypy' jouletrail"
    cat >"$work/user.py" <<'P'
from jouletrail import EnergyTracker, track_energy
@track_energy
def twice(x: int) -> int:
    return 2 * x
@track_energy(project_name="p")
async def later(x: int) -> str:
    return str(x)
with EnergyTracker() as tracker:
    kg = tracker.stop()
total: int = twice(1)
wrong: str = twice(1)
also: float = kg
P
    tap_is "a program's types are known through it" "$(MYPYPATH=tools/python \
        mypy --strict --cache-dir="$work/mypy" "$work/user.py" 2>&1 | grep -o 'user.py:[0-9]*: error')" \
        "user.py:11: error
user.py:12: error"
else
    tap_skip "mypy --strict finds nothing" "mypy is not installed"
fi

# A Python that can install without network: one of these has what pip builds with.
for python in python3 /usr/bin/python3; do
    "$python" -W ignore -c 'import setuptools, wheel, pip' 2>/dev/null && break
    python=
done
if [ -n "$python" ]; then
    # Built in a copy: setuptools leaves files beside its sources.
    cp -r tools/python "$work/source"
    tap_run "pip installs it without network" \
        "$python" -m pip install --quiet --no-index --no-build-isolation --no-deps \
        --root-user-action=ignore --disable-pip-version-check --target "$work/target" "$work/source"
    tap_is "what was installed says its version" "$(cd "$work" && PYTHONPATH=$work/target "$python" -c '
import jouletrail
print(jouletrail.__version__)' 2>&1)" \
        "$(sed -n 's/^VERSION := //p' Makefile)"
    tap_is "what was installed is typed" "$(ls "$work/target/jouletrail/py.typed" 2>&1)" \
        "$work/target/jouletrail/py.typed"
else
    tap_skip "pip installs it without network" "no Python here has pip, setuptools and wheel"
fi

tap_done
