# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""EnergyTracker and track_energy: what CodeCarbon's users expect of them."""

import asyncio
import csv
import logging
import math
import os
import threading

import jouletrail
from case import Case, DaemonCase
from jouletrail import EnergyTracker, task_outputs, track_energy

# 2 s at 10 W and 114 g/kWh, as the fake says.
KG = 633 / 1e9
KWH = 20 / 3.6e6


class Tracker(DaemonCase):
    def tracker(self, **options):
        return EnergyTracker(client=self.client, output_dir=self.folder, **options)

    def rows(self, name="emissions.csv"):
        with open(os.path.join(self.folder, name), encoding="utf-8", newline="") as f:
            return list(csv.DictReader(f))

    def test_stop_returns_kilograms(self):
        tracker = self.tracker(project_name="p")
        tracker.start()
        self.assertAlmostEqual(tracker.stop(), KG, delta=1e-15)
        data = tracker.final_emissions_data
        self.assertEqual(tracker.final_emissions, data.emissions)
        self.assertAlmostEqual(data.energy_consumed, KWH, delta=1e-12)
        self.assertEqual((data.duration, data.country_iso_code, data.tracking_mode), (2.0, "FRA", "process"))
        self.assertEqual(data.measured.energy_uj, jouletrail.Figure(20_000_000, 18_000_000, 22_000_000))
        self.assertIsNone(data.cpu_energy)
        self.assertEqual(list(data.values), list(jouletrail.COLUMNS))

    def test_a_row_is_appended(self):
        for name in ("one", 'two, "quoted"'):
            with self.tracker(project_name=name):
                pass
        rows = self.rows()
        self.assertEqual([r["project_name"] for r in rows], ["one", 'two, "quoted"'])
        self.assertAlmostEqual(float(rows[0]["emissions"]), KG, delta=1e-15)
        self.assertEqual((rows[0]["gpu_energy"], rows[0]["pue"], rows[0]["on_cloud"]), ("", "1.0", ""))
        self.assertNotEqual(rows[0]["run_id"], rows[1]["run_id"])

    def test_the_machines_figures_are_of_whole_windows(self):
        tracker = self.tracker(tracking_mode="machine")
        with tracker:
            pass
        data = tracker.final_emissions_data
        self.assertAlmostEqual(data.energy_consumed, KWH * 1.5, delta=1e-12)
        self.assertEqual((data.duration, data.cpu_utilization_percent), (3.0, None))

    def test_pue_is_in_the_columns_and_not_in_what_was_measured(self):
        tracker = self.tracker(pue=1.5)
        with tracker:
            pass
        self.assertAlmostEqual(tracker.final_emissions, KG * 1.5, delta=1e-15)
        self.assertEqual(tracker.final_emissions_data.measured.co2e_ug.value, 633)

    def test_tasks_are_inside_the_tracker(self):
        tracker = self.tracker(project_name="root", experiment_name="e")
        tracker.start()
        tracker.start_task("load")
        tracker.start_task("parse")
        self.assertEqual(tracker.stop_task().measured.name, "parse")
        load = tracker.stop_task("load")
        self.assertAlmostEqual(load.emissions, KG, delta=1e-15)
        tracker.start_task("left open")
        tracker.stop()
        self.assertEqual([name for name, _ in tracker.tasks], ["parse", "load", "left open"])
        parents = {b["name"]: b.get("parent") for b in self.daemon.of("span_begin")}
        self.assertEqual(parents, {"root": None, "load": 1, "parse": 2, "left open": 1})
        rows = self.rows(f"emissions_e_{tracker.run_id}.csv")
        self.assertEqual([r["task_name"] for r in rows], ["parse", "load", "left open"])
        self.assertEqual(len(self.rows()), 1)

    def test_a_task_starts_the_tracker(self):
        tracker = self.tracker(save_to_file=False)
        name = tracker.start_task()
        self.assertIsNotNone(tracker.stop_task(name))
        self.assertAlmostEqual(tracker.stop(), KG, delta=1e-15)

    def test_a_task_of_another_thread_is_inside_too(self):
        tracker = self.tracker(project_name="root", save_to_file=False)
        tracker.start()
        thread = threading.Thread(target=lambda: (tracker.start_task("t"), tracker.stop_task("t")))
        thread.start()
        thread.join()
        tracker.stop()
        self.assertEqual(self.daemon.of("span_begin")[1]["parent"], 1)

    def test_flush_goes_on(self):
        tracker = self.tracker()
        tracker.start()
        self.assertAlmostEqual(tracker.flush(), KG, delta=1e-15)
        self.assertEqual(len(self.daemon.of("span_end")), 0)
        tracker.stop()
        self.assertEqual(len({r["run_id"] for r in self.rows()}), 1)
        self.assertEqual(len(self.rows()), 2)

    def test_mistakes_are_said_and_harm_nothing(self):
        tracker = self.tracker(save_to_file=False)
        self.assertIsNone(tracker.stop())
        tracker.start()
        tracker.start()
        self.assertIsNone(tracker.stop_task())
        self.assertIsNone(tracker.stop_task("never"))
        tracker.start_task("t")
        with self.assertRaises(ValueError):
            tracker.start_task("t")
        first = tracker.stop()
        self.assertEqual(tracker.stop(), first)
        self.assertEqual(len(self.daemon.of("span_begin")), 2)

    def test_a_forked_child_reports_nothing_of_its_parents(self):
        tracker = self.tracker()
        tracker.start()
        self.assertEqual(self.in_child(lambda: tracker.stop() is None), 0)
        self.assertFalse(os.path.exists(os.path.join(self.folder, "emissions.csv")))
        self.assertAlmostEqual(tracker.stop(), KG, delta=1e-15)

    def test_missing_is_none_and_an_empty_field(self):
        self.daemon.change = lambda r: r.update(quality="missing")
        tracker = self.tracker()
        with tracker:
            pass
        self.assertIsNone(tracker.final_emissions)
        self.assertEqual((self.rows()[0]["emissions"], self.rows()[0]["duration"]), ("", "2.0"))

    def test_asyncio(self):
        async def work():
            async with self.tracker(project_name="root") as tracker:
                await asyncio.gather(*[self.one_task(tracker, f"t{n}") for n in range(5)])
            return tracker

        tracker = asyncio.run(work())
        self.assertEqual(len(tracker.tasks), 5)
        self.assertEqual({b.get("parent") for b in self.daemon.of("span_begin")[1:]}, {1})
        self.assertEqual(len(self.rows()), 1)

    async def one_task(self, tracker, name):
        await tracker.start_task_async(name)
        await asyncio.sleep(0)
        await tracker.stop_task_async(name)

    def test_a_disk_that_is_full_is_said(self):
        if not os.path.exists("/dev/full"):
            self.skipTest("no /dev/full")
        os.symlink("/dev/full", os.path.join(self.folder, "emissions.csv"))
        tracker = self.tracker()
        with tracker:
            pass
        self.assertAlmostEqual(tracker.final_emissions, KG, delta=1e-15)
        self.assertEqual(self.said("the row is lost"), 1)

    def test_what_a_node_publishes(self):
        tracker = self.tracker(save_to_file=False)
        with tracker:
            pass
        out = task_outputs(tracker.final_emissions_data)
        self.assertAlmostEqual(out.carbon_footprint, 633e-6, delta=1e-12)
        self.assertAlmostEqual(out.energy_consumption, 20 / 3600, delta=1e-9)
        self.assertAlmostEqual(out.carbon_intensity, 114.0)
        self.assertEqual(task_outputs(tracker.final_emissions_data.measured), out)
        self.assertTrue(math.isnan(task_outputs(None).energy_consumption))


