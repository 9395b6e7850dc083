"""Clients that read a whole file slowly, one after the other, and compare every byte."""

import http.client
import threading
import time

CLIENTS = 3
CHUNK_BYTES = 256 * 1024
CHUNK_SECONDS = 0.03
PATIENCE_SECONDS = 60


class SlowDownloads:
    """Downloads of one address until told to stop; each that was begun is finished."""

    def __init__(self, address: str, path: str, stop: threading.Event) -> None:
        self._address, self._path, self._stop = address, path, stop
        self._expected = self._read(0)
        self._threads = [threading.Thread(target=self._run) for _ in range(CLIENTS)]
        self._spans: list[tuple[float, float]] = []
        self.broken: list[str] = []

    @property
    def whole(self) -> int:
        return len(self._spans)

    def spanned(self, moments: list[float]) -> int:
        """How many downloads were going on at one of these moments, and ended whole."""
        return sum(any(begun < moment < ended for moment in moments) for begun, ended in self._spans)

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def join(self) -> None:
        for thread in self._threads:
            thread.join()

    def _run(self) -> None:
        while not self._stop.is_set():
            begun = time.monotonic()
            try:
                if self._read(CHUNK_SECONDS) != self._expected:
                    raise ValueError("other bytes")
                self._spans.append((begun, time.monotonic()))
            except (OSError, ValueError, http.client.HTTPException) as error:
                self.broken.append(f"a slow download broke after {time.monotonic() - begun:.1f} s: {error!r}")

    def _read(self, pause_seconds: float) -> bytes:
        connection = http.client.HTTPConnection(self._address, timeout=PATIENCE_SECONDS)
        try:
            connection.request("GET", self._path)
            answer = connection.getresponse()
            if answer.status != 200:
                raise ValueError(f"answered {answer.status}")
            chunks = []
            while chunk := answer.read(CHUNK_BYTES):
                chunks.append(chunk)
                time.sleep(pause_seconds)
            return b"".join(chunks)
        finally:
            connection.close()
