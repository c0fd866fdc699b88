#!/usr/bin/env python3
"""Checks pages people read: links, names, lists of errors, metrics and events, glossary, drivers,
findings.

usage: pages.py ROOT
"""

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from pages_glossary import glossary_objections
from pages_reference import logged_events, reference_objections, sources

LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#{1,6} +(.*?)\s*$", re.MULTILINE)
CODE = re.compile(r"^```.*?^```|`[^`\n]+`", re.MULTILINE | re.DOTALL)
FENCED = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)

NAME = re.compile(r"`([a-z]+(?:_[a-z0-9]+)+)`")
STRING = re.compile(r'"((?:[^"\\\n]|\\.)*)"')

PATH = re.compile(r"`((?:[a-z][\w.-]*/)+(?:[a-z][\w.-]*)?)`")

NOT_OURS = {".git", "build"}

# This page is about settings of other programs.
OTHERS_NAMES = {"drivers.md"}

# Names of Postgres, libpq and PgBouncer.
NAMES_OF_OTHERS = {
    "auth_file",
    "client_connection_check_interval",
    "pg_isready",
    "reserved_connections",
    "superuser_reserved_connections",
    "tcp_keepalives_count",
    "tcp_keepalives_idle",
    "tcp_keepalives_interval",
    "tcp_user_timeout",
}

# Packages of the end-to-end tests, and their names in docs/drivers.md; None: not a driver.
DRIVERS = {
    "asyncpg": "asyncpg",
    "psycopg": "psycopg 3",
    "psycopg-binary": None,
    "typing_extensions": None,
    "jsonschema": None,
    "jsonschema-specifications": None,
    "PyYAML": None,
    "referencing": None,
    "rpds-py": None,
    "pg": "node-postgres",
    "postgres": "postgres.js",
    "libpostgresql-jdbc-java": "pgjdbc",
    "postgresql-client-15": "psql",
    "pgbouncer": "PgBouncer",
}


def anchors(page: str) -> set[str]:
    """The anchors that GitHub makes for headings; a repeated one gets a number."""
    found: set[str] = set()
    for title in HEADING.findall(FENCED.sub("", page)):
        text = LINK.sub(lambda link: link[0][1 : link[0].index("]")], title.replace("`", ""))
        anchor = re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-")
        number = 0
        while (numbered := f"{anchor}-{number}" if number else anchor) in found:
            number += 1
        found.add(numbered)
    return found


def broken_links(root: Path, path: Path) -> Iterator[str]:
    for link in LINK.findall(CODE.sub("", path.read_text())):
        if re.match(r"[a-z]+:", link):
            continue
        name, _, anchor = link.partition("#")
        target = (path.parent / name).resolve() if name else path
        if not target.is_relative_to(root) or not target.exists():
            yield f"no such file: {link}"
        elif anchor and anchor not in anchors(target.read_text()):
            yield f"no such heading: {link}"


def missing_paths(root: Path, path: Path) -> Iterator[str]:
    """Missing files and folders that a page names in code: relative to the root, to the page's own
    folder, or to proxy/."""
    for name in sorted(set(PATH.findall(FENCED.sub("", path.read_text())))):
        bases = [base for base in (root, path.parent, root / "proxy") if is_below(base, name)]
        candidates = [base / f"{name}{suffix}" for base in bases for suffix in ("", ".hpp", ".cpp")]
        if bases and not any(candidate.exists() for candidate in candidates):
            yield f"no such file: {name}"


def is_below(base: Path, name: str) -> bool:
    first = name.split("/")[0]
    return first not in NOT_OURS and (base / first).is_dir()


def known_names(root: Path) -> set[str]:
    """Names of events, keys and metrics: all words in the programs' strings, and of others."""
    code = list(sources(root))
    strings = (text for source in code for text in STRING.findall(source))
    words = {word for text in strings for word in re.findall(r"\w+", text)}
    return NAMES_OF_OTHERS | logged_events(code) | words


