# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""A whole training's energy, time and CO2e from its first epochs, each with a 95 % interval. No I/O.

Two things make a prediction uncertain. Epochs differ from one another: that part shrinks as more of them are seen,
and is a t-distribution's prediction interval for the sum of those to come. And all figures share the meter's or the
model's error and the grid's: no number of epochs averages that away, so it is kept apart and multiplies the total.
The formulas are in docs/clients.md, "How a training is predicted".
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Optional, Sequence, Tuple

from .figures import UJ_PER_KWH, Figure

Z95 = 1.959964
# Beyond this many degrees of freedom t is z to four digits.
_DOF_MAX = 10_000


@dataclass(frozen=True)
class Estimate:
    """low and high are None where the epochs seen do not say how much epochs differ: fewer than two."""

    value: float
    low: Optional[float]
    high: Optional[float]


@dataclass(frozen=True)
class Epoch:
    """One epoch as it was measured. Figures are None where they are missing."""

    wall_s: float
    energy_uj: Optional[Figure]
    co2e_ug: Optional[Figure]
    intensity_mg_per_kwh: Optional[Figure] = None


@dataclass(frozen=True)
class Prediction:
    """Of `epochs` epochs, n_measured of them measured. Figures are None where epochs' are missing."""

    epochs: int
    n_measured: int
    time_s: Estimate
    energy_uj: Optional[Estimate]
    co2e_ug: Optional[Estimate]
    intensity_mg_per_kwh: Optional[Figure] = None
    intensity_source: str = ""


def t_quantile_95(dof: int) -> float:
    """The 97.5 % quantile of Student's t: half of a two-sided 95 % interval."""
    if dof < 1:
        raise ValueError("a t-distribution has at least 1 degree of freedom")
    if dof > _DOF_MAX:
        return Z95
    low, high = 0.0, 13.0
    for _ in range(60):
        middle = (low + high) / 2
        if _t_within(middle, dof) < 0.95:
            low = middle
        else:
            high = middle
    return high


def _t_within(t: float, dof: int) -> float:
    """P(|T| <= t), by the finite sums of Abramowitz and Stegun 26.7.3 and 26.7.4."""
    theta = math.atan(t / math.sqrt(dof))
    sine, cosine = math.sin(theta), math.cos(theta)
    odd = dof % 2
    term = cosine if odd else 1.0
    total = 0.0 if dof == 1 else term
    for k in range(3 if odd else 2, dof, 2):
        term *= cosine * cosine * (k - 1) / k
        total += term
    return 2 / math.pi * (theta + sine * total) if odd else sine * total


def predict_sum(measured: float, seen: Sequence[float], n_to_come: int) -> Tuple[float, Optional[float], int]:
    """measured + n_to_come more like those seen: (the sum, its standard uncertainty, degrees of freedom).

    The sum of m to come has the variance m s², their mean as estimated from n another s²/n, m times over:
    s² (m + m²/n). None with fewer than two seen and some to come.
    """
    if n_to_come == 0:
        return measured, 0.0, max(len(seen) - 1, 1)
    n = len(seen)
    mean = math.fsum(seen) / n
    value = measured + n_to_come * mean
    if n < 2:
        return value, None, 0
    variance = math.fsum((x - mean) ** 2 for x in seen) / (n - 1)
    return value, math.sqrt(variance * (n_to_come + n_to_come**2 / n)), n - 1


def combine(
    value: float, u_random: Optional[float], dof: int, down: float, up: float, at_least: float = 0.0
) -> Estimate:
    """An estimate of the random and the common part, per side in logarithms.

    down, up  standard deviations of ln(value) that all terms share
    at_least  what the random part cannot go below: what was measured already

    Each part is taken to its own 95 %, by Student and by Gauss, then they are added in squares: what JCGM 101 finds
    for the sum of a t and a normal quantity, and never less than 95 %. Effective degrees of freedom (JCGM 100 G.4)
    would give 88 % from two epochs.
    """
    if u_random is None or value <= 0:
        return Estimate(value, None if u_random is None else value, None if u_random is None else value)
    half = t_quantile_95(dof) * u_random
    # In logarithms so that a common factor's quantiles are exact, and the random part's own ends are too.
    random_down = math.log(value / max(value - half, at_least, value * 1e-9))
    random_up = math.log1p(half / value)
    return Estimate(
        value,
        value * math.exp(-math.hypot(random_down, Z95 * down)),
        value * math.exp(math.hypot(random_up, Z95 * up)),
    )


