# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Runs the unittests beside it, or those named, and says each one's verdict: ok, bad or skip."""

import os
import sys
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))


class Verdicts(unittest.TestResult):
    """`ok NAME`, `bad NAME`, `skip NAME # REASON` on standard output, what failed on standard error."""

    def _say(self, verdict, test, reason=""):
        module, _, rest = test.id().partition(".")
        name = rest.rpartition(".")[2].replace("test_", "", 1).replace("_", " ")
        print(verdict, f"{module.replace('test_', '')}: {name}" if rest else test.id(), reason, flush=True)

    def addSuccess(self, test):
        self._say("ok", test)

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self._say("skip", test, f"# {reason}")

    def _bad(self, test, error):
        self._say("bad", test)
        print(self._exc_info_to_string(error, test), file=sys.stderr)

    def addFailure(self, test, error):
        super().addFailure(test, error)
        self._bad(test, error)

    def addError(self, test, error):
        super().addError(test, error)
        self._bad(test, error)

    def addSubTest(self, test, subtest, error):
        super().addSubTest(test, subtest, error)
        if error is not None:
            self._bad(test, error)


def main() -> int:
    sys.path[:0] = [os.path.dirname(HERE), HERE]
    loader = unittest.TestLoader()
    suite = loader.loadTestsFromNames(sys.argv[1:]) if sys.argv[1:] else loader.discover(HERE, top_level_dir=HERE)
    verdicts = Verdicts()
    suite.run(verdicts)
    return 0 if verdicts.wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(main())
