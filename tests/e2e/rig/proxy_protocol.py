"""Headers of PROXY protocol version 2, as a load balancer sends them first on a connection."""

import socket
import struct
import threading

SIGNATURE = b"\r\n\r\n\0\r\nQUIT\n"
LOCAL = SIGNATURE + b"\x20\0\0\0"
UNKNOWN = SIGNATURE + b"\x21\0\0\0"
NOTHING = b"\x04\0\1\0"  # a TLV of type PP2_TYPE_NOOP


def header(source: str, port: int = 40000, more: bytes = b"", to: int = 5432) -> bytes:
    """For a client at `source`, IPv4 or IPv6, that has connected to port `to` of this machine."""
    family = socket.AF_INET6 if ":" in source else socket.AF_INET
    here = "::1" if family == socket.AF_INET6 else "127.0.0.1"
    addresses = socket.inet_pton(family, source) + socket.inet_pton(family, here)
    body = addresses + struct.pack("!HH", port, to) + more
    code = b"\x21\x21" if family == socket.AF_INET6 else b"\x21\x11"
    return SIGNATURE + code + struct.pack("!H", len(body)) + body


class HeaderReader:
    """A server that requires a header, and relays what follows to another server."""

    def __init__(self, behind: int) -> None:
        self.headers: list[bytes] = []
        self._behind = behind
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with client:
            head = client.recv(16, socket.MSG_WAITALL)
            assert head[:12] == SIGNATURE, head
            rest = client.recv(struct.unpack("!H", head[14:])[0], socket.MSG_WAITALL)
            self.headers.append(head + rest)
            with socket.create_connection(("127.0.0.1", self._behind)) as server:
                back = threading.Thread(target=pump, args=(server, client), daemon=True)
                back.start()
                pump(client, server)
                back.join()

    def close(self) -> None:
        self._listener.close()


def pump(source: socket.socket, target: socket.socket) -> None:
    try:
        while data := source.recv(1 << 16):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        pass
