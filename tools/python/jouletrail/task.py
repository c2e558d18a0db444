# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""task_outputs: what a SustainML-style carbon node publishes for a task, from a span's result."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Optional, Union

from .emissions import EmissionsData
from .figures import UJ_PER_KWH, Figure, SpanResult


@dataclass(frozen=True)
class TaskOutputs:
    """carbon_footprint [gCO2e], energy_consumption [Wh], carbon_intensity [g/kWh]; NaN where it is not known.

    Doubles in such a node's messages cannot be absent: NaN is not a 0 that somebody adds up.
    """

    carbon_footprint: float
    energy_consumption: float
    carbon_intensity: float


def task_outputs(task: Union[SpanResult, EmissionsData, None]) -> TaskOutputs:
    """Of a span's result, of a tracker's or task's data, or of None."""
    result = task.measured if isinstance(task, EmissionsData) else task
    if result is None:
        return TaskOutputs(math.nan, math.nan, math.nan)
    machine = isinstance(task, EmissionsData) and task.tracking_mode == "machine"
    pue = task.pue or 1.0 if isinstance(task, EmissionsData) else 1.0
    return TaskOutputs(
        _scaled(result.co2e(machine), pue / 1e6),
        _scaled(result.energy(machine), pue * 1000 / UJ_PER_KWH),
        _scaled(result.intensity_mg_per_kwh, 1e-3),
    )


def _scaled(figure: Optional[Figure], factor: float) -> float:
    return math.nan if figure is None else figure.value * factor
