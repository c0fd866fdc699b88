#!/usr/bin/env python3
"""The check finds retired names in identifiers, comments, pages and file names."""

import re
import tempfile
import unittest
from pathlib import Path

from retired_names import (
    RETIRED,
    RETIRED_IDENTIFIERS,
    comments_of,
    files,
    name_objections,
    objections,
)


class Code(unittest.TestCase):
    def test_without_retired_names_passes(self):
        for text in [
            "class gate_service {};",
            'log::warning("service_manager_unreachable"); auto sql = R"(by door)";',
            "// Somebody met at the door by chance. \nint limit = 1'000; char c = 'x';",
            "bool gatekeeper = false; int errands_run = 0; void by_name();",
        ]:
            self.assertEqual(objections("gate.cpp", text), [], text)

    def test_with_a_retired_name_is_found_by_line(self):
        for text in [
            "gate_keeper keeper;",
            "gate_keeper_ = {};",
            "/// See gate_keeper.",
            "/* as gate_keeper\n does */",
            "x = 1'000; gate_keeper y; // 'quoted'",
        ]:
            self.assertEqual(
                objections("gate.hpp", "\n" + text), ["2: 'gate_keeper' is retired: gate_service"]
            )

    def test_may_say_english_words_in_comments_and_strings_alone(self):
        self.assertEqual(objections("a.cpp", '// by\nauto text = "by"; /* by */'), [])
        self.assertEqual(len(objections("a.cpp", "int by = 0;")), 1)
        self.assertEqual(len(objections("demand.proto", "message Directive {}")), 1)

    def test_may_quote_retired_names(self):
        self.assertEqual(objections("a.cpp", 'auto text = "turnstile";'), [])

    def test_has_its_comments_where_they_were(self):
        self.assertEqual(
            comments_of('a("//x"); // b\n"c"/*d\ne*/f'), " " * 10 + "// b\n   /*d\ne*/"
        )


class Pages(unittest.TestCase):
    def test_may_use_english_words(self):
        self.assertEqual(objections("README.md", "`by` the door, around `service_manager`"), [])

    def test_with_a_retired_name_are_found_by_line(self):
        for name in ["README.md", "CMakeLists.txt"]:
            self.assertEqual(
                objections(name, "a\n`stream_hub` b"),
                ["2: 'stream_hub' is retired: activation_streams"],
            )


class Files(unittest.TestCase):
    def test_have_no_retired_name_in_theirs(self):
        for name in ["tests/gate/gate_keeper_probe_test.cpp", "proxy/gate/gate_keeper.hpp"]:
            self.assertEqual(
                list(name_objections(name)), ["'gate_keeper' is retired: gate_service"]
            )
        for name in ["proxy/gate/gate_service.hpp", "proxy/gate_keepers.hpp", "docs/gate.md"]:
            self.assertEqual(list(name_objections(name)), [])

    def test_that_are_not_ours_or_tell_history_are_left_out(self):
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder)
            for name in ["build/a.cpp", "proxy/a.cpp", "CHANGELOG.md", "README.md", "tests/a.py"]:
                (root / name).parent.mkdir(exist_ok=True)
                (root / name).touch()
            self.assertEqual(files(root), [root / "README.md", root / "proxy/a.cpp"])


class Names(unittest.TestCase):
    def test_are_retired_once_and_for_none_that_is_retired(self):
        self.assertEqual(RETIRED.keys() & RETIRED_IDENTIFIERS.keys(), set())
        names = RETIRED | RETIRED_IDENTIFIERS
        for name, successor in RETIRED.items():
            self.assertEqual(names.keys() & set(re.findall(r"\w+", successor)), set(), name)


if __name__ == "__main__":
    unittest.main()