class Decorator(DaemonCase):
    def setUp(self):
        super().setUp()
        self.options = {"client": self.client, "output_dir": self.folder}

    def test_a_functions_value_goes_through(self):
        @track_energy(**self.options)
        def double(x: int) -> int:
            "Twice."
            return 2 * x

        self.assertEqual((double(4), double.__name__, double.__doc__), (8, "double", "Twice."))
        self.assertAlmostEqual(double.last_tracker.final_emissions, KG, delta=1e-15)
        self.assertIn("double", self.daemon.of("span_begin")[0]["name"])

    def test_an_exception_goes_through_and_is_measured(self):
        @track_energy(**self.options)
        def fail():
            raise KeyError("mine")

        with self.assertRaises(KeyError):
            fail()
        self.assertEqual(len(self.daemon.of("span_end")), 1)

    def test_async_functions(self):
        @track_energy(project_name="p", **self.options)
        async def work(n):
            await asyncio.sleep(0)
            return n

        async def both():
            return await asyncio.gather(work(1), work(2))

        self.assertEqual(asyncio.run(both()), [1, 2])
        self.assertEqual([b["name"] for b in self.daemon.of("span_begin")], ["p", "p"])

    def test_a_generator_is_refused(self):
        with self.assertRaises(TypeError):

            @track_energy
            def numbers():
                yield 1

    def test_wrong_options_are_said_at_once(self):
        with self.assertRaises(ValueError):
            track_energy(tracking_mode="galaxy")


