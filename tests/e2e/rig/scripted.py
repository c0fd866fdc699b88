"""A server that runs a test's script."""

import socket
import struct
import threading
from collections.abc import Callable
from contextlib import suppress

from rig.waiting import PATIENCE
from rig.wire import GSSENC_REQUEST, SSL_REQUEST, TERMINATE


def message(kind: str, body: bytes) -> bytes:
    return kind.encode() + struct.pack("!i", len(body) + 4) + body


def authentication(code: int, data: bytes = b"") -> bytes:
    return message("R", struct.pack("!i", code) + data)


class Connection:
    """A connection whose StartupMessage has been read."""

    def __init__(self, accepted: socket.socket) -> None:
        self._socket = accepted
        self._stream = accepted.makefile("rb")
        while True:
            head = self._stream.read(8)
            if head not in (SSL_REQUEST, GSSENC_REQUEST):
                break
            self.say(b"N")
        rest = self._stream.read(struct.unpack("!i", head[:4])[0] - 8) if len(head) == 8 else b""
        words = rest.rstrip(b"\0").split(b"\0")
        self.parameters = dict(zip(words[::2], words[1::2], strict=False))

    def say(self, data: bytes) -> None:
        self._socket.sendall(data)

    def hear(self) -> bytes:
        """The body of the next message; empty at the end of the stream."""
        head = self._stream.read(5)
        if len(head) < 5 or head == TERMINATE:
            return b""
        return self._stream.read(struct.unpack("!i", head[1:])[0] - 4)


class ScriptedServer:
    """Runs `script` for each connection, in a thread, and hangs up when it returns."""

    def __init__(self, script: Callable[[Connection], None]) -> None:
        self._script = script
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with suppress(OSError):  # closed
            while True:
                accepted, _ = self._listening.accept()
                threading.Thread(target=self._serve, args=(accepted,), daemon=True).start()

    def _serve(self, accepted: socket.socket) -> None:
        accepted.settimeout(PATIENCE)
        with accepted, suppress(OSError, struct.error):
            self._script(Connection(accepted))

    def close(self) -> None:
        self._listening.close()
