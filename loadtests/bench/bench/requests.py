"""A client that keeps one connection, for what asks a known number of times."""

import socket
from dataclasses import dataclass

TIMEOUT_SECONDS = 60


@dataclass(frozen=True)
class Answer:
    """A whole answer; names of headers in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes


class Connection:
    """One connection to a port of this machine."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), TIMEOUT_SECONDS)
        self.file = self.socket.makefile("rb")

    def get(self, path: str, headers: dict[str, str] | None = None) -> Answer:
        """Asks, and reads to the end of the answer."""
        lines = [f"GET {path} HTTP/1.1", "host: localhost", *(f"{name}: {value}" for name, value in (headers or {}).items())]
        self.socket.sendall("\r\n".join([*lines, "", ""]).encode())
        status = int(self.file.readline().split()[1])
        received = {}
        while (line := self.file.readline().decode().strip()):
            name, _, value = line.partition(":")
            received[name.lower()] = value.strip()
        length = 0 if status in (204, 304) else int(received["content-length"])
        return Answer(status, received, self.file.read(length))
