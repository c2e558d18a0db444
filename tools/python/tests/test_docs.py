# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Every Python block of the pages runs, against the fake daemon; those of other tools against stand-ins for them."""

import contextlib
import io
import os
import re
import sys
from unittest import mock

import jouletrail.client
from case import Case
from fake import FakeDaemon

DOCS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "..", "docs")
BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
STAND_INS = ("codecarbon", "carbontracker", "carbontracker.tracker")
# What the blocks take for granted.
GIVEN = {"work": lambda: sum(range(1000)), "train_one_epoch": lambda: sum(range(1000))}


class Pages(Case):
    def run_page(self, name, least):
        path = os.path.join(DOCS, name)
        if not os.path.exists(path):
            self.skipTest(f"docs/{name} is not beside this tree")
        with open(path, encoding="utf-8") as f:
            blocks = BLOCK.findall(f.read())
        self.assertGreaterEqual(len(blocks), least)
        daemon = FakeDaemon()
        self.addCleanup(daemon.close)
        here = os.getcwd()
        self.addCleanup(os.chdir, here)
        stand_ins = {module: mock.MagicMock() for module in STAND_INS}
        with mock.patch.dict(os.environ, JOULETRAIL_SOCKET=daemon.path), mock.patch.dict(sys.modules, stand_ins):
            for n, block in enumerate(blocks, 1):
                folder = os.path.join(self.folder, str(n))
                os.mkdir(folder)
                os.chdir(folder)
                with self.subTest(page=name, block=n), contextlib.redirect_stdout(io.StringIO()):
                    exec(compile(block, f"{name} block {n}", "exec"), {"__name__": "block", **GIVEN})
        jouletrail.client.shared_client(daemon.path).close()
        self.assertEqual(self.said("monitor_only"), 0)
        return daemon

    def test_clients(self):
        daemon = self.run_page("clients.md", 5)
        self.assertGreater(len(daemon.of("span_end")), 10)

    def test_recipes(self):
        self.run_page("recipes.md", 7)

    def test_the_log_that_is_shown_is_what_it_prints(self):
        with open(os.path.join(DOCS, "clients.md"), encoding="utf-8") as f:
            shown = re.search(r"^```text\n(jouletrail: Carbon.*?)^```$", f.read(), re.MULTILINE | re.DOTALL).group(1)
        daemon = FakeDaemon()
        self.addCleanup(daemon.close)
        client = jouletrail.Client(daemon.path)
        self.addCleanup(client.close)
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            tracker = jouletrail.TrainingTracker(100, client=client)
            for wall_ns in (2_000_000_000, 2_200_000_000, 1_900_000_000):
                daemon.wall_ns = wall_ns
                with tracker.epoch():
                    pass
                tracker.predict()
        self.assertEqual(out.getvalue().rstrip() + "\n", shown)
