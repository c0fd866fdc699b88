"""Headers of PROXY protocol version 2, as a load balancer puts them in front of a connection."""

import socket
import struct

SIGNATURE = b"\r\n\r\n\0\r\nQUIT\n"
LOCAL = SIGNATURE + b"\x20\0\0\0"
UNKNOWN = SIGNATURE + b"\x21\0\0\0"
NOTHING = b"\x04\0\1\0"  # a TLV of type PP2_TYPE_NOOP


def header(source: str, port: int = 40000, more: bytes = b"") -> bytes:
    """For a client at `source`, which is IPv4 or IPv6."""
    family = socket.AF_INET6 if ":" in source else socket.AF_INET
    here = "::1" if family == socket.AF_INET6 else "127.0.0.1"
    addresses = socket.inet_pton(family, source) + socket.inet_pton(family, here)
    body = addresses + struct.pack("!HH", port, 5432) + more
    code = b"\x21\x21" if family == socket.AF_INET6 else b"\x21\x11"
    return SIGNATURE + code + struct.pack("!H", len(body)) + body
