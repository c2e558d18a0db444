# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Figures of the daemon as typed values: integers with their units in their names, checked as they come in.

What is missing is None, never 0. A field of the wrong type is a ProtocolError: no figure is made of it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Dict, List, Mapping, Optional

from .errors import ProtocolError

UJ_PER_KWH = 3_600_000_000_000
UG_PER_KG = 1_000_000_000
NS_PER_S = 1_000_000_000

_BEYOND = 1 << 63


def integer(raw: Mapping[str, Any], key: str, default: int = 0) -> int:
    """A count of 0 or more below 2^63; absent is default."""
    value = raw.get(key, default)
    if type(value) is not int or not 0 <= value < _BEYOND:
        raise ProtocolError(f"{key} is no integer from 0 to 2^63-1")
    return value


def text(raw: Mapping[str, Any], key: str) -> str:
    value = raw.get(key, "")
    if value is None:
        return ""
    if not isinstance(value, str):
        raise ProtocolError(f"{key} is no string")
    return value


def boolean(raw: Mapping[str, Any], key: str) -> bool:
    value = raw.get(key, False)
    if not isinstance(value, bool):
        raise ProtocolError(f"{key} is neither true nor false")
    return value


def mapping(raw: Mapping[str, Any], key: str) -> Dict[str, Any]:
    value = raw.get(key)
    if not isinstance(value, dict):
        raise ProtocolError(f"{key} is no object")
    return value


@dataclass(frozen=True)
class Figure:
    """A figure with its 95 % coverage interval, in the unit that its field's name ends with."""

    value: int
    low: int
    high: int

    @classmethod
    def parse(cls, raw: Mapping[str, Any], key: str) -> Optional[Figure]:
        if raw.get(key) is None:
            return None
        parts = mapping(raw, key)
        if parts.get("value") is None:
            return None
        figure = cls(integer(parts, "value", -1), integer(parts, "low", -1), integer(parts, "high", -1))
        if not figure.low <= figure.value <= figure.high:
            raise ProtocolError(f"{key} is not within its own interval")
        return figure


@dataclass(frozen=True)
class HostShare:
    """The whole host in all windows that a span touches."""

    energy_uj: Optional[Figure] = None
    co2e_ug: Optional[Figure] = None
    wall_ns: int = 0

    @classmethod
    def parse(cls, raw: Mapping[str, Any]) -> HostShare:
        if raw.get("host") is None:
            return cls()
        host = mapping(raw, "host")
        return cls(Figure.parse(host, "energy_uj"), Figure.parse(host, "co2e_ug"), integer(host, "wall_ns"))


@dataclass(frozen=True)
class SpanResult:
    """What a span took. Fields are those of docs/protocol.md, "Spans"."""

    span: int
    name: str
    wall_ns: int
    cpu_ns: int
    quality: str
    energy_uj: Optional[Figure]
    co2e_ug: Optional[Figure]
    intensity_mg_per_kwh: Optional[Figure]
    host: HostShare = field(default_factory=HostShare)
    labels: Mapping[str, str] = field(default_factory=dict)
    begin_real_us: int = 0
    end_real_us: int = 0
    n_windows: int = 0
    n_processes: int = 0
    zone: str = ""
    power_source: str = ""
    border_ppm: int = 0
    ended_by: str = ""
    lost: bool = False

    @classmethod
    def parse(cls, raw: Mapping[str, Any]) -> SpanResult:
        if "wall_ns" not in raw or "quality" not in raw:
            raise ProtocolError("no span's result: wall_ns and quality are not there")
        labels = raw.get("labels") or {}
        if not isinstance(labels, dict) or not all(isinstance(v, str) for v in labels.values()):
            raise ProtocolError("labels are not strings")
        quality = text(raw, "quality")
        return cls(
            span=integer(raw, "span"),
            name=text(raw, "name"),
            labels=labels,
            begin_real_us=integer(raw, "begin_real_us"),
            end_real_us=integer(raw, "end_real_us"),
            wall_ns=integer(raw, "wall_ns"),
            cpu_ns=integer(raw, "cpu_ns"),
            n_windows=integer(raw, "n_windows"),
            n_processes=integer(raw, "n_processes"),
            energy_uj=Figure.parse(raw, "energy_uj"),
            co2e_ug=Figure.parse(raw, "co2e_ug"),
            host=HostShare.parse(raw),
            intensity_mg_per_kwh=Figure.parse(raw, "intensity_mg_per_kwh"),
            zone=text(raw, "zone"),
            quality=quality,
            power_source=text(raw, "power_source"),
            border_ppm=integer(raw, "border_ppm"),
            ended_by=text(raw, "ended_by"),
            lost=boolean(raw, "lost"),
        )

    def energy(self, machine: bool = False) -> Optional[Figure]:
        """The span's energy, or its host's; None where quality says that part of it is missing."""
        known = self.host.energy_uj if machine else self.energy_uj
        return None if self.quality == "missing" else known

    def co2e(self, machine: bool = False) -> Optional[Figure]:
        known = self.host.co2e_ug if machine else self.co2e_ug
        return None if self.quality == "missing" else known


@dataclass(frozen=True)
class Intensity:
    """The grid's carbon intensity of a time, as the daemon knows it."""

    mg_per_kwh: Figure
    zone: str
    kind: str
    source: str
    is_annual_mean: bool = False

    @classmethod
    def parse(cls, raw: Mapping[str, Any]) -> Intensity:
        figure = Figure.parse(raw, "mg_per_kwh")
        if figure is None:
            raise ProtocolError("an intensity without a figure")
        return cls(figure, text(raw, "zone"), text(raw, "kind"), text(raw, "source"), boolean(raw, "is_annual_mean"))


@dataclass(frozen=True)
class Totals:
    """The host since the daemon's start."""

    begin_real_us: int
    end_real_us: int
    wall_ns: int
    cpu_ns: int
    energy_uj: Optional[Figure]
    co2e_ug: Optional[Figure]
    quality: str
    missing_ns: int

    @classmethod
    def parse(cls, raw: Mapping[str, Any]) -> Totals:
        host = HostShare.parse(raw)
        return cls(
            begin_real_us=integer(raw, "begin_real_us"),
            end_real_us=integer(raw, "end_real_us"),
            wall_ns=integer(raw, "wall_ns"),
            cpu_ns=integer(raw, "cpu_ns"),
            energy_uj=host.energy_uj,
            co2e_ug=host.co2e_ug,
            quality=text(raw, "quality"),
            missing_ns=integer(raw, "missing_ns"),
        )


def rows(raw: Mapping[str, Any], key: str) -> List[Dict[str, Any]]:
    value = raw.get(key)
    if not isinstance(value, list) or not all(isinstance(row, dict) for row in value):
        raise ProtocolError(f"{key} is no array of objects")
    return value