class Options(Case):
    def test_codecarbons_that_change_nothing_here(self):
        EnergyTracker("p", measure_power_secs=1, allow_multiple_runs=True, log_level="error", force_cpu_power=100)
        EnergyTracker(save_to_api=False, country_iso_code=None, output_dir=self.folder)
        self.assertEqual(logging.getLogger("jouletrail").level, logging.ERROR)
        logging.getLogger("jouletrail").setLevel(logging.NOTSET)

    def test_those_that_would_give_other_figures(self):
        for name, value in (
            ("country_iso_code", "FRA"),
            ("save_to_api", True),
            ("emissions_endpoint", "https://example.org"),
            ("gpu_ids", [0]),
            ("force_carbon_intensity_g_co2e_kwh", 10),
            ("wue", 0.2),
            ("tracking_mode", "galaxy"),
            ("on_csv_write", "update"),
            ("pue", 0.5),
            ("pue", math.nan),
            ("pue", True),
            ("log_level", "loud"),
        ):
            with self.subTest(name=name), self.assertRaises(ValueError):
                EnergyTracker(output_dir=self.folder, **{name: value})

    def test_those_that_nobody_knows(self):
        with self.assertRaises(TypeError):
            EnergyTracker(projekt_name="p")
        with self.assertRaises(OSError):
            EnergyTracker(output_dir=os.path.join(self.folder, "none"))


class NoDaemon(Case):
    def test_everything_works_and_says_none(self):
        client = jouletrail.Client(os.path.join(self.folder, "none"))
        tracker = EnergyTracker(client=client, output_dir=self.folder)
        tracker.start()
        tracker.start_task("t")
        self.assertIsNone(tracker.flush())
        self.assertIsNone(tracker.stop_task("t").emissions)
        self.assertIsNone(tracker.stop())
        self.assertIsNone(tracker.final_emissions_data.measured)
        self.assertGreaterEqual(tracker.final_emissions_data.duration, 0)
        self.assertEqual(self.said("monitor_only"), 1)
        with open(os.path.join(self.folder, "emissions.csv"), encoding="utf-8", newline="") as f:
            rows = list(csv.DictReader(f))
        for row in rows:
            self.assertEqual((row["emissions"], row["energy_consumed"], row["country_iso_code"]), ("", "", ""))
        self.assertEqual(len(rows), 2)
        self.assertTrue(all(math.isnan(v) for v in vars(task_outputs(tracker.final_emissions_data)).values()))
