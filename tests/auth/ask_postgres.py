#!/usr/bin/env python3
"""Writes ../golden/postgres_verifiers.txt: what Postgres itself makes of passwords.

usage: ask_postgres.py DATABASE_URL

The database has the encoding SQL_ASCII, so that it takes any bytes, and its role may create roles.
Each line of the result: the case, the password in hexadecimal, Postgres' verifier.
"""

import subprocess
import sys
from pathlib import Path

PASSWORDS = {
    "ascii": "pencil",
    "ascii_control_characters": "a\tb\x01\x7f",
    "soft_hyphen_vanishes": "I\u00adX",
    "case_stays": "USER\u00df\u00c4",
    "feminine_ordinal": "\u00aa",
    "roman_numeral": "\u2168",
    "no_break_space_becomes_space": "a\u00a0b",
    "zero_width_space_becomes_space": "a\u200bb",
    "ideographic_space": "\u3000x",
    "ligature": "o\ufb03ce",
    "decomposed_umlaut": "u\u0308ber",
    "angstrom_sign": "\u212bngstr\u00f6m",
    "hangul_jamo": "\u1100\u1161\u11a8",
    "full_width": "\uff50\uff57",
    "eighteen_letters": "\ufdfa",
    "eighteen_letters_often": "\ufdfa" * 50,
    "cjk_compatibility": "\uf900\u00a0",
    "decomposition_corrected_after_3_2": "\U0002f868\U0002f874\U0002f91f\U0002f95f\U0002f9bf",
    # Forbidden: the password is hashed as it is, no-break space and all.
    "vanishes_altogether": "\u00ad\u200d",
    "control_character_beside_umlaut": "\u00fc\x07\u00a0",
    "c1_control": "a\u0080\u00a0",
    "private_use": "a\ue000\u00a0",
    "non_character": "a\ufffe\u00a0",
    "tag_character": "a\U000e0041\u00a0",
    "replacement_character": "a\ufffd\u00a0",
    "left_to_right_mark": "a\u200e\u00a0",
    "ideographic_description": "\u2ff0\u6c34\u00a0",
    "unassigned_in_unicode_3_2": "\u0221\u00a0",
    "emoji_after_3_2": "\U0001f600\u00a0",
    "hebrew_ends_in_digit": "\u05e9\u05dd1\u00a0",
    "hebrew_and_latin": "\u05e9a\u00a0\u05dd",
    # Where Postgres and RFC 4013 differ, since Postgres checks before it normalises.
    "forbidden_until_normalised": "e\u0340\u00a0",
    "hebrew_and_a_sign_that_becomes_latin": "\u05e9\u2121\u00a0\u05dd",
    # And allowed again.
    "only_a_no_break_space": "\u00a0",
    "symbol_of_3_2": "\u263a\u00a0",
    "hebrew": "\u05e9\u05dc\u05d5\u05dd",
    "hebrew_and_a_digit_inside": "\u05e91\u05dd",
    "arabic_presentation_forms": "\ufb50\ufe8d",
    "lam_alef": "\ufefb",
    # Not UTF-8.
    "overlong": b"a\xc0\xaf\xc2\xa0",
    "latin_1": b"caf\xe9\xc2\xa0",
    "surrogate": b"a\xed\xa0\x80\xc2\xa0",
    "cut_short": b"a\xc2\xa0\xe2\x82",
    "beyond_unicode": b"\xf4\x90\x80\x80\xc2\xa0",
}

ROLE = "wakegate_verifier_case"


def verifier(url: str, password: bytes) -> str:
    sql = b"SET client_min_messages = error; SET password_encryption = 'scram-sha-256';\n"
    sql += b"DROP ROLE IF EXISTS %b; CREATE ROLE %b PASSWORD '%b';\n" % (
        ROLE.encode(),
        ROLE.encode(),
        password.replace(b"'", b"''"),
    )
    sql += b"SELECT rolpassword FROM pg_authid WHERE rolname = '%b';\n" % ROLE.encode()
    sql += b"DROP ROLE %b;\n" % ROLE.encode()
    command = ["psql", "-XAtq", "-v", "ON_ERROR_STOP=1", url]
    return (
        subprocess.run(command, input=sql, stdout=subprocess.PIPE, check=True)
        .stdout.decode()
        .strip()
    )


def main(arguments: list[str]) -> int:
    if len(arguments) != 1:
        print(__doc__, file=sys.stderr)
        return 2
    lines = []
    for name, password in PASSWORDS.items():
        raw = password if isinstance(password, bytes) else password.encode()
        lines.append(f"{name} {raw.hex()} {verifier(arguments[0], raw)}\n")
    golden = Path(__file__).parent.parent / "golden" / "postgres_verifiers.txt"
    golden.write_text("".join(lines))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
