# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Against the program itself, $JT daemon: as root on a kernel that it can trace, else skipped with the reason."""

import asyncio
import contextlib
import io
import os
import resource
import shutil
import signal
import subprocess
import tempfile
import time
import unittest

import jouletrail
from case import Case

JT = os.environ.get("JT", "")
# CPU time by the kernel's two accounts of it: as far apart as a task's tick of bookkeeping and a loaded machine allow.
SLACK = 0.05
SLACK_NS = 20_000_000


def why_not():
    if os.geteuid() != 0:
        return "needs root"
    if not os.access(JT, os.X_OK):
        return "$JT is no program"
    usage = subprocess.run([JT, "daemon", "--help"], capture_output=True, text=True, check=False).stdout
    return "" if "--control" in usage else "this daemon has no control socket"


def burn(cpu_s):
    """Takes so much CPU time, however long that takes."""
    until = time.process_time() + cpu_s
    while time.process_time() < until:
        sum(range(1000))


WHY_NOT = why_not()


@unittest.skipIf(WHY_NOT, WHY_NOT)
class Daemon(Case):
    @classmethod
    def setUpClass(cls):
        cls.home = tempfile.mkdtemp(prefix="jouletrail-test-")
        os.chmod(cls.home, 0o755)
        cls.path = os.path.join(cls.home, "control.sock")
        cls.start()

    @classmethod
    def start(cls):
        command = [JT, "daemon", "--zone", "FR", "--tick", "2s", "--max-tasks", "131072"]
        command += ["--control", cls.path, "--control-mode", "0666"]
        command += ["--ledger", f"{cls.home}/ledger", "--key-dir", f"{cls.home}/keys"]
        cls.log = open(f"{cls.home}/log", "ab")
        cls.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=cls.log, stderr=cls.log)
        # The file is there before anybody listens: an answer is what says that it has started.
        while not cls.answers():
            if cls.process.poll() is not None:
                with open(f"{cls.home}/log", encoding="utf-8", errors="replace") as f:
                    raise AssertionError(f"the daemon ended with {cls.process.returncode}: {f.read()}")
            time.sleep(0.05)

    @classmethod
    def answers(cls):
        client = jouletrail.Client(cls.path, timeout_s=120)
        try:
            return client.version()["protocol"] == 1
        except jouletrail.NotConnected:
            return False
        finally:
            client.close()

    @classmethod
    def tearDownClass(cls):
        if cls.process.poll() is None:
            cls.process.send_signal(signal.SIGTERM)
            cls.process.wait()
        cls.log.close()
        shutil.rmtree(cls.home)

    def setUp(self):
        super().setUp()
        # A loaded machine's windows end late.
        self.client = jouletrail.Client(self.path, timeout_s=120)
        self.addCleanup(self.client.close)

    def near(self, result, want_ns):
        """Where the accounting lost detail, on a machine that forks more than it holds, only not more than that."""
        self.assertLessEqual(result.cpu_ns, want_ns * (1 + SLACK) + SLACK_NS)
        if not result.lost:
            self.assertGreaterEqual(result.cpu_ns, want_ns * (1 - SLACK) - SLACK_NS)

    def sound(self, result):
        self.assertIsNotNone(result, self.messages.texts)
        energy, co2e = result.energy(), result.co2e()
        self.assertTrue(0 <= energy.low <= energy.value <= energy.high and energy.value > 0)
        self.assertIsNotNone(co2e)
        self.assertGreaterEqual(result.host.energy_uj.value, energy.value)
        self.assertEqual(result.zone, "FR")

    def test_a_span_has_this_process_and_its_children(self):
        own_ns = time.process_time_ns()
        with jouletrail.Span("outer", {"k": "v"}, client=self.client) as outer:
            with jouletrail.Span("inner", client=self.client) as inner:
                burn(0.3)
                inner_ns = time.process_time_ns() - own_ns
            before_s = resource.getrusage(resource.RUSAGE_CHILDREN)
            work = "head -c 100000000 /dev/zero | sha256sum"
            subprocess.run(["sh", "-c", work], stdout=subprocess.DEVNULL, check=True)
            after_s = resource.getrusage(resource.RUSAGE_CHILDREN)
            own_ns = time.process_time_ns() - own_ns
        children_s = after_s.ru_utime + after_s.ru_stime - before_s.ru_utime - before_s.ru_stime
        for span in (outer, inner):
            self.sound(span.result)
        self.near(inner.result, inner_ns)
        self.near(outer.result, own_ns + int(children_s * 1e9))
        self.assertEqual((outer.result.labels, outer.result.ended_by), ({"k": "v"}, "client"))

    def test_a_tracker_and_a_training(self):
        with jouletrail.EnergyTracker(client=self.client, output_dir=self.folder) as tracker:
            burn(0.2)
        self.assertGreaterEqual(tracker.final_emissions, 0)
        self.assertGreater(tracker.final_emissions_data.energy_consumed, 0)
        training = jouletrail.TrainingTracker(20, log_dir=self.folder, verbose=0, client=self.client)
        for _ in range(4):
            with training.epoch():
                burn(0.1)
        training.stop()
        p = training.prediction
        self.assertTrue(p.energy_uj.low < p.energy_uj.value < p.energy_uj.high)
        self.assertEqual(jouletrail.parse_log(self.folder)[0]["actual"]["epochs"], 4)

    def test_asyncio_and_a_forked_child(self):
        async def part(n):
            async with jouletrail.Span(f"part {n}", client=self.client) as span:
                burn(0.05)
                await asyncio.sleep(0)
            return span

        async def work():
            async with jouletrail.Span("root", client=self.client) as root:
                parts = await asyncio.gather(*[part(n) for n in range(5)])
            return root, parts

        root, parts = asyncio.run(work())
        for span in (root, *parts):
            self.sound(span.result)

        def child():
            with jouletrail.Span("child", client=self.client) as span:
                burn(0.1)
            return span.result is not None and span.result.energy() is not None

        self.assertEqual(self.in_child(child), 0)

    def test_without_privilege(self):
        def child():
            os.setgid(65534)
            os.setuid(65534)
            with jouletrail.Span("nobody's", client=self.client) as span:
                burn(0.1)
            try:
                self.client.span_begin(target={"pid": 1})
            except jouletrail.Refused as e:
                refused = e.code
            privileged = self.client.version()["privileged"]
            return span.result.energy() is not None and refused == "forbidden" and not privileged

        self.assertEqual(self.in_child(child), 0)

    def test_totals_status_intensity(self):
        self.assertEqual(self.client.status()["state"], "measuring")
        self.assertGreater(self.client.intensity().mg_per_kwh.value, 0)
        with jouletrail.Span("a window", client=self.client):
            burn(0.01)
        self.assertGreater(self.client.totals().energy_uj.value, 0)

    def test_zz_a_daemon_that_ends(self):
        with contextlib.redirect_stdout(io.StringIO()):
            training = jouletrail.TrainingTracker(5, client=self.client)
        training.epoch_start()
        self.process.send_signal(signal.SIGTERM)
        self.assertEqual(self.process.wait(), 0)
        training.epoch_end()
        training.epoch_start()
        training.epoch_end()
        training.stop()
        self.assertEqual(len(training.measured), 2)
        # Of the span that was open it tells what it knows before it goes.
        self.assertIsNotNone(training.measured[0].energy_uj)
        self.assertIsNone(training.measured[1].energy_uj)
        self.assertEqual(self.said("monitor_only"), 1)
        type(self).start()
        with jouletrail.Span("again", client=self.client) as span:
            burn(0.05)
        self.sound(span.result)
