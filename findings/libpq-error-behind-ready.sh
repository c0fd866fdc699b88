#!/usr/bin/env bash
# libpq 18.6 (psycopg-binary 3.3.9): an error read together with ReadyForQuery is a notice.
#
# A FATAL that a server sends between two statements may come in the segment of the ReadyForQuery
# before it. libpq reads both at once, passes the error to the notice processor, and forgets it: the
# next statement fails for the closed connection, without the SQLSTATE, so a program can't tell an
# administrator's shutdown (57P01) from a lost network. When the same FATAL comes once the client
# has sent its next statement, that statement fails with it.
#
# as found: with ReadyForQuery: notice 57P01, next statement None; after it: next statement 57P01
set -euo pipefail
# shellcheck source=findings/lib/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"

require python3
install_python venv psycopg==3.3.9 psycopg-binary==3.3.9 typing_extensions==4.16.0

seen=$(
    "$work/venv/bin/python" - 2>"$work/errors" <<'PYTHON'
import socket
import struct
import threading

import psycopg


def message(kind: bytes, body: bytes = b"") -> bytes:
    return kind + struct.pack("!I", len(body) + 4) + body


READY = message(b"Z", b"I")
LOGGED_IN = message(b"R", struct.pack("!I", 0)) + READY
ANSWER = message(b"I") + READY  # to an empty statement
FATAL = message(b"E", b"SFATAL\0VFATAL\0C57P01\0Mterminating connection\0\0")


def serve(listener: socket.socket, with_ready: bool) -> None:
    connection, _ = listener.accept()
    with connection:
        connection.recv(4096)  # the startup message; sslmode and gssencmode are disabled
        connection.sendall(LOGGED_IN)
        connection.recv(4096)
        connection.sendall(ANSWER + (FATAL if with_ready else b""))
        if not with_ready:
            connection.recv(4096)
            connection.sendall(FATAL)


def next_statement(with_ready: bool) -> str:
    said = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=serve, args=(listener, with_ready)).start()
        client = psycopg.connect(
            host="127.0.0.1",
            port=listener.getsockname()[1],
            user="user",
            sslmode="disable",
            gssencmode="disable",
            autocommit=True,
        )
        client.add_notice_handler(lambda notice: said.append(f"notice {notice.sqlstate}"))
        client.execute("")
        try:
            client.execute("")
        except psycopg.OperationalError as error:
            said.append(f"next statement {error.sqlstate}")
    return ", ".join(said)


print("with ReadyForQuery:", next_statement(True))
print("after it:", next_statement(False))
PYTHON
)
expect "with ReadyForQuery: notice 57P01, next statement None
after it: next statement 57P01" "$seen"