def common_sides(figures: Sequence[Figure]) -> Tuple[float, float]:
    """The sides that figures share, as standard deviations of the logarithm.

    All of each interval counts as common, and sides add linearly: a little too wide where part of it is random, and
    never narrower than the truth.
    """
    value = sum(f.value for f in figures)
    low, high = sum(f.low for f in figures), sum(f.high for f in figures)
    if value <= 0:
        return 0.0, 0.0
    # A low of 0 is no logarithm: a thousandth of the value is as good as nothing.
    return math.log(value / max(low, value / 1000)) / Z95, math.log(high / value) / Z95


def _known(values: Sequence[Optional[Figure]]) -> Optional[Sequence[Figure]]:
    known = [v for v in values if v is not None]
    return known if known and len(known) == len(values) else None


def predict_energy(epochs: Sequence[Epoch], n_skipped: int, n_to_come: int) -> Optional[Estimate]:
    known = _known([e.energy_uj for e in epochs])
    if known is None:
        return None
    done = sum(f.value for f in known)
    value, u, dof = predict_sum(done, [f.value for f in known[n_skipped:]], n_to_come)
    return combine(value, u, dof, *common_sides(known), at_least=done)


def predict_co2e(
    epochs: Sequence[Epoch], n_skipped: int, n_to_come: int, forecast: Optional[Figure]
) -> Optional[Estimate]:
    """Measured CO2e, and the energy to come times the intensity that is forecast, or that of the epochs seen."""
    energy, co2e = _known([e.energy_uj for e in epochs]), _known([e.co2e_ug for e in epochs])
    if energy is None or co2e is None:
        return None
    energy_uj, done_ug = sum(f.value for f in energy), sum(f.value for f in co2e)
    total_uj, u_uj, dof = predict_sum(energy_uj, [f.value for f in energy[n_skipped:]], n_to_come)
    if energy_uj == 0:
        return None
    if forecast is not None:
        ug_per_uj = forecast.value * 1000 / UJ_PER_KWH
    else:
        ug_per_uj = done_ug / energy_uj
    to_come_ug = (total_uj - energy_uj) * ug_per_uj
    value = done_ug + to_come_ug
    if value <= 0:
        return Estimate(value, None, None)
    grid = _grid_sides(epochs)
    if grid is None:
        return Estimate(value, None, None)
    ahead = grid if forecast is None else common_sides([forecast])
    # The same grid before and after: in proportion, not in squares.
    sides = [
        math.hypot(e, (done_ug * seen + to_come_ug * then) / value)
        for e, seen, then in zip(common_sides(energy), grid, ahead)
    ]
    u_ug = None if u_uj is None else u_uj * ug_per_uj
    return combine(value, u_ug, dof, sides[0], sides[1], at_least=done_ug)


def _grid_sides(epochs: Sequence[Epoch]) -> Optional[Tuple[float, float]]:
    """The grid's own sides of what was measured. Not from CO2e: of a few micrograms its ends are mostly rounding."""
    known = _known([e.intensity_mg_per_kwh for e in epochs])
    return None if known is None else common_sides(known)


def predict(
    epochs: Sequence[Epoch],
    n_total: int,
    n_skipped: int = 0,
    forecast: Optional[Figure] = None,
    source: str = "",
) -> Prediction:
    """Of n_total epochs after these. The first n_skipped are counted, and say nothing of those to come."""
    if not epochs:
        raise ValueError("a prediction needs an epoch")
    n_to_come = max(n_total - len(epochs), 0)
    # Never all of them: one has to say something.
    n_skipped = min(n_skipped, len(epochs) - 1)
    done_s = math.fsum(e.wall_s for e in epochs)
    time_s, u_s, dof = predict_sum(done_s, [e.wall_s for e in epochs[n_skipped:]], n_to_come)
    return Prediction(
        epochs=max(n_total, len(epochs)),
        n_measured=len(epochs),
        time_s=combine(time_s, u_s, dof, 0.0, 0.0, at_least=done_s),
        energy_uj=predict_energy(epochs, n_skipped, n_to_come),
        co2e_ug=predict_co2e(epochs, n_skipped, n_to_come, forecast),
        intensity_mg_per_kwh=forecast,
        intensity_source=source,
    )
