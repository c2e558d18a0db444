# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The maths of a prediction: known quantiles, laws, and coverage of simulated trainings whose truth is known."""

import math
import os
import random
import unittest

from jouletrail import Epoch, Figure, predict
from jouletrail.prediction import Z95, combine, common_sides, predict_sum, t_quantile_95

N_RUNS = 20000 if os.environ.get("LONG") else 2500


# 360 g/kWh is 1e-4 µg/µJ.
GRID = Figure(360_000, 240_000, 540_000)


def epoch(energy, down=0.9, up=1.1, co2e=None, grid=GRID):
    figure = Figure(round(energy), math.floor(energy * down), math.ceil(energy * up))
    return Epoch(energy / 1e7, figure, co2e, grid)


class Known(unittest.TestCase):
    def test_students_quantiles(self):
        known = {1: 12.7062, 2: 4.30265, 3: 3.18245, 4: 2.77645, 10: 2.22814, 30: 2.04227, 1000: 1.96234}
        for dof, want in known.items():
            self.assertAlmostEqual(t_quantile_95(dof), want, delta=2e-4)
        self.assertEqual(t_quantile_95(10**6), Z95)
        with self.assertRaises(ValueError):
            t_quantile_95(0)

    def test_a_sum_by_hand(self):
        # 10, 12, 14: s² = 4; 7 to come: 4 (7 + 49/3).
        value, u, dof = predict_sum(36, [10, 12, 14], 7)
        self.assertEqual((value, dof), (120, 2))
        self.assertAlmostEqual(u, math.sqrt(4 * (7 + 49 / 3)))

    def test_one_epoch_has_no_interval(self):
        p = predict([epoch(1e8)], 10)
        self.assertEqual((p.energy_uj.value, p.energy_uj.low, p.energy_uj.high), (1e9, None, None))
        self.assertEqual((p.time_s.value, p.time_s.low), (100.0, None))

    def test_all_measured_is_no_prediction(self):
        p = predict([epoch(1e8), epoch(2e8)], 2)
        self.assertEqual((p.time_s.low, p.time_s.value, p.time_s.high), (30.0, 30.0, 30.0))
        self.assertAlmostEqual(p.energy_uj.low, 2.7e8, delta=10)
        self.assertAlmostEqual(p.energy_uj.high, 3.3e8, delta=10)

    def test_a_missing_epoch_makes_the_energy_missing_and_not_the_time(self):
        p = predict([epoch(1e8), Epoch(10.0, None, None), epoch(1e8)], 10)
        self.assertEqual((p.energy_uj, p.co2e_ug), (None, None))
        self.assertEqual(p.time_s.value, 100.0)

    def test_a_warm_up_counts_but_says_nothing_of_later_epochs(self):
        slow, rest = epoch(9e8), [epoch(1e8)] * 3
        self.assertEqual(predict([slow, *rest], 10, n_skipped=1).energy_uj.value, 9e8 + 9e8)
        self.assertEqual(predict([slow], 10, n_skipped=1).energy_uj.value, 9e9)

    def test_zero_energy_and_nothing_to_predict_from(self):
        zero = Epoch(0.0, Figure(0, 0, 0), Figure(0, 0, 0))
        p = predict([zero, zero], 5)
        self.assertEqual((p.energy_uj.value, p.energy_uj.low, p.energy_uj.high), (0, 0, 0))
        self.assertIsNone(p.co2e_ug)
        with self.assertRaises(ValueError):
            predict([], 5)

    def test_forecast_intensity_is_of_the_epochs_to_come_alone(self):
        seen = [epoch(1e8, co2e=Figure(10000, 9000, 11000)) for _ in range(2)]
        self.assertEqual(predict(seen, 4).co2e_ug.value, 40000)
        p = predict(seen, 4, forecast=Figure(180_000, 90_000, 360_000))
        self.assertAlmostEqual(p.co2e_ug.value, 30000)
        # A third of the total is the forecast's, whose upper side is ln 2.
        third = (math.log(1.5) * 20000 + math.log(2) * 10000) / 30000
        self.assertAlmostEqual(math.log(p.co2e_ug.high / p.co2e_ug.value), math.hypot(math.log(1.1), third), delta=1e-3)

    def test_a_grid_that_is_not_known_has_no_interval(self):
        seen = [epoch(1e8, co2e=Figure(10000, 9000, 11000), grid=None) for _ in range(2)]
        p = predict(seen, 4)
        self.assertEqual((p.co2e_ug.value, p.co2e_ug.low, p.co2e_ug.high), (40000, None, None))


