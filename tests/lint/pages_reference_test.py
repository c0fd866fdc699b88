#!/usr/bin/env python3
"""The lists of errors, metrics and log events are compared with the sources in both directions."""

import unittest

from pages_reference import (
    differences,
    listed_events,
    listed_metrics,
    logged_events,
    missing_errors,
)

PAGE = """# Page
| metric | what |
|---|---|
| `wakegate_proxy_one` | `not_a_name` |

## Log events

| event | what |
|---|---|
| `one_held`, `one_left` | `field` |

| cause | what |
|---|---|
| `no_event` | |
"""

GOLDEN = """first
  57P03 cluster "app" sleeps
  hint: Wait.
  bytes: E
"""


class Events(unittest.TestCase):
    def test_are_read_from_calls(self):
        for code in [
            'log::info("one")',
            'log::warning(\n    "one")',
            'log::event line(is_due ? log::level::info : log::level::debug, "one")',
            'return {log::level::info, "one"};',
            'log_client_error("one", peer)',
            'polls_.record_failure("one", error)',
        ]:
            self.assertEqual(logged_events([code]), {"one"}, code)

    def test_both_of_a_choice(self):
        self.assertEqual(logged_events(['log::info(f(a) ? "one" : "two")']), {"one", "two"})

    def test_their_fields_are_none(self):
        self.assertEqual(logged_events(['log::info("one").with("field", x)']), {"one"})

    def test_of_a_gates_states(self):
        self.assertIn("cluster_asleep", logged_events(['log::info("cluster_" + to_string(state))']))


class Lists(unittest.TestCase):
    def test_are_the_first_cells(self):
        self.assertEqual(listed_metrics(PAGE), {"wakegate_proxy_one"})
        self.assertEqual(listed_events(PAGE), {"one_held", "one_left"})

    def test_differ_in_both_directions(self):
        self.assertEqual(len(list(differences("metric", {"a", "b"}, {"b", "c"}))), 2)


class Errors(unittest.TestCase):
    def test_all_are_quoted(self):
        page = '57P03: `cluster "app" sleeps`, hint `Wait.`\n'
        self.assertEqual(list(missing_errors(page, GOLDEN)), [])

    def test_what_lacks(self):
        for page in [
            '`cluster "app" sleeps`, `Wait.`',
            "57P03 `Wait.`",
            '57P03 `cluster "app" sleeps` Wait.',
        ]:
            self.assertEqual(len(list(missing_errors(page, GOLDEN))), 1, page)


if __name__ == "__main__":
    unittest.main()
