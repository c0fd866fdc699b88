#!/usr/bin/env python3
"""Answers each login with FATAL 57P03, and prints what each connection begins with.

usage: refusing_server.py PORT_FILE [--after-authentication] [--tls CERTIFICATE KEY]

57P03 is what Postgres says while it starts up or shuts down. It says so before AuthenticationOk; a
pooler or a load balancer that has authenticated a client may have to say so after it.
"""

import argparse
import contextlib
import os
import socket
import ssl
import struct
import threading

SSL_REQUEST, GSSENC_REQUEST = 80877103, 80877104
ERROR = b"SFATAL\0VFATAL\0C57P03\0Mthe database system is starting up\0\0"
AUTHENTICATION_OK = b"R" + struct.pack("!II", 8, 0)


def message(kind: bytes, body: bytes) -> bytes:
    return kind + struct.pack("!I", len(body) + 4) + body


def read(connection: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        part = connection.recv(size - len(data))
        if not part:
            raise EOFError
        data += part
    return data


def serve(connection: socket.socket, tls: ssl.SSLContext | None, answer: bytes) -> None:
    encryption = "in the clear"
    with contextlib.suppress(EOFError, OSError), contextlib.closing(connection):
        while True:
            size, code = struct.unpack("!II", read(connection, 8))
            read(connection, size - 8)
            if code == SSL_REQUEST and tls:
                connection.sendall(b"S")
                connection = tls.wrap_socket(connection, server_side=True)
                encryption = "with TLS"
            elif code in (SSL_REQUEST, GSSENC_REQUEST):
                connection.sendall(b"N")
            else:
                break
        print("login", encryption, flush=True)
        connection.sendall(answer)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("port_file")
    parser.add_argument("--after-authentication", action="store_true")
    parser.add_argument("--tls", nargs=2, metavar=("CERTIFICATE", "KEY"))
    arguments = parser.parse_args()
    tls = None
    if arguments.tls:
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(*arguments.tls)
    answer = message(b"E", ERROR)
    if arguments.after_authentication:
        answer = AUTHENTICATION_OK + answer
    listener = socket.create_server(("127.0.0.1", 0))
    with open(arguments.port_file + ".new", "w", encoding="ascii") as file:
        file.write(str(listener.getsockname()[1]))
    os.replace(file.name, arguments.port_file)
    while True:
        connection, _ = listener.accept()
        threading.Thread(target=serve, args=(connection, tls, answer), daemon=True).start()


main()