class Laws(unittest.TestCase):
    def test_what_is_common_does_not_average_out(self):
        for n in (2, 10, 100):
            p = predict([epoch(1e8, 0.5, 2.0)] * n, 1000)
            self.assertAlmostEqual(p.energy_uj.low / p.energy_uj.value, 0.5, delta=1e-6)
            self.assertAlmostEqual(p.energy_uj.high / p.energy_uj.value, 2.0, delta=1e-6)

    def test_what_epochs_differ_by_does(self):
        rng = random.Random(1)
        seen = [epoch(rng.gauss(1e8, 1e7), 1, 1) for _ in range(50)]
        widths = []
        for n in (3, 10, 50):
            p = predict(seen[:n], 1000).energy_uj
            widths.append((p.high - p.low) / p.value)
        self.assertEqual(widths, sorted(widths, reverse=True))

    def test_scaling_scales(self):
        rng = random.Random(2)
        energies = [rng.gauss(1e8, 1e7) for _ in range(4)]
        one, ten = (predict([epoch(e * k) for e in energies], 20).energy_uj for k in (1, 10))
        for a, b in ((one.low, ten.low), (one.value, ten.value), (one.high, ten.high)):
            self.assertAlmostEqual(a * 10 / b, 1, delta=1e-6)

    def test_never_below_what_was_measured(self):
        p = predict([epoch(1e8, 1, 1), epoch(9e8, 1, 1)], 3)
        self.assertGreaterEqual(p.energy_uj.low, 1e9 * (1 - 1e-9))
        self.assertGreaterEqual(p.time_s.low, 100 * (1 - 1e-9))

    def test_ends_are_exact_where_one_part_is_alone(self):
        e = combine(100.0, 10.0, 2, 0.0, 0.0)
        self.assertAlmostEqual(e.high, 100 + 10 * t_quantile_95(2))
        e = combine(100.0, 0.0, 2, math.log(2) / Z95, math.log(3) / Z95)
        self.assertAlmostEqual(e.low, 50)
        self.assertAlmostEqual(e.high, 300)

    def test_a_low_of_nothing_is_no_error(self):
        down, up = common_sides([Figure(100, 0, 100)])
        self.assertTrue(0 < down < 10 and up == 0)


class Coverage(unittest.TestCase):
    """Of seeded trainings, how often is the truth within? Meter's gain: one draw for all epochs of a training."""

    def cover(self, n_seen, n_total, spread, gain, co2e=False):
        rng = random.Random(f"{n_seen} {n_total} {spread} {gain} {co2e}")
        hits = 0
        low_side, high_side = math.exp(-Z95 * gain), math.exp(Z95 * gain)
        by_table = Figure(360_000, round(360_000 * math.exp(-Z95 * 0.2)), round(360_000 * math.exp(Z95 * 0.2)))
        for _ in range(N_RUNS):
            truth = [max(1e6, rng.gauss(1e8, spread * 1e8)) for _ in range(n_total)]
            shared = math.exp(rng.gauss(0, gain))
            grid = math.exp(rng.gauss(0, 0.2))
            seen = []
            for e in truth[:n_seen]:
                measured = e * shared
                co2 = Figure(round(measured * 1e-4), 0, round(measured))
                seen.append(epoch(measured, low_side, high_side, co2, by_table))
            p = predict(seen, n_total)
            got, want = (p.co2e_ug, sum(truth) * 1e-4 * grid) if co2e else (p.energy_uj, sum(truth))
            hits += got.low <= want <= got.high
        return hits / N_RUNS

    def within(self, share, most=0.97):
        self.assertTrue(0.93 <= share <= most, f"covers {share:.4f}")

    def test_epochs_that_differ(self):
        self.within(self.cover(3, 10, 0.05, 0.0))
        self.within(self.cover(5, 200, 0.1, 0.0))

    def test_a_meter_that_is_wrong(self):
        self.within(self.cover(3, 10, 0.01, 0.1))
        self.within(self.cover(10, 1000, 0.05, 0.3))

    def test_both(self):
        self.within(self.cover(10, 100, 0.1, 0.02))
        self.within(self.cover(6, 50, 0.1, 0.05))

    def test_two_epochs_are_few_and_the_interval_is_rather_too_wide(self):
        self.within(self.cover(2, 10, 0.05, 0.0))
        self.within(self.cover(2, 10, 0.1, 0.05), most=0.995)

    def test_carbon_with_the_grids_part(self):
        self.within(self.cover(5, 50, 0.05, 0.1, co2e=True))
