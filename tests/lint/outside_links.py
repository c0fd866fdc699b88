#!/usr/bin/env python3
"""Asks for every page of other people's that our Markdown links to. Needs the Internet, so it is a
workflow's and no test's; pages.py checks the links within the repository.

usage: outside_links.py [ROOT]; without it, this repository
"""

import re
import sys
import urllib.error
import urllib.request
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
NOT_OURS = {".git", "build"}
CODE = re.compile(r"```.*?```|`[^`\n]*`", re.DOTALL)
LINK = re.compile(r"(?<=\]\()https?://[^)\s]+|(?<=^\[)[^\]]+\]: (https?://\S+)", re.MULTILINE)
DEADLINE = 30.0  # seconds


def links(markdown: str) -> set[str]:
    return {found[1] or found[0] for found in LINK.finditer(CODE.sub("", markdown))}


def objection(url: str) -> str | None:
    """Why nobody can read that page; None when everybody can."""
    request = urllib.request.Request(url, headers={"User-Agent": "wakegate-links"})
    try:
        with urllib.request.urlopen(request, timeout=DEADLINE):
            return None
    except (urllib.error.URLError, OSError, ValueError) as error:
        return str(error)


def main(arguments: list[str]) -> int:
    if len(arguments) > 1:
        print(__doc__, file=sys.stderr)
        return 2
    root = Path(arguments[0]) if arguments else REPOSITORY
    pages = [page for page in root.rglob("*.md") if not NOT_OURS & set(page.parts)]
    found = 0
    for url in sorted(set().union(*(links(page.read_text()) for page in pages))):
        if reason := objection(url):
            print(f"{url}: {reason}")
            found += 1
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
