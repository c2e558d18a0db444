# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""TrainingTracker: epochs that do not wait, what it prints, and what parse_log makes of its log."""

import asyncio
import contextlib
import io
import os
import re

import jouletrail
from case import Case, DaemonCase
from jouletrail import TrainingTracker, parse_log

# What Carbontracker's own parser looks for in its output log.
CARBONTRACKER_ACTUAL = re.compile(
    r"Actual consumption for (\d*) epoch\(s\):\n\s*Time:\s*(.*)\n\s*Energy:\s*(.*)\s+kWh\n\s*CO2eq:\s*(.*)\s+g\n"
)


class Training(DaemonCase):
    def tracker(self, epochs, *args, **options):
        options = {"client": self.client, "log_dir": self.folder, "verbose": 0, **options}
        return TrainingTracker(epochs, *args, **options)

    def run_epochs(self, tracker, n):
        for _ in range(n):
            tracker.epoch_start()
            tracker.epoch_end()

    def log(self):
        return parse_log(self.folder)[-1]

    def test_a_whole_training(self):
        tracker = self.tracker(10)
        self.run_epochs(tracker, 10)
        self.assertEqual([e.energy_uj.value for e in tracker.measured], [20_000_000] * 10)
        p = tracker.prediction
        self.assertEqual((p.epochs, p.n_measured, p.time_s.value, p.energy_uj.value), (10, 3, 20.0, 2e8))
        # The fake's forecast, 60 g/kWh, for 7 epochs to come; 633 µg in each of those seen.
        self.assertAlmostEqual(p.co2e_ug.value, 3 * 633 + 7 * 20e6 * 60000 / 3.6e9, delta=1)
        log = self.log()
        self.assertFalse(log["early_stop"])
        self.assertEqual((log["actual"]["epochs"], log["pred"]["epochs"]), (10, 10))
        self.assertAlmostEqual(log["actual"]["energy (kWh)"], 200 / 3.6e6, delta=1e-9)
        self.assertAlmostEqual(log["pred"]["co2eq (g)"], p.co2e_ug.value / 1e6, delta=1e-9)
        low, high = log["pred"]["energy interval (kWh)"]
        self.assertAlmostEqual(low, p.energy_uj.low / 3.6e12, delta=1e-9)
        self.assertAlmostEqual(high, p.energy_uj.high / 3.6e12, delta=1e-9)
        self.assertEqual(log["components"]["process"]["avg_power_usages (W)"], [10.0] * 10)
        self.assertEqual(log["components"]["process"]["epoch_durations (s)"], [2.0] * 10)
        self.assertEqual(log["components"]["process"]["devices"], ["powercap"])

    def test_an_epochs_end_does_not_wait(self):
        self.daemon.held = {"span_end"}
        tracker = self.tracker(10)
        self.run_epochs(tracker, 2)
        self.daemon.wait_for("span_end", 2)
        self.assertEqual(tracker.measured, [])
        self.daemon.release()
        self.run_epochs(tracker, 1)
        self.assertEqual(len(tracker.measured), 3)

    def test_the_forecast_is_of_the_time_to_come(self):
        self.run_epochs(self.tracker(10), 3)
        (asked,) = self.daemon.of("intensity")
        self.assertEqual(asked["to_real_us"] - asked["from_real_us"], 14_000_000)

    def test_without_a_forecast_the_epochs_own_intensity(self):
        self.daemon.refuse = {"intensity": "not_available"}
        tracker = self.tracker(10)
        self.run_epochs(tracker, 3)
        self.assertAlmostEqual(tracker.prediction.co2e_ug.value, 6330, delta=1)
        self.assertIsNone(tracker.prediction.intensity_mg_per_kwh)

    def test_early_stopping(self):
        tracker = self.tracker(10)
        self.run_epochs(tracker, 4)
        tracker.epoch_start()
        tracker.stop()
        tracker.stop()
        log = self.log()
        self.assertTrue(log["early_stop"])
        self.assertEqual((log["actual"]["epochs"], log["pred"]["epochs"]), (4, 10))

    def test_only_some_epochs_are_measured(self):
        tracker = self.tracker(10, 2, 4)
        self.run_epochs(tracker, 10)
        self.assertEqual((len(tracker.measured), len(self.daemon.of("span_end"))), (4, 4))
        self.assertFalse(self.log()["early_stop"])

    def test_one_epoch_before_the_prediction_as_carbontracker_has_it(self):
        tracker = self.tracker(3, epochs_before_pred=1)
        self.run_epochs(tracker, 1)
        self.assertEqual((tracker.prediction.energy_uj.value, tracker.prediction.energy_uj.low), (6e7, None))
        tracker.stop()
        self.assertIsNone(self.log()["pred"]["energy interval (kWh)"])
        self.assertEqual(self.log()["pred"]["duration (s)"], 6.0)

    def test_predict_can_be_asked_for_at_any_time(self):
        tracker = self.tracker(10, warmup_epochs=1)
        self.assertIsNone(tracker.predict())
        self.run_epochs(tracker, 2)
        self.assertEqual(tracker.predict().n_measured, 2)

    def test_hundreds_of_epochs_within_a_window(self):
        # More than a connection may have open spans.
        self.daemon.wall_ns = 1_000_000
        tracker = self.tracker(300)
        self.run_epochs(tracker, 300)
        self.assertEqual(len(tracker.measured), 300)
        self.assertTrue(all(e.energy_uj for e in tracker.measured))

    def test_context_managers(self):
        with self.tracker(4) as tracker:
            with tracker.epoch():
                with self.span("inside"):
                    pass
            with self.assertRaises(KeyError):
                with tracker.epoch():
                    raise KeyError("batch")
            with tracker.epoch():
                pass
        self.assertEqual(len(tracker.measured), 2)
        inside = [b for b in self.daemon.of("span_begin") if b["name"] == "inside"]
        self.assertEqual(inside[0]["parent"], 1)
        self.assertTrue(self.log()["early_stop"])

    def test_asyncio(self):
        async def work():
            async with self.tracker(5) as tracker:
                for _ in range(5):
                    async with tracker.epoch_async():
                        await asyncio.sleep(0)
            return tracker

        tracker = asyncio.run(work())
        self.assertEqual((len(tracker.measured), tracker.prediction.n_measured), (5, 3))

    def test_a_missing_epoch_is_nan_in_the_log(self):
        self.daemon.change = lambda r: r.update(quality="missing")
        self.run_epochs(self.tracker(3), 3)
        actual = self.log()["actual"]
        self.assertEqual((actual["energy (kWh)"], actual["co2eq (g)"], actual["duration (s)"]), (None, None, 6.0))
        self.assertEqual(self.daemon.of("intensity"), [])

    def test_mistakes_are_said_and_harm_nothing(self):
        tracker = self.tracker(5)
        tracker.epoch_end()
        tracker.epoch_start()
        tracker.epoch_start()
        tracker.epoch_end()
        tracker.stop()
        tracker.epoch_start()
        tracker.epoch_end()
        self.assertEqual(len(tracker.measured), 1)
        self.assertEqual((self.said("without epoch_start"), self.said("not counted")), (1, 1))

    def test_options(self):
        self.tracker(5, update_interval=10, ignore_errors=True, devices_by_pid=False, components="all")
        for wrong in (
            {"epochs": 0},
            {"epochs": 2.5},
            {"epochs": 5, "monitor_epochs": 0},
            {"epochs": 5, "monitor_epochs": 1, "epochs_before_pred": 2},
            {"epochs": 5, "components": "gpu"},
            {"epochs": 5, "stop_and_confirm": True},
            {"epochs": 5, "api_keys": {"electricitymaps": "k"}},
        ):
            with self.subTest(wrong=wrong), self.assertRaises(ValueError):
                TrainingTracker(client=self.client, **wrong)
        with self.assertRaises(TypeError):
            TrainingTracker(5, epoch=3)

    def test_it_prints_what_carbontracker_prints(self):
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            self.run_epochs(self.tracker(3, verbose=1, log_dir=None), 3)
        found = CARBONTRACKER_ACTUAL.search(out.getvalue())
        self.assertEqual((found.group(1), found.group(2)), ("3", "0:00:06.00"))
        self.assertAlmostEqual(float(found.group(3)), 60 / 3.6e6, delta=1e-9)
        self.assertIn("Predicted consumption for 3 epoch(s):", out.getvalue())


