#!/usr/bin/env python3
"""The check of the glossary finds too many terms, and names that no source has."""

import tempfile
import unittest
from pathlib import Path

from pages_glossary import MOST_TERMS, identifiers, term_objections

KNOWN = {"gate", "permit", "requeue"}


def objections(*lines: str) -> list[str]:
    page = "\n".join(["# Contributing", "## Glossary", *lines, "## Build", "- **No** `term`", ""])
    return list(term_objections(page, KNOWN))


class Terms(unittest.TestCase):
    def test_name_what_the_sources_have(self):
        self.assertEqual(
            objections("- **Gate** (`gate`): a.", "- **Back** (`permit::requeue`)"), []
        )

    def test_that_no_source_has_are_found(self):
        self.assertEqual(
            objections("- **Gate** (`gate`): gives a `pass`."),
            ["glossary, Gate: no source has a pass"],
        )
        self.assertEqual(len(objections("- **Permit** (`permit::return_it`): a.")), 1)

    def test_are_not_too_many(self):
        terms = [f"- **Gate {number}** (`gate`): a." for number in range(MOST_TERMS)]
        self.assertEqual(objections(*terms), [])
        self.assertEqual(len(objections(*terms, "- **Permit** (`permit`): a.")), 1)

    def test_are_there(self):
        self.assertEqual(objections("None."), ["no glossary"])
        self.assertEqual(list(term_objections("# Contributing\n", KNOWN)), ["no glossary"])


class Identifiers(unittest.TestCase):
    def test_stand_in_code(self):
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder)
            for name, text in [
                ("proxy/gate.hpp", 'class gate; // said\nauto text = "told";\n'),
                ("proto/demand.proto", "// said\nmessage ClusterDemand {}\n"),
                ("tests/gate_test.cpp", "int tested;\n"),
            ]:
                (root / name).parent.mkdir(exist_ok=True)
                (root / name).write_text(text)
            found = identifiers(root)
        self.assertEqual(found, {"class", "gate", "auto", "text", "message", "ClusterDemand"})


if __name__ == "__main__":
    unittest.main()
