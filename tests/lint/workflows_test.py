#!/usr/bin/env python3
"""A violation of each rule of workflows.py."""

import tempfile
import unittest
from pathlib import Path

from workflows import objections

GOOD = """\
permissions:
  contents: read
concurrency: {group: ci}
jobs:
  check:
    timeout-minutes: 10
    steps:
      - uses: actions/checkout@0123456789abcdef0123456789abcdef01234567 # v7.0.1
      - run: tests/run --preset asan
"""
CALL = "\njobs:\n  call:\n    uses: ./.github/workflows/none.yml\n"


class Workflows(unittest.TestCase):
    def said_of(self, was: str, now: str) -> list[str]:
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder)
            (root / "tests").mkdir()
            (root / "tests/run").touch()
            return list(objections(root, GOOD.replace(was, now)))

    def test_a_good_one_passes(self) -> None:
        self.assertEqual(self.said_of("", ""), [])

    def test_what_is_wrong_is_said(self) -> None:
        commit = "0123456789abcdef0123456789abcdef01234567 # v7.0.1"
        for was, now, words in [
            (commit, "v7", "not pinned"),
            (" # v7.0.1", "", "not pinned"),
            ("contents: read", "contents: write", "permissions"),
            ("permissions:\n  contents: read\n", "", "permissions"),
            ("concurrency: {group: ci}\n", "", "concurrency"),
            ("    timeout-minutes: 10\n", "", "check has no timeout-minutes"),
            ("\njobs:\n", CALL, "call calls ./.github/workflows/none.yml, which does not exist"),
            ("tests/run", "tests/walk", "tests/walk, which does not exist"),
        ]:
            with self.subTest(now=now):
                said = self.said_of(was, now)
                self.assertEqual(len(said), 1, said)
                self.assertIn(words, said[0])


if __name__ == "__main__":
    unittest.main()
