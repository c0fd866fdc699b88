#!/usr/bin/env python3
"""The pages' check finds broken links, missing files and drivers, and findings without a head."""

import tempfile
import unittest
from pathlib import Path

from pages import (
    anchors,
    broken_links,
    finding_objections,
    known_names,
    missing_drivers,
    missing_paths,
    unknown_names,
    unmentioned,
)

FINDING = """#!/usr/bin/env bash
# thing 1.2.3: does what nobody expects.
#
# as found: 2 logins
set -euo pipefail
"""


class Links(unittest.TestCase):
    def broken(self, text: str) -> list[str]:
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder).resolve()
            (root / "part").mkdir()
            (root / "part/OTHER.md").write_text("# Other\n## What `auth` is: a key\n")
            page = root / "PAGE.md"
            page.write_text(text)
            return list(broken_links(root, page))

    def test_resolve(self):
        for link in [
            "part/OTHER.md",
            "part/OTHER.md#what-auth-is-a-key",
            "part/",
            "#here",
            "https://example.com/x#y",
        ]:
            self.assertEqual(self.broken(f"## Here\n[text]({link})\n"), [], link)

    def test_to_nowhere(self):
        for link in ["part/MISSING.md", "part/OTHER.md#missing", "#missing", "../outside.md"]:
            self.assertEqual(len(self.broken(f"## Here\n[text]({link})\n")), 1, link)

    def test_in_code_are_none(self):
        self.assertEqual(self.broken("`[a](b)`\n```\n[a](b)\n```\n"), [])

    def test_a_comment_in_code_is_no_heading(self):
        self.assertEqual(anchors("# A\n```sh\n# B\n```\n"), {"a"})

    def test_repeated_headings_are_numbered(self):
        self.assertEqual(anchors("# A\n## B\n## B\n## B\n"), {"a", "b", "b-1", "b-2"})

    def test_a_heading_that_is_a_link_is_its_text(self):
        self.assertEqual(anchors("# [A b](c.md)\n"), {"a-b"})

    def test_pictures_are_files(self):
        self.assertEqual(len(self.broken("![text](images/missing.svg)\n")), 1)


class Paths(unittest.TestCase):
    def missing(self, text: str) -> list[str]:
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder).resolve()
            (root / "proxy/net").mkdir(parents=True)
            (root / "proxy/net/worker.hpp").touch()
            page = root / "PAGE.md"
            page.write_text(text)
            return list(missing_paths(root, page))

    def test_are_found_from_the_root_and_in_the_proxy(self):
        text = "`proxy/net/worker.hpp`, `proxy/net/worker`, `net/worker` and `net/`\n"
        self.assertEqual(self.missing(text), [])

    def test_to_nowhere(self):
        for name in ["proxy/net/front.hpp", "net/front", "proxy/gate/"]:
            self.assertEqual(len(self.missing(f"`{name}`\n")), 1, name)

    def test_of_other_trees_are_theirs(self):
        self.assertEqual(self.missing("`etc/postgresql`, `a/b` and `proxy/NAME.hpp`\n"), [])


class Mentions(unittest.TestCase):
    def test_of_findings_and_pictures_are_links(self):
        root = Path("/tree")
        files = [root / "findings/a.sh", root / "docs/images/b.svg", root / "findings/c.sh"]
        texts = {
            root / "README.md": "![b](docs/images/b.svg) `[c](findings/c.sh)`\n",
            root / "docs/page.md": "[a](../findings/a.sh)\n",
        }
        found = list(unmentioned(root, files, texts))
        self.assertEqual(found, ["findings/c.sh: no page links to it"])


class Names(unittest.TestCase):
    def test_are_those_of_the_programs_strings(self):
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder)
            (root / "proxy").mkdir()
            (root / "proxy/gate.cpp").write_text('log::info("session_held"); int not_a_name;\n')
            known = known_names(root)
        page = "`session_held`, `session_helt`, `not_a_name`, held_by and `spec.max_replicas`\n"
        self.assertEqual(len(list(unknown_names(page, known))), 2)

    def test_in_examples_are_anybodys(self):
        self.assertEqual(list(unknown_names("```yaml\n`of_others`: 1\n```\n", set())), [])


class Drivers(unittest.TestCase):
    def test_each_needs_a_row(self):
        page = "| driver | waits |\n|---|---|\n| psycopg 3 | 130 s |\n| pg, postgres.js | never |\n"
        self.assertEqual(list(missing_drivers(["psycopg", "postgres"], page)), [])
        self.assertEqual(len(list(missing_drivers(["psycopg", "asyncpg"], page))), 1)

    def test_prose_is_no_row(self):
        self.assertEqual(len(list(missing_drivers(["asyncpg"], "asyncpg waits 60 s.\n"))), 1)

    def test_another_drivers_name_is_no_row(self):
        self.assertEqual(len(list(missing_drivers(["asyncpg"], "| asyncpg2 | 1 s |\n"))), 1)

    def test_a_new_one_needs_a_name(self):
        self.assertEqual(len(list(missing_drivers(["brand-new"], "| brand-new | 1 s |\n"))), 1)


class Findings(unittest.TestCase):
    def test_a_whole_one(self):
        self.assertEqual(list(finding_objections("thing-logins.sh", FINDING, True)), [])

    def test_what_lacks(self):
        for name, text, executable in [
            ("thing-logins.sh", FINDING, False),
            ("Thing.sh", FINDING, True),
            ("thing.sh", FINDING.replace("as found", "seen"), True),
            ("thing.sh", FINDING.replace(" 1.2.3", ""), True),
        ]:
            self.assertEqual(len(list(finding_objections(name, text, executable))), 1)


if __name__ == "__main__":
    unittest.main()
