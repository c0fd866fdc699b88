"""Bulk data: it arrives unchanged, and the proxy's memory stays bounded."""

import hashlib
import random
import select
import socket
from pathlib import Path

from rig.waiting import wait_until
from rig.wire import query_message

COPY_BYTES = 200 * 1024 * 1024
LINE = 1024
# Far below the size of the data; sanitizers, which keep freed memory for a while, need this much.
BOUND_KIB = 64 * 1024
COPY_DONE = b"c\0\0\0\4"


# The checksum of all lines in order, computed by the server and by us: the MD5 of their MD5s.
SERVERS_CHECKSUM = "SELECT count(*), md5(string_agg(md5(line), '' ORDER BY ctid)) FROM big"


def write_lines(path: Path, size: int = COPY_BYTES) -> tuple[str, str]:
    """Writes `size` bytes of one-column text; returns its SERVERS_CHECKSUM and its SHA-256."""
    source = random.Random(20261122)
    digest, of_lines = hashlib.sha256(), hashlib.md5()
    with path.open("wb") as file:
        for _ in range(size // (1024 * LINE)):
            block = source.randbytes(1024 * (LINE // 2)).hex().encode()
            lines = [block[at : at + LINE - 1] for at in range(0, len(block), LINE)]
            of_lines.update(b"".join(hashlib.md5(line).hexdigest().encode() for line in lines))
            text = b"\n".join(lines) + b"\n"
            digest.update(text)
            file.write(text)
    return f"{size // LINE}|{of_lines.hexdigest()}", digest.hexdigest()


def test_200_mb_of_copy_both_ways_arrive_unchanged(stack, directory):
    there, back = Path(directory) / "there", Path(directory) / "back"
    checksum_of_lines, checksum = write_lines(there)
    assert there.stat().st_size == COPY_BYTES
    stack.psql("CREATE UNLOGGED TABLE big (line text)", f"\\copy big FROM '{there}'")
    assert stack.psql(SERVERS_CHECKSUM) == checksum_of_lines
    stack.psql(f"\\copy big TO '{back}'")
    with back.open("rb") as file:
        assert hashlib.file_digest(file, "sha256").hexdigest() == checksum


def is_stuck(stack) -> bool:
    waiting = "SELECT wait_event FROM pg_stat_activity WHERE query LIKE 'SELECT repeat%'"
    return all(stack.postgres.query(waiting) == "ClientWrite" for _ in range(10))


def test_an_unread_result_stops_at_the_server_and_not_in_the_proxy(stack):
    rows, width = 400, 1024 * 1024
    client = stack.session()
    before = stack.proxy.resident_kib()
    client.send(query_message(f"SELECT repeat('x', {width}) FROM generate_series(1, {rows})"))
    wait_until(lambda: is_stuck(stack), "Postgres waits for the client to read")
    others = [stack.session() for _ in range(3)]
    assert [other.query("SELECT 1") for other in others] == [["1"]] * 3, "only it is slow"
    assert stack.proxy.resident_kib() - before < BOUND_KIB

    received = 0
    while (message := client.message()) is not None and message.kind != "Z":
        received += len(message.body) if message.kind == "D" else 0
    assert received == rows * (width + 6)
    assert stack.proxy.resident_kib() - before < BOUND_KIB


def test_a_client_that_sends_more_than_the_server_reads_is_held_back(stack):
    client, blocker = stack.session(), stack.session()
    client.query("CREATE TABLE narrow (line text)")
    blocker.query("BEGIN")
    blocker.query("LOCK TABLE narrow")
    before = stack.proxy.resident_kib()
    client.send(query_message("COPY narrow FROM STDIN"))
    line = b"d" + (4 + LINE).to_bytes(4, "big") + b"y" * (LINE - 1) + b"\n"
    sent = 0
    # The buffers are full once the socket has not been writable for a while.
    while select.select([], [client.socket], [], 1.0)[1]:
        rest_of_line = line[sent % len(line) :]
        sent += client.socket.send(rest_of_line, socket.MSG_DONTWAIT)
    assert stack.proxy.resident_kib() - before < BOUND_KIB

    blocker.query("COMMIT")
    started = -(-sent // len(line))  # lines, the last one perhaps in part
    client.send((line * started)[sent:] + COPY_DONE)
    client.messages_until("Z")
    assert client.query("SELECT count(*) FROM narrow") == [str(started)]


def test_a_message_of_a_billion_bytes(stack):
    client = stack.session()
    before = stack.proxy.resident_kib()
    client.send(query_message("SELECT repeat('z', 1000000000)"))
    client.messages_until("T")
    assert client.receive(5) == b"D" + (1_000_000_010).to_bytes(4, "big")
    assert client.receive(6) == b"\0\1" + (1_000_000_000).to_bytes(4, "big")
    left = 1_000_000_000
    while left > 0:
        piece = client.receive(min(left, 1 << 24))
        assert piece.count(b"z") == len(piece) > 0
        left -= len(piece)
    client.messages_until("Z")
    assert stack.proxy.resident_kib() - before < BOUND_KIB