def unknown_names(page: str, known: set[str]) -> Iterator[str]:
    for name in sorted(set(NAME.findall(FENCED.sub("", page))) - known):
        yield f"no program has an event, a key or a metric named {name}"


def table_rows(page: str) -> list[str]:
    """The first cells of all tables' rows."""
    return [line.split("|")[1].strip() for line in page.splitlines() if line.startswith("| ")]


def installed_drivers(root: Path) -> list[str]:
    """The packages that requirements.txt and package.json pin, and Debian's, listed here."""
    requirements = (root / "tests/e2e/requirements.txt").read_text()
    python = re.findall(r"^([\w.-]+)==", requirements, re.MULTILINE)
    node = json.loads((root / "tests/e2e/node/package.json").read_text())["dependencies"]
    return [*python, *node, "libpostgresql-jdbc-java", "postgresql-client-15", "pgbouncer"]


def missing_drivers(installed: list[str], page: str) -> Iterator[str]:
    rows = table_rows(page)
    for package in installed:
        if package not in DRIVERS:
            yield f"what do the pages call {package}? See DRIVERS in pages.py"
            continue
        name = DRIVERS[package]
        if name and not any(re.search(rf"\b{re.escape(name)}(?!\w)", row) for row in rows):
            yield f"no row for {name} ({package})"


def unmentioned(root: Path, files: list[Path], texts: dict[Path, str]) -> Iterator[str]:
    """Findings and pictures that no page links to."""
    linked = {
        (page.parent / link.partition("#")[0]).resolve()
        for page, text in texts.items()
        for link in LINK.findall(CODE.sub("", text))
    }
    for file in files:
        if file not in linked:
            yield f"{file.relative_to(root)}: no page links to it"


def finding_objections(name: str, text: str, executable: bool) -> Iterator[str]:
    head = text.split("\nset -euo pipefail\n")[0]
    if not executable:
        yield "is not executable"
    if not re.match(r"#!/usr/bin/env bash\n# \S.* \d+(\.\d+)*:? .", head):
        yield "its first line does not say what was found in which version"
    if "\n# as found: " not in head:
        yield "its head does not record what was seen"
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*\.sh", name):
        yield "its name is not of the form word-word.sh"


def pages(root: Path) -> list[Path]:
    folders = [path for path in root.iterdir() if path.is_dir() and path.name not in NOT_OURS]
    return sorted([*root.glob("*.md"), *(page for path in folders for page in path.rglob("*.md"))])


def objections(root: Path) -> Iterator[str]:
    drivers = root / "docs/drivers.md"
    texts = {path: path.read_text() for path in pages(root)}
    for path in texts:
        yield from (f"{path.relative_to(root)}: {reason}" for reason in broken_links(root, path))
        if path.name != "CHANGELOG.md":  # names files of the past
            reasons = missing_paths(root, path)
            yield from (f"{path.relative_to(root)}: {reason}" for reason in reasons)
    known = known_names(root)
    for path in sorted({*(root / "docs").glob("*.md")} - {root / "docs" / n for n in OTHERS_NAMES}):
        reasons = unknown_names(path.read_text(), known)
        yield from (f"{path.relative_to(root)}: {reason}" for reason in reasons)
    yield from reference_objections(root)
    yield from glossary_objections(root)
    for reason in missing_drivers(installed_drivers(root), drivers.read_text()):
        yield f"{drivers.relative_to(root)}: {reason}"
    linkable = [*(root / "findings").glob("*.sh"), *(root / "docs/images").iterdir()]
    yield from unmentioned(root, sorted(linkable), texts)
    for path in sorted((root / "findings").glob("*.sh")):
        executable = bool(path.stat().st_mode & 0o111)
        for reason in finding_objections(path.name, path.read_text(), executable):
            yield f"{path.relative_to(root)}: {reason}"


def main() -> int:
    if len(sys.argv) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    found = list(objections(Path(sys.argv[1]).resolve()))
    print("\n".join(found) or "pages: nothing to object to")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
