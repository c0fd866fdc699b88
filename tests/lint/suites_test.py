#!/usr/bin/env python3
"""The check finds suites and instantiations that are not named after their file."""

import tempfile
import unittest
from pathlib import Path

from suites import objections


class Suites(unittest.TestCase):
    def found(self, text: str) -> list[str]:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "gate_test.cpp"
            path.write_text(text)
            return list(objections(path))

    def test_carry_the_files_name(self):
        for text in [
            "TEST(gate, admits) {}",
            "TEST_F(gate_limits, admits) {}",
            "TEST_P(gate_limits, admits) {}",
            "INSTANTIATE_TEST_SUITE_P(\n    gate,\n    gate_limits,\n    values\n);",
            "class gates {};\n#define TEST_LIKE(limits)",
        ]:
            self.assertEqual(self.found(text), [], text)

    def test_with_other_names_are_found_by_line(self):
        for text, suite in [
            ("TEST(gates, admit) {}", "gates"),
            ("TEST_F(limits, admit) {}", "limits"),
            ("TEST_P(limits, admit) {}", "limits"),
            ("TYPED_TEST(limits, admit) {}", "limits"),
            ("INSTANTIATE_TEST_SUITE_P(all, gate_limits, values);", "all"),
        ]:
            self.assertEqual(
                self.found("\n" + text), [f"2: '{suite}' is neither 'gate' nor begins with 'gate_'"]
            )

    def test_a_line_break_before_the_name_is_no_escape(self):
        self.assertEqual(
            self.found("INSTANTIATE_TEST_SUITE_P(\n    all,\n    gate_limits,\n    values\n);"),
            ["2: 'all' is neither 'gate' nor begins with 'gate_'"],
        )


if __name__ == "__main__":
    unittest.main()
