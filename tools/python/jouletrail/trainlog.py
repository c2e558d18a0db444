# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""A training's log lines, and a function that reads them back. Carbontracker's parser finds its own lines in them.

Lines of both are `TIME - THREAD - LEVEL - TEXT`; what belongs together is one record of several lines. Missing is
`nan`.
"""

from __future__ import annotations

import math
import os
import re
from typing import Dict, Iterator, List, Optional, Tuple, TypedDict

from .figures import UJ_PER_KWH
from .prediction import Epoch, Estimate, Prediction, predict

Interval = Optional[Tuple[float, float]]

# Keys as Carbontracker's parser has them; the intervals are ours. None: not known.
Consumption = TypedDict(
    "Consumption",
    {
        "epochs": int,
        "duration (s)": Optional[float],
        "energy (kWh)": Optional[float],
        "co2eq (g)": Optional[float],
        "equivalents": None,
        "duration interval (s)": Interval,
        "energy interval (kWh)": Interval,
        "co2eq interval (g)": Interval,
    },
)
Component = TypedDict(
    "Component",
    {
        "avg_power_usages (W)": List[Optional[float]],
        "avg_energy_usages (J)": List[Optional[float]],
        "epoch_durations (s)": List[float],
        "devices": List[str],
    },
)


class TrainingLog(TypedDict):
    """One training of a log file."""

    filename: str
    early_stop: bool
    actual: Optional[Consumption]
    pred: Optional[Consumption]
    components: Dict[str, Component]


_FIRST = "jouletrail training of"
_SUFFIX = "_jouletrail.log"


def _duration(seconds: float) -> str:
    """h:mm:ss.cc, of any number of hours."""
    whole = int(round(seconds * 100))
    return f"{whole // 360000}:{whole // 6000 % 60:02d}:{whole // 100 % 60:02d}.{whole % 100:02d}"


def _number(value: Optional[float], precision: int) -> str:
    return "nan" if value is None else f"{value:.{precision}f}"


def _interval(name: str, estimate: Optional[Estimate], scale: float, precision: int, unit: str) -> str:
    if estimate is None:
        return ""
    if estimate.low is None or estimate.high is None:
        return f"\n\t{name} interval:\tnone: it is not known how much they differ"
    return f"\n\t{name} interval:\t[{estimate.low / scale:.{precision}f}, {estimate.high / scale:.{precision}f}] {unit}"


def _consumption(
    first: str, time_s: Estimate, energy_uj: Optional[Estimate], co2e_ug: Optional[Estimate], precision: int
) -> str:
    kwh = None if energy_uj is None else energy_uj.value / UJ_PER_KWH
    grams = None if co2e_ug is None else co2e_ug.value / 1e6
    return (
        f"{first}\n\tTime:\t{_duration(time_s.value)}\n\tEnergy:\t{_number(kwh, precision)} kWh"
        f"\n\tCO2eq:\t{_number(grams, precision)} g"
        + _interval("Time", time_s, 1, 2, "s")
        + _interval("Energy", energy_uj, UJ_PER_KWH, precision, "kWh")
        + _interval("CO2eq", co2e_ug, 1e6, precision, "g")
        + "\n"
    )


def first_line(epochs: int, version: str) -> str:
    return f"{_FIRST} {epochs} epoch(s), version {version}"


def components_line(power_source: str) -> str:
    # Of a model the daemon says at length why; devices are told apart by commas.
    device = power_source.partition(";")[0].replace(", ", " ").rstrip(". ") or "none"
    return f"The following components were found: PROCESS with device(s) {device}."


def epoch_lines(number: int, epoch: Epoch) -> List[str]:
    power = "None"
    if epoch.energy_uj is not None and epoch.wall_s > 0:
        power = f"[{epoch.energy_uj.value / 1e6 / epoch.wall_s:.6f}]"
    return [
        f"Epoch {number}:",
        f"Duration: {_duration(epoch.wall_s)}",
        f"Average power usage (W) for process: {power}",
    ]


def actual_text(epochs: List[Epoch], precision: int) -> str:
    p = predict(epochs, len(epochs))
    return _consumption(f"Actual consumption for {p.epochs} epoch(s):", p.time_s, p.energy_uj, p.co2e_ug, precision)


def predicted_text(p: Prediction, precision: int) -> str:
    return _consumption(f"Predicted consumption for {p.epochs} epoch(s):", p.time_s, p.energy_uj, p.co2e_ug, precision)


def intensity_line(p: Prediction) -> str:
    figure = p.intensity_mg_per_kwh
    if figure is None:
        return "Carbon intensity of the epochs to come: that of those measured."
    return (
        f"Carbon intensity of the epochs to come: {figure.value / 1000:.2f} gCO2/kWh"
        f" [{figure.low / 1000:.2f}, {figure.high / 1000:.2f}], {p.intensity_source}."
    )


def stopped_line(monitor_epochs: int) -> str:
    return f"Training was interrupted before all {monitor_epochs} epochs were monitored."


# ---- reading -----------------------------------------------------------------------------------

_RECORD = re.compile(r"(?m)^\d{4}-\d\d-\d\d[ T][\d:,.]+ - [^\n]*? - [A-Z]+ - ")
_CONSUMPTION = re.compile(r"(Actual|Predicted) consumption for (\d{1,9}) epoch\(s\):\s*\n")
_FIELD = re.compile(r"(?m)^\s*(Time|Energy|CO2eq)( interval)?:\s*(\S[^\n]*?)\s*$")
_CLOCK = re.compile(r"(?:(\d+) days?, )?(\d{1,12}):(\d{2}):(\d\d?(?:\.\d+)?)")
_PAIR = re.compile(r"\[([-+.\deE]+), ([-+.\deE]+)\]")
_POWER = re.compile(r"^Average power usage \(W\) for (.+): (\[.*\]|None)$")
_DEVICES = re.compile(r" ([^ ]+) with device\(s\) (.*?)\.(?= |$)")


def parse_log(path: str) -> List[TrainingLog]:
    """Every training of a log file, or of all *_jouletrail.log in a folder, in their order. Raises OSError."""
    if os.path.isdir(path):
        names = sorted(name for name in os.listdir(path) if name.endswith(_SUFFIX))
        return [entry for name in names for entry in parse_log(os.path.join(path, name))]
    with open(path, encoding="utf-8", errors="replace") as f:
        records = list(_records(f.read()))
    trainings: List[List[str]] = []
    for record in records:
        if record.startswith(_FIRST) or not trainings:
            trainings.append([])
        trainings[-1].append(record)
    return [_training(path, records) for records in trainings]


def _records(text: str) -> Iterator[str]:
    """Without their stamps; what was cut off at the front is no record."""
    starts = list(_RECORD.finditer(text))
    ends = [match.start() for match in starts[1:]] + [len(text)]
    for start, end in zip(starts, ends):
        yield text[start.end() : end]


def _training(path: str, records: List[str]) -> TrainingLog:
    training = TrainingLog(filename=path, early_stop=False, actual=None, pred=None, components={})
    powers: Dict[str, List[Optional[float]]] = {}
    devices: Dict[str, List[str]] = {}
    durations: List[float] = []
    for record in records:
        line = record.strip()
        power, consumption = _POWER.match(line), _CONSUMPTION.search(record)
        if line.startswith("Training was interrupted"):
            training["early_stop"] = True
        elif line.startswith("The following components were found:"):
            devices = {name.lower(): found.split(", ") for name, found in _DEVICES.findall(line)}
        elif line.startswith("Duration: "):
            durations.append(_seconds(line) or 0.0)
        elif power:
            powers.setdefault(power.group(1), []).append(_first_number(power.group(2)))
        elif consumption:
            key = "actual" if consumption.group(1) == "Actual" else "pred"
            training[key] = _read_consumption(int(consumption.group(2)), record)  # type: ignore[literal-required]
    for name in dict.fromkeys([*devices, *powers]):
        watts = powers.get(name, [])
        training["components"][name] = {
            "avg_power_usages (W)": watts,
            "avg_energy_usages (J)": [None if w is None else w * s for w, s in zip(watts, durations)],
            "epoch_durations (s)": durations,
            "devices": devices.get(name, []),
        }
    return training


def _read_consumption(epochs: int, record: str) -> Consumption:
    found = {name + interval: value for name, interval, value in _FIELD.findall(record)}
    return {
        "epochs": epochs,
        "duration (s)": _seconds(found.get("Time", "")),
        "energy (kWh)": _first_number(found.get("Energy", "")),
        "co2eq (g)": _first_number(found.get("CO2eq", "")),
        "equivalents": None,
        "duration interval (s)": _pair(found.get("Time interval", "")),
        "energy interval (kWh)": _pair(found.get("Energy interval", "")),
        "co2eq interval (g)": _pair(found.get("CO2eq interval", "")),
    }


def _seconds(text: str) -> Optional[float]:
    match = _CLOCK.search(text)
    if not match:
        return None
    days, hours, minutes, seconds = match.groups()
    return int(days or 0) * 86400 + int(hours) * 3600 + int(minutes) * 60 + float(seconds)


def _first_number(text: str) -> Optional[float]:
    words = text.strip("[]").split()
    try:
        value = float(words[0]) if words else math.nan
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _pair(text: str) -> Interval:
    match = _PAIR.search(text)
    try:
        return (float(match.group(1)), float(match.group(2))) if match else None
    except ValueError:
        return None
