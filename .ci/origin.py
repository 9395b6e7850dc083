"""Runs the real `stowaway` binary for the tests that are not written in Rust or TypeScript: publish, serve, count, stop."""

import json
import os
import re
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
SAMPLES = REPOSITORY / "server/app/samples"
START_SECONDS = 30
STOP_SECONDS = 40
PUBLISH_SECONDS = 120
ADDRESS = re.compile(r"https?://(127\.0\.0\.1:(\d+))")


def binary() -> Path:
    """The binary under test: $STOWAWAY_BINARY, else what `cargo build` made; ends the program when there is none."""
    target = Path(os.environ.get("CARGO_TARGET_DIR", REPOSITORY / "target"))
    path = Path(os.environ.get("STOWAWAY_BINARY", target / "debug/stowaway"))
    if not path.is_file():
        raise SystemExit(f"no binary at {path}: run `cargo build -p stowaway` first, or name one in STOWAWAY_BINARY")
    return path


def wait_for(what: str, condition: Callable[[], object], seconds: float = 10) -> object:
    """Asks until the answer is true, and returns it; raises TimeoutError naming what did not happen."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if answer := condition():
            return answer
        time.sleep(0.02)
    raise TimeoutError(f"{what}: not within {seconds} s")


class Origin:
    """One store and database in a folder, published to by command and served by one process."""

    def __init__(self, folder: Path, settings: dict[str, str] | None = None) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.log_path = folder / "origin.log"
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith("STOWAWAY_")} | {
            "STOWAWAY_STORAGE__URL": f"file://{folder}/store",
            "STOWAWAY_DATABASE__URL": f"sqlite:{folder}/stowaway.db",
            "STOWAWAY_LOG__FORMAT": "json",
        }
        self.environment |= settings or {}
        self.process: subprocess.Popen | None = None
        self.address = ""

    def publish(self, source: Path, tag: str) -> None:
        """Publishes a folder; raises with the command's own words when it fails."""
        command = [str(binary()), "publish", str(source), "--tag", tag]
        done = subprocess.run(command, cwd=self.folder, env=self.environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=PUBLISH_SECONDS)
        if done.returncode != 0:
            raise RuntimeError(f"publish {source} --tag {tag} ended with {done.returncode}: {done.stdout}{done.stderr}")

    def start(self) -> str:
        """Serves on a free port and returns `host:port`."""
        with self.log_path.open("wb") as log:
            command = [str(binary()), "serve", "--listen", "127.0.0.1:0"]
            self.process = subprocess.Popen(command, cwd=self.folder, env=self.environment, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT)
        self.address = str(wait_for("the server's address", self._bound_address, START_SECONDS))
        return self.address

    def _bound_address(self) -> str | None:
        said = self.log_path.read_text(encoding="utf-8", errors="replace")
        if self.process is not None and self.process.poll() is not None:
            raise RuntimeError(f"serve ended with {self.process.returncode}: {said}")
        found = ADDRESS.search(said)
        return found.group(1) if found and found.group(2) != "0" else None

    def stop(self) -> None:
        """SIGTERM, and SIGKILL only for a server that does not drain; does nothing when it does not run."""
        process, self.process = self.process, None
        if process is None:
            return
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise

    def answered(self, path: str | None = None) -> list[dict]:
        """The access log's entries so far, of one path (whatever its query) or of all."""
        entries = []
        for line in self.log_path.read_text(encoding="utf-8", errors="replace").splitlines():
            try:
                event = json.loads(line)
            except ValueError:
                continue  # start-up words for people, or a line being written
            if isinstance(event, dict) and event.get("target") == "stowaway::access":
                entries.append(event.get("fields", event))
        return [entry for entry in entries if path is None or entry["path"].partition("?")[0] == path]
