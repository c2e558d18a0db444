# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Options that other trackers' users bring along: without meaning here, or refused with what to do instead."""

from __future__ import annotations

import logging
from typing import Mapping, Union

from .client import log

# CodeCarbon's: how it measures. Here the daemon measures, whatever they say.
CODECARBON_IGNORED = frozenset(
    (
        "allow_multiple_runs",
        "api_call_interval",
        "co2_signal_api_token",
        "default_cpu_power",
        "electricitymaps_api_token",
        "force_cpu_power",
        "force_mode_cpu_load",
        "force_ram_power",
        "logger_preamble",
        "measure_power_secs",
        "rapl_include_dram",
        "rapl_prefer_psys",
        "telemetry_level",
    )
)

# CodeCarbon's that would change the figures or send them somewhere: not dropped in silence.
_GRID = "the grid is the daemon's --zone; of another country: jouletrail estimate, whatif"
CODECARBON_REFUSED: Mapping[str, str] = {
    "api_endpoint": "there is no dashboard; jouletrail daemon --metrics serves Prometheus",
    "api_key": "there is no dashboard; jouletrail daemon --metrics serves Prometheus",
    "cloud_provider": _GRID,
    "cloud_region": _GRID,
    "country_iso_code": _GRID,
    "emissions_endpoint": "nothing is sent over the network; read final_emissions_data",
    "force_carbon_intensity_g_co2e_kwh": _GRID,
    "gpu_ids": "a span has what its processes had of every GPU",
    "logging_logger": "give a handler to logging.getLogger('jouletrail')",
    "output_handlers": "read final_emissions_data after stop()",
    "output_methods": "there is one output: save_to_file",
    "prometheus_url": "jouletrail daemon --metrics serves Prometheus",
    "region": _GRID,
    "save_to_api": "there is no dashboard; jouletrail daemon --metrics serves Prometheus",
    "save_to_logfire": "jouletrail daemon --metrics serves Prometheus",
    "save_to_logger": "give a handler to logging.getLogger('jouletrail')",
    "save_to_prometheus": "jouletrail daemon --metrics serves Prometheus",
    "wue": "water is not measured; jouletrail estimate has it",
}

CARBONTRACKER_IGNORED = frozenset(("devices_by_pid", "ignore_errors", "interpretable", "update_interval"))
CARBONTRACKER_REFUSED: Mapping[str, str] = {
    "api_keys": "live intensity is the daemon's --intensity",
    "components": "a span has all that its processes had, of whatever the daemon has meters for",
    "stop_and_confirm": "read prediction after an epoch and decide in your program",
}


def check_others(who: str, given: Mapping[str, object], ignored: "frozenset[str]", refused: Mapping[str, str]) -> None:
    """Raises ValueError for what is refused and TypeError for what nobody knows; off (None, False, 0, "") is fine."""
    for name, value in given.items():
        if name in refused:
            if value and not (name == "components" and value == "all"):
                raise ValueError(f"{who}: {name} is not for jouletrail: {refused[name]}")
        elif name in ignored:
            log.debug("%s: %s changes nothing: the daemon measures", who, name)
        else:
            raise TypeError(f"{who} has no option {name!r}")


def set_log_level(level: Union[int, str, None]) -> None:
    """As CodeCarbon has it: a name in either case, or a number."""
    if level is None:
        return
    number = logging.getLevelName(level.upper()) if isinstance(level, str) else level
    if not isinstance(number, int):
        raise ValueError(f"log_level: {level!r} is no level of logging")
    log.setLevel(number)


def whole(name: str, value: object, least: int) -> int:
    if type(value) is not int or value < least:
        raise ValueError(f"{name}: {value!r} is no integer of {least} or more")
    return value
