"""The glossary in CONTRIBUTING.md is short, and its names exist in the sources."""

import re
from collections.abc import Iterator
from pathlib import Path

from retired_names import code_of

MOST_TERMS = 40
PARTS = ("common", "proto", "proxy", "scaler")
SOURCES = {".cpp", ".hpp", ".proto"}

SECTION = re.compile(r"^## Glossary\n(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)
TERM = re.compile(r"^- \*\*(.+?)\*\*(.*)$", re.MULTILINE)
CODE = re.compile(r"`([^`\n]+)`")
WORD = re.compile(r"[A-Za-z_]\w*")


def identifiers(root: Path) -> set[str]:
    """The identifiers of the programs and their protocols, without comments and strings."""
    paths = (path for part in PARTS for path in (root / part).rglob("*"))
    texts = (path.read_text() for path in paths if path.suffix in SOURCES)
    return {word for text in texts for word in WORD.findall(code_of(text))}


def term_objections(page: str, known: set[str]) -> Iterator[str]:
    section = SECTION.search(page)
    terms = TERM.findall(section[1]) if section else []
    if not terms:
        yield "no glossary"
    if len(terms) > MOST_TERMS:
        yield f"the glossary has {len(terms)} terms, {MOST_TERMS} is the most"
    for term, text in terms:
        words = {word for code in CODE.findall(text) for word in WORD.findall(code)}
        for word in sorted(words - known):
            yield f"glossary, {term}: no source has a {word}"


def glossary_objections(root: Path) -> Iterator[str]:
    page = root / "CONTRIBUTING.md"
    for reason in term_objections(page.read_text(), identifiers(root)):
        yield f"{page.relative_to(root)}: {reason}"
