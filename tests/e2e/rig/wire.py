"""A client that implements the wire protocol itself, so that tests control every byte."""

import select
import socket
import struct
from dataclasses import dataclass

from rig.waiting import PATIENCE

PROTOCOL_3_0 = 3 << 16
PROTOCOL_3_2 = 3 << 16 | 2
SSL_REQUEST = struct.pack("!ii", 8, 80877103)
GSSENC_REQUEST = struct.pack("!ii", 8, 80877104)
CANCEL_REQUEST = 80877102
TERMINATE = b"X\0\0\0\4"


@dataclass
class Message:
    kind: str
    body: bytes

    def fields(self) -> dict[str, str]:
        """Fields of an ErrorResponse or NoticeResponse: {"C": SQLSTATE, "M": message, ...}."""
        parts = self.body.rstrip(b"\0").split(b"\0")
        return {part[:1].decode(): part[1:].decode() for part in parts}


def startup_packet(
    version: int = PROTOCOL_3_0, user: str = "postgres", database: str = "app", **parameters: str
) -> bytes:
    words = {"user": user, "database": database, **parameters}
    body = b"".join(f"{key}\0{value}\0".encode() for key, value in words.items()) + b"\0"
    return struct.pack("!ii", len(body) + 8, version) + body


def cancel_request(key: bytes) -> bytes:
    return struct.pack("!ii", 8 + len(key), CANCEL_REQUEST) + key


def query_message(sql: str) -> bytes:
    body = sql.encode() + b"\0"
    return b"Q" + struct.pack("!i", len(body) + 4) + body


class WireClient:
    def __init__(self, port: int, source: str = "127.0.0.1") -> None:
        self.socket = socket.create_connection(
            ("127.0.0.1", port), timeout=PATIENCE, source_address=(source, 0)
        )
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def send_startup(self, **parameters) -> None:
        self.send(startup_packet(**parameters))

    def receive(self, count: int) -> bytes:
        """Exactly `count` bytes, or fewer at the end of the stream."""
        data = bytearray()
        while len(data) < count:
            piece = self.socket.recv(min(count - len(data), 1 << 20))
            if not piece:
                break
            data += piece
        return bytes(data)

    def message(self) -> Message | None:
        """The next message, or None at the end of the stream."""
        head = self.receive(5)
        if len(head) < 5:
            return None
        size = struct.unpack("!i", head[1:])[0] - 4
        body = self.receive(size)
        assert len(body) == size, f"cut off in the middle of '{chr(head[0])}'"
        return Message(chr(head[0]), body)

    def messages_until(self, kind: str) -> list[Message]:
        """All messages up to the first of that kind, included. An unexpected error fails."""
        found: list[Message] = []
        while not found or found[-1].kind != kind:
            message = self.message()
            assert message is not None, f"closed after {[each.kind for each in found]}, no '{kind}'"
            assert message.kind != "E" or kind == "E", message.fields()
            found.append(message)
        return found

    def login(self, **parameters) -> list[Message]:
        self.send_startup(**parameters)
        return self.messages_until("Z")

    def query(self, sql: str) -> list[str]:
        """The first column of each row."""
        self.send(query_message(sql))
        return self.rows()

    def rows(self) -> list[str]:
        rows = [each.body for each in self.messages_until("Z") if each.kind == "D"]
        return [row[6 : 6 + struct.unpack("!i", row[2:6])[0]].decode() for row in rows]

    def refusal(self) -> dict[str, str]:
        """The fields of the error that is the server's only message before it closes."""
        error = self.messages_until("E")[-1].fields()
        assert self.message() is None, "the connection stays open after a FATAL error"
        return error

    def is_closed(self) -> bool:
        if self.socket.fileno() < 0:
            return True
        # `recv` on a socket with a timeout waits that long, whatever its flags.
        look = select.poll()
        look.register(self.socket, select.POLLIN)
        if not look.poll(0):
            return False
        try:
            return self.socket.recv(1, socket.MSG_PEEK) == b""
        except OSError:
            return True

    def leave(self) -> None:
        """Sends Terminate and closes, as a driver does."""
        self.send(TERMINATE)
        self.hang_up()

    def hang_up(self) -> None:
        self.socket.close()
