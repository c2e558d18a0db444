# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Rows with CodeCarbon's columns (its 3.2 and 3.3), so that what reads emissions.csv reads these.

What is not known is an empty field, which pandas reads as NaN: never a 0 that nobody measured.
"""

from __future__ import annotations

import csv
import fcntl
import io
import os
import platform
import time
from dataclasses import dataclass, field, fields
from typing import Dict, List, Optional, Sequence, Tuple, Union

from . import machine
from .client import log
from .figures import NS_PER_S, UG_PER_KG, UJ_PER_KWH, SpanResult
from .version import VERSION

Value = Union[str, int, float, None]
# Beside a file with another header, so many others are tried.
_SUFFIXES = 99


@dataclass(frozen=True)
class EmissionsData:
    """One row: CodeCarbon's names and units (kWh, kg, W, s). `measured` has the integers and their intervals.

    None is not known. emissions and energy_consumed are None without a daemon, or where part is missing.
    """

    timestamp: Optional[str] = None
    project_name: Optional[str] = None
    run_id: Optional[str] = None
    experiment_id: Optional[str] = None
    duration: Optional[float] = None
    emissions: Optional[float] = None
    emissions_rate: Optional[float] = None
    cpu_power: Optional[float] = None
    gpu_power: Optional[float] = None
    ram_power: Optional[float] = None
    cpu_energy: Optional[float] = None
    gpu_energy: Optional[float] = None
    ram_energy: Optional[float] = None
    energy_consumed: Optional[float] = None
    water_consumed: Optional[float] = None
    country_name: Optional[str] = None
    country_iso_code: Optional[str] = None
    region: Optional[str] = None
    cloud_provider: Optional[str] = None
    cloud_region: Optional[str] = None
    os: Optional[str] = None
    python_version: Optional[str] = None
    codecarbon_version: Optional[str] = None
    cpu_count: Optional[int] = None
    cpu_model: Optional[str] = None
    gpu_count: Optional[int] = None
    gpu_model: Optional[str] = None
    longitude: Optional[float] = None
    latitude: Optional[float] = None
    ram_total_size: Optional[float] = None
    tracking_mode: Optional[str] = None
    cpu_utilization_percent: Optional[float] = None
    gpu_utilization_percent: Optional[float] = None
    ram_utilization_percent: Optional[float] = None
    ram_used_gb: Optional[float] = None
    on_cloud: Optional[str] = None
    pue: Optional[float] = None
    wue: Optional[float] = None
    measured: Optional[SpanResult] = field(default=None, compare=False)

    @property
    def values(self) -> Dict[str, Value]:
        """The columns, in their order."""
        return {name: getattr(self, name) for name in COLUMNS}


COLUMNS: Sequence[str] = tuple(f.name for f in fields(EmissionsData) if f.name != "measured")
# Of a tracker's tasks CodeCarbon writes a file of its own.
TASK_COLUMNS: Sequence[str] = ("task_name",) + tuple(
    name for name in COLUMNS if name not in ("experiment_id", "pue", "wue")
)


@dataclass(frozen=True)
class Run:
    """What the rows of one tracker have in common. machine: the host's energy, not the process's."""

    project_name: str
    run_id: str
    experiment_id: str
    machine: bool = False
    pue: float = 1.0

    def row(self, duration_ns: int, result: Optional[SpanResult]) -> EmissionsData:
        """duration_ns: of the span, where there is no result to say of how long a time it is."""
        energy = result.energy(self.machine) if result else None
        co2e = result.co2e(self.machine) if result else None
        if result:
            duration_ns = result.host.wall_ns if self.machine else result.wall_ns
        duration_s = duration_ns / NS_PER_S
        emissions = None if co2e is None else co2e.value / UG_PER_KG * self.pue
        where = machine.place(result.zone if result else "")
        n_cpus = os.cpu_count()
        busy = None
        if result and not self.machine and duration_ns and n_cpus:
            busy = 100 * result.cpu_ns / duration_ns / n_cpus
        return EmissionsData(
            timestamp=time.strftime("%Y-%m-%dT%H:%M:%S"),
            project_name=self.project_name,
            run_id=self.run_id,
            experiment_id=self.experiment_id,
            duration=duration_s,
            emissions=emissions,
            emissions_rate=emissions / duration_s if emissions is not None and duration_s else None,
            energy_consumed=None if energy is None else energy.value / UJ_PER_KWH * self.pue,
            country_iso_code=where.country_iso_code,
            region=where.region,
            cloud_provider=where.cloud_provider,
            cloud_region=where.cloud_region,
            os=machine.system(),
            python_version=platform.python_version(),
            codecarbon_version=f"jouletrail-{VERSION}",
            cpu_count=n_cpus,
            cpu_model=machine.cpu_model(),
            ram_total_size=machine.ram_total_gb(),
            tracking_mode="machine" if self.machine else "process",
            cpu_utilization_percent=busy,
            on_cloud=where.on_cloud,
            pue=self.pue,
            measured=result,
        )


def _record(values: Sequence[Value]) -> bytes:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerow(["" if v is None else v for v in values])
    return out.getvalue().encode("utf-8", "replace")


def append_row(path: str, row: EmissionsData) -> str:
    """Appends under a lock, in one write: rows of many processes stay whole. Returns the file that it went to.

    A file whose header is another one is left alone: the row goes to NAME_1.csv beside it, with a warning. Raises
    OSError; the file then ends as it did before.
    """
    stem, suffix = os.path.splitext(path)
    for n in range(_SUFFIXES + 1):
        candidate = f"{stem}_{n}{suffix}" if n else path
        if _append(candidate, _record(COLUMNS), _record(list(row.values.values()))):
            if n:
                log.warning("%s has other columns than these: the row is in %s", path, candidate)
            return candidate
    raise OSError(f"{path}: it and {_SUFFIXES} others beside it have other columns")


def _append(path: str, header: bytes, record: bytes) -> bool:
    """False where the file has another header."""
    fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o644)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX)
        size = os.fstat(fd).st_size
        if size:
            # A spreadsheet may have written \r\n.
            if os.pread(fd, len(header) + 1, 0).replace(b"\r", b"")[: len(header)] != header:
                return False
            cut = os.pread(fd, 1, size - 1) != b"\n"
            record = (b"\n" if cut else b"") + record
        else:
            record = header + record
        _write_whole(fd, record, size)
        return True
    finally:
        os.close(fd)


def _write_whole(fd: int, data: bytes, size: int) -> None:
    try:
        n = os.write(fd, data)
        if n != len(data):
            raise OSError(f"{n} of {len(data)} bytes could be written")
    except OSError:
        # Half a row would be read as a whole one.
        os.ftruncate(fd, size)
        raise


def write_tasks(path: str, tasks: Sequence[Tuple[str, EmissionsData]]) -> None:
    """All tasks of a run, as a new file or in the place of the old one."""
    lines: List[bytes] = [_record(TASK_COLUMNS)]
    for name, row in tasks:
        values: Dict[str, Value] = {"task_name": name, **row.values}
        lines.append(_record([values[column] for column in TASK_COLUMNS]))
    beside = f"{path}.{os.getpid()}"
    with open(beside, "wb") as f:
        f.write(b"".join(lines))
    os.replace(beside, path)
