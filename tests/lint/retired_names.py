#!/usr/bin/env python3
"""Refuses names that the field has a word for and that were replaced by it: see RETIRED.

Looks at C++, protocols, CMakeLists.txt, Markdown and the names of files. A new name has to be
retired here in the commit that replaces it, once nothing has the old one any more.

usage: retired_names.py [ROOT]; without it, this repository
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
NOT_OURS = {".git", "build"}
# Names of the past are allowed there.
HISTORY = {"CHANGELOG.md"}
CODE = {".cpp", ".hpp", ".proto"}

# Retired everywhere: in identifiers, comments, pages and file names.
RETIRED = {
    "admission_stock": "credits",
    "cancel_desk": "cancel_service",
    "carry_cancel": "handle_cancel",
    "come_back": "requeue",
    "connection_bounds": "connection_limit",
    "connection_words": "connection_parameters",
    "dial_as": "open_session",
    "dial_unopened": "open_session",
    "disbelieve": "unready_threshold",
    "door_to": "backend_endpoint",
    "doorbell": "wakeup_fd",
    "errand": "session_request",
    "first_looks": "initial_probes",
    "front_socket": "async_socket",
    "gate_keeper": "gate_service",
    "head_count": "concurrency_limit",
    "hook_words": "output_tail",
    "introduce_client": "proxy_header_for_client",
    "known_roles": "role_store",
    "learn_source": "read_proxy_header",
    "left_early": "client_disconnected",
    "list_tour": "batched_iteration",
    "login_patience": "login_timeout_policy",
    "newcomer_limits": "per_source_limit",
    "offer_cancel": "forward_to_peers",
    "open_doors": "backend_endpoint",
    "password_line": "read_password_file",
    "ping_watch": "ping_detector",
    "proof_objection": "throttle_check",
    "refusal_notes": "error_log",
    "refusal_text": "client_error",
    "role_book": "role_table",
    "say_last": "send_error_and_close",
    "second_look": "recheck",
    "session_census": "session_collector",
    "session_number": "session_id",
    "session_places": "quota_guards",
    "session_surroundings": "session_context",
    "share_of_time": "per_address_deadline",
    "stream_hub": "activation_streams",
    "take_back": "reclaim",
    "turn_away": "send_error_and_close",
    "turned_away_since": "recheck",
    "turnstile": "admission_credits or async_mutex",
    "verifier_keeper": "verifier_refresher",
    "verifier_stock": "verifier_stats",
    "waiting_room": "global_queue_limit",
}

# English words, or names of other projects: retired as identifiers, not in comments and strings.
RETIRED_IDENTIFIERS = {
    "Directive": "Ack",
    "around": "session_context, or what it is",
    "asked": "what it is: a request, an option",
    "believe": "apply, or the threshold",
    "bell": "async_condition",
    "bout": "episode",
    "by": "what it is: a listener, a key",
    "conversation": "protocol_tracker",
    "dialled": "backend_session",
    "disguise": "mock_auth_key",
    "door": "endpoint",
    "doors": "endpoints",
    "doubt": "inconclusive_reason",
    "entrance": "listener",
    "farewell": "final_error, or last_report",
    "give_back": "release",
    "goodbye": "Terminate, FATAL or final_error: what it is",
    "in_doubt": "state_unknown",
    "journal": "event_log",
    "last_words": "rejection_slots, or final_error",
    "lend": "grant_credits",
    "made": "what it is",
    "met": "what it is: an error, a result",
    "newcomers": "what they are: clients, connections",
    "news": "pending_changes, or what it is: a report",
    "obey": "process_commands",
    "pauses": "cancellable_sleep",
    "reception": "client_setup",
    "renewed": "reloading",
    "resend": "request_snapshot",
    "said": "message, or what it is",
    "seated": "registered",
    "service_manager": "sd_notify",
    "setback": "connect_error",
    "standing": "status",
    "starving": "unserved",
    "stuck": "blocked",
    "told": "error, or what it is",
    "unopened": "tls_passthrough",
    "where": "cluster, or what it is",
    "who": "ticket, or what it is",
    "why": "error, or what it is",
}

# The parts of a source file that are not code. A quote between digits is a separator.
NOT_CODE = re.compile(
    r"""(?P<comment>//[^\n]*|/\*.*?\*/)
      | R"(?P<tag>[^(\s]*)\(.*?\)(?P=tag)"
      | "(?:\\.|[^"\\\n])*" | (?<![0-9a-zA-Z_])'(?:\\.|[^'\\\n])+'""",
    re.VERBOSE | re.DOTALL,
)
WORD = re.compile(r"[A-Za-z_]\w*")


def blanked(text: str) -> str:
    return re.sub(r"[^\n]", " ", text)


def code_of(source: str) -> str:
    """The text without comments and literals, with the same lines."""
    return NOT_CODE.sub(lambda found: blanked(found[0]), source)


def comments_of(source: str) -> str:
    """Only the comments of the text, on the same lines."""
    kept, end = [], 0
    for found in NOT_CODE.finditer(source):
        kept += [blanked(source[end : found.start()]), found["comment"] or blanked(found[0])]
        end = found.end()
    return "".join(kept)


def used(text: str, retired: dict[str, str]) -> Iterator[tuple[int, str]]:
    """Lines and messages for retired names; members' names end in an underscore."""
    for word in WORD.finditer(text):
        name = word[0].rstrip("_")
        if name in retired:
            line = text.count("\n", 0, word.start()) + 1
            yield line, f"'{name}' is retired: {retired[name]}"


def objections(name: str, text: str) -> list[str]:
    """The objections to a file's content."""
    if Path(name).suffix not in CODE:
        found = used(text, RETIRED)
    else:
        found = [*used(code_of(text), RETIRED | RETIRED_IDENTIFIERS)]
        found += used(comments_of(text), RETIRED)
    return [f"{line}: {reason}" for line, reason in sorted(found)]


def name_objections(name: str) -> Iterator[str]:
    """The objections to a file's name; a retired name may be a part, as in gate_keeper_test.cpp."""
    stem = f"_{Path(name).stem}_"
    for retired, successor in RETIRED.items():
        if f"_{retired}_" in stem:
            yield f"'{retired}' is retired: {successor}"


def is_checked(path: Path) -> bool:
    return path.suffix in CODE or path.suffix == ".md" or path.name == "CMakeLists.txt"


def files(root: Path) -> list[Path]:
    folders = [path for path in root.iterdir() if path.is_dir() and path.name not in NOT_OURS]
    below = (path for folder in folders for path in folder.rglob("*"))
    found = (path for path in (*root.iterdir(), *below) if is_checked(path))
    return sorted(path for path in found if path.name not in HISTORY)


def main(arguments: list[str]) -> int:
    if len(arguments) > 1:
        print(__doc__, file=sys.stderr)
        return 2
    root = Path(arguments[0]) if arguments else REPOSITORY
    found: list[str] = []
    for path in files(root):
        name = path.relative_to(root).as_posix()
        found += [f"{name}: {objection}" for objection in name_objections(name)]
        found += [f"{name}:{objection}" for objection in objections(name, path.read_text())]
    print("\n".join(found), end="\n" if found else "")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
