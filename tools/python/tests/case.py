# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""What the suites share: a fake daemon per test, captured messages, a folder of its own."""

from __future__ import annotations

import logging
import os
import tempfile
import unittest
from typing import List

import jouletrail
from fake import FakeDaemon


class Messages(logging.Handler):
    """Of the package's logger, while a test runs."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.texts: List[str] = []
        self.levels: List[int] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.texts.append(record.getMessage())
        self.levels.append(record.levelno)


class Case(unittest.TestCase):
    def setUp(self) -> None:
        self.messages = Messages()
        log = logging.getLogger("jouletrail")
        log.addHandler(self.messages)
        log.propagate = False
        self.addCleanup(log.removeHandler, self.messages)
        folder = tempfile.TemporaryDirectory(prefix="jouletrail-test-")
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def said(self, word: str) -> int:
        return sum(word in text for text in self.messages.texts)

    def levels(self, word: str) -> List[int]:
        return [level for level, text in zip(self.messages.levels, self.messages.texts) if word in text]

    def in_child(self, work: "object") -> int:
        """Runs work() in a forked child; its exit status: 0 if it returned true."""
        pid = os.fork()
        if pid == 0:
            code = 2
            try:
                code = 0 if work() else 1  # type: ignore[operator]
            finally:
                os._exit(code)
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


class DaemonCase(Case):
    def setUp(self) -> None:
        super().setUp()
        self.daemon = FakeDaemon()
        self.addCleanup(self.daemon.close)
        self.client = jouletrail.Client(self.daemon.path, timeout_s=120)
        self.addCleanup(self.client.close)

    def span(self, name: str = "") -> jouletrail.Span:
        return jouletrail.Span(name, client=self.client)