class NoDaemon(Case):
    def test_times_are_predicted_without_a_daemon(self):
        client = jouletrail.Client(os.path.join(self.folder, "none"))
        tracker = TrainingTracker(10, client=client, log_dir=self.folder, verbose=0)
        for _ in range(4):
            with tracker.epoch():
                pass
        tracker.stop()
        self.assertIsNone(tracker.prediction.energy_uj)
        self.assertGreater(tracker.prediction.time_s.high, 0)
        self.assertEqual(self.said("monitor_only"), 1)
        (log,) = parse_log(self.folder)
        self.assertIsNone(log["pred"]["energy (kWh)"])
        self.assertIsNotNone(log["pred"]["duration (s)"])
        self.assertEqual(log["components"]["process"]["avg_power_usages (W)"], [None] * 4)


class Parsing(Case):
    def parse(self, text):
        path = os.path.join(self.folder, "x.log")
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
        return parse_log(path)

    def test_carbontrackers_output_log_is_read_too(self):
        stamp = "2020-05-17 19:02:11,123 - MainThread - INFO - "
        (log,) = self.parse(
            f"{stamp}CarbonTracker: \nActual consumption for 1 epoch(s):\n\tTime:\t0:00:08\n\tEnergy:\t0.000065 kWh\n"
            "\tCO2eq:\t0.019201 g\n\tThis is equivalent to:\n\t0.000159 km travelled by car\n"
            f"{stamp}CarbonTracker: \nPredicted consumption for 3 epoch(s):\n\tTime:\t1 day, 2:00:25\n"
            "\tEnergy:\t1000.000196 kWh\n\tCO2eq:\t10000.057604 g\n"
            f"{stamp}CarbonTracker: Finished monitoring.\n"
        )
        self.assertEqual((log["actual"]["epochs"], log["actual"]["duration (s)"]), (1, 8.0))
        self.assertEqual((log["pred"]["energy (kWh)"], log["pred"]["duration (s)"]), (1000.000196, 93625.0))
        self.assertIsNone(log["pred"]["energy interval (kWh)"])

    def test_several_trainings_in_a_file(self):
        stamp = "2026-05-17 19:02:11,123 - MainThread - DEBUG - "
        begin = f"{stamp}jouletrail training of 3 epoch(s), version 1\n"
        logs = self.parse(begin * 2 + f"{stamp}Training was interrupted x\n")
        self.assertEqual([log["early_stop"] for log in logs], [False, True])

    def test_no_log_is_no_training(self):
        self.assertEqual(self.parse(""), [])
        self.assertEqual(self.parse("\x00\xffgarbage\n" * 1000), [])
        with self.assertRaises(OSError):
            parse_log(os.path.join(self.folder, "none"))

    def test_lines_that_were_cut_or_changed(self):
        stamp = "2026-05-17 19:02:11,123 - MainThread - INFO - "
        whole = (
            f"{stamp}Actual consumption for 1 epoch(s):\n\tTime:\t0:00:08\n\tEnergy:\t0.1 kWh\n\tCO2eq:\t2 g\n"
            f"\tEnergy interval:\t[0.05, 0.2] kWh\n\n{stamp}Average power usage (W) for process: [12.5]\n"
            f"{stamp}Duration: 0:00:08\n"
        )
        for end in range(len(whole)):
            self.parse(whole[:end])
            self.parse(whole[:end] + "\udcff".encode("utf-8", "surrogateescape").decode("latin-1") + whole[end + 1 :])
