# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""emissions.csv: CodeCarbon's columns, whole rows whatever happens, other people's files left alone."""

import csv
import multiprocessing
import os
import resource
import signal

import jouletrail
from case import Case
from jouletrail import machine
from jouletrail.emissions import TASK_COLUMNS, EmissionsData, append_row, write_tasks

# As CodeCarbon 3.2 and 3.3 write them.
CODECARBON = (
    "timestamp,project_name,run_id,experiment_id,duration,emissions,emissions_rate,cpu_power,gpu_power,ram_power,"
    "cpu_energy,gpu_energy,ram_energy,energy_consumed,water_consumed,country_name,country_iso_code,region,"
    "cloud_provider,cloud_region,os,python_version,codecarbon_version,cpu_count,cpu_model,gpu_count,gpu_model,"
    "longitude,latitude,ram_total_size,tracking_mode,cpu_utilization_percent,gpu_utilization_percent,"
    "ram_utilization_percent,ram_used_gb,on_cloud,pue,wue"
)
# As 2.x did.
OLDER = "timestamp,project_name,run_id,duration,emissions,emissions_rate,cpu_power,gpu_power,ram_power"


def append_many(path, n):
    for i in range(n):
        append_row(path, EmissionsData(project_name=f"{os.getpid()} {i}", cpu_model="x" * 3000))


class Rows(Case):
    def setUp(self):
        super().setUp()
        self.path = os.path.join(self.folder, "emissions.csv")

    def text(self, path=None):
        with open(path or self.path, encoding="utf-8", newline="") as f:
            return f.read()

    def write(self, text):
        with open(self.path, "w", encoding="utf-8", newline="") as f:
            f.write(text)

    def test_the_columns_are_codecarbons(self):
        self.assertEqual(",".join(jouletrail.COLUMNS), CODECARBON)
        append_row(self.path, EmissionsData())
        self.assertEqual(self.text(), CODECARBON + "\n" + "," * 37 + "\n")

    def test_a_file_of_codecarbons_is_appended_to(self):
        for end in ("\n", "\r\n"):
            self.write(CODECARBON + end)
            self.assertEqual(append_row(self.path, EmissionsData(project_name="p")), self.path)
            self.assertEqual(len(self.text().splitlines()), 2)

    def test_other_columns_are_left_alone(self):
        self.write(OLDER + "\n1,2,3\n")
        beside = os.path.join(self.folder, "emissions_1.csv")
        for _ in range(2):
            self.assertEqual(append_row(self.path, EmissionsData(project_name="p")), beside)
        self.assertEqual(self.text(), OLDER + "\n1,2,3\n")
        self.assertEqual(len(self.text(beside).splitlines()), 3)
        self.assertEqual(self.said("other columns"), 2)

    def test_a_longer_header_is_another_one(self):
        self.write(CODECARBON + ",mine\n")
        self.assertNotEqual(append_row(self.path, EmissionsData()), self.path)

    def test_an_empty_file_is_a_new_one(self):
        self.write("")
        append_row(self.path, EmissionsData())
        self.assertEqual(len(self.text().splitlines()), 2)

    def test_a_row_that_was_cut_off_does_not_take_the_next_one_with_it(self):
        self.write(CODECARBON + "\n2026-01-01T00:00:00,half")
        append_row(self.path, EmissionsData(project_name="whole"))
        with open(self.path, encoding="utf-8", newline="") as f:
            self.assertEqual([r["project_name"] for r in csv.DictReader(f)], ["half", "whole"])

    def test_rows_of_many_processes_stay_whole(self):
        context = multiprocessing.get_context("fork")
        workers = [context.Process(target=append_many, args=(self.path, 50)) for _ in range(4)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        with open(self.path, encoding="utf-8", newline="") as f:
            rows = list(csv.DictReader(f))
        self.assertEqual(len({r["project_name"] for r in rows}), 200)
        self.assertEqual({len(r["cpu_model"]) for r in rows}, {3000})

    def test_half_a_row_is_taken_back(self):
        append_row(self.path, EmissionsData(project_name="first"))
        before = self.text()

        def child():
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) + 10, resource.RLIM_INFINITY))
            try:
                append_row(self.path, EmissionsData(project_name="x" * 100))
            except OSError:
                return True
            return False

        self.assertEqual(self.in_child(child), 0)
        self.assertEqual(self.text(), before)

    def test_a_folder_that_cannot_be_written_is_an_oserror(self):
        with self.assertRaises(OSError):
            append_row(os.path.join(self.folder, "none", "emissions.csv"), EmissionsData())

    def test_tasks_have_codecarbons_columns_too(self):
        self.assertEqual((TASK_COLUMNS[0], TASK_COLUMNS[-1], len(TASK_COLUMNS)), ("task_name", "on_cloud", 36))
        write_tasks(self.path, [("a", EmissionsData(duration=1.5)), ("a", EmissionsData())])
        with open(self.path, encoding="utf-8", newline="") as f:
            self.assertEqual([(r["task_name"], r["duration"]) for r in csv.DictReader(f)], [("a", "1.5"), ("a", "")])
        self.assertEqual(os.listdir(self.folder), ["emissions.csv"])


class Places(Case):
    def test_zones(self):
        for zone, want in (
            ("FR", ("FRA", None, None, None, None)),
            ("US-CAL-CISO", ("USA", "CAL-CISO", None, None, None)),
            ("aws:eu-west-3", (None, None, "aws", "eu-west-3", "Y")),
            ("WORLD", (None,) * 5),
            ("EU", (None,) * 5),
            ("", (None,) * 5),
        ):
            with self.subTest(zone=zone):
                self.assertEqual(tuple(machine.place(zone)), want)

    def test_every_country_once(self):
        codes = machine._alpha3()
        self.assertEqual((len(codes), len(set(codes.values()))), (249, 249))
        self.assertTrue(all(len(a) == 2 and len(b) == 3 for a, b in codes.items()))
