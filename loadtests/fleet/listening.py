"""Waits until a program that was started takes connections."""

import socket
import subprocess
from collections.abc import Callable

from origin import wait_for

START_SECONDS = 30


def wait_until_listening(name: str, process: subprocess.Popen, port: int, said: Callable[[], str] = str) -> None:
    """Raises RuntimeError with what it `said` when it ends instead, and TimeoutError when nothing comes of it."""

    def listens() -> bool:
        if process.poll() is not None:
            raise RuntimeError(f"{name} ended with {process.returncode}: {said()}")
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", port)) == 0

    wait_for(f"{name} listens", listens, START_SECONDS)
