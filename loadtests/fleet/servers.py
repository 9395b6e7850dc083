"""Two servers on one database and one store, each on a port of its own that it keeps across restarts."""

import http.client
import signal
import subprocess
import threading
import time
from pathlib import Path

from curve.databases import free_port
from origin import STOP_SECONDS, Origin, binary, wait_for

LAST_LINES = 40


class Fleet:
    """Servers that share everything but their ports."""

    def __init__(self, folder: Path, database_url: str, settings: dict[str, str]) -> None:
        settings = settings | {"STOWAWAY_DATABASE__URL": database_url, "STOWAWAY_LOG__LEVEL": "warn,stowaway::access=off", "STOWAWAY_HTTP__WORKERS": "2"}
        self._origin = Origin(folder, settings)
        self.ports = [free_port(), free_port()]
        self._processes: list[subprocess.Popen | None] = [None, None]
        self.restarts = 0
        self.restarted: list[float] = []
        self.broken: str | None = None

    def __enter__(self) -> "Fleet":
        return self

    def __exit__(self, *_: object) -> None:
        for number in range(len(self.ports)):
            self._stop(number)

    def publish(self, source: Path, tag: str) -> None:
        self._origin.publish(source, tag)

    def start(self) -> None:
        for number in range(len(self.ports)):
            self._start(number)

    def said(self) -> list[str]:
        """What the servers logged: warnings and errors only."""
        logs = sorted(self._origin.folder.glob("server-*.log"))
        return [f"{log.stem}: {line}" for log in logs for line in log.read_text(errors="replace").splitlines()[-LAST_LINES:]]

    def restart_in_turn(self, stop: threading.Event) -> None:
        """One after the other, the next only when the last is ready, until told to stop."""
        try:
            while not stop.is_set():
                number = self.restarts % len(self.ports)
                self._stop(number)
                self.restarted.append(time.monotonic())
                self._start(number)
                self.restarts += 1
        except (RuntimeError, TimeoutError, subprocess.TimeoutExpired) as error:
            self.broken = f"server {number} did not restart: {error}"

    def _start(self, number: int) -> None:
        port = self.ports[number]
        with (self._origin.folder / f"server-{number}.log").open("ab") as log:
            command = [str(binary()), "serve", "--listen", f"127.0.0.1:{port}"]
            # What one server keeps to itself; two on one machine would have to share the folder.
            environment = self._origin.environment | {"STOWAWAY_CACHE__DIRECTORY": str(self._origin.folder / f"cache-{number}")}
            process = subprocess.Popen(command, cwd=self._origin.folder, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self._processes[number] = process
        wait_for(f"server {number} is ready", lambda: self._is_ready(process, port), 60)

    def _is_ready(self, process: subprocess.Popen, port: int) -> bool:
        if process.poll() is not None:
            raise RuntimeError(f"it ended with {process.returncode}")
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        try:
            connection.request("GET", "/readyz")
            return connection.getresponse().status == 200
        except OSError:
            return False
        finally:
            connection.close()

    def _stop(self, number: int) -> None:
        process, self._processes[number] = self._processes[number], None
        if process is None:
            return
        process.send_signal(signal.SIGTERM)
        try:
            if process.wait(STOP_SECONDS) != 0:
                raise RuntimeError(f"it ended with {process.returncode}")
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
