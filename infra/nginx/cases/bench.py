"""The set-up of the edge test: an origin with a course and a folder of large files, nginx in front, and requests to both."""

import http.client
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import wave
from dataclasses import dataclass
from pathlib import Path

from origin import SAMPLES, Origin, wait_for

HERE = Path(__file__).resolve().parent
SLICE_BYTES = 1024 * 1024
NOISE_BYTES = 20 * 1024 * 1024 + 12345
POINTER_SECONDS = 1
REQUEST_SECONDS = 60
QUIET_MARKERS = 5
# What a client relies on, and what must come through the edge as the origin said it.
KEPT_HEADERS = (
    "content-type", "content-length", "content-range", "accept-ranges", "etag", "last-modified", "cache-control", "repr-digest", "content-digest", "content-encoding", "use-as-dictionary", "vary",
    "access-control-allow-origin", "access-control-expose-headers", "access-control-allow-headers", "access-control-allow-methods", "allow", "x-content-type-options",
)


@dataclass
class Answer:
    """One answer: header names are lower case, repeated ones joined by commas."""

    status: int
    headers: dict[str, str]
    body: bytes

    def kept(self) -> dict[str, str]:
        """The headers that both sides must agree on. nginx leaves out Accept-Ranges, which is for discovery, in 206 and 304, and
        its 304 repeats some headers of the kept answer that the origin's does not.
        """
        left_out = {206: {"accept-ranges"}, 304: {"accept-ranges", "content-type", "content-encoding", "use-as-dictionary", "repr-digest", "x-content-type-options"}}
        return {name: self.headers[name] for name in KEPT_HEADERS if name in self.headers and name not in left_out.get(self.status, set())}

    def differences(self, other: "Answer") -> str:
        """The headers that differ, this side first."""
        mine, others = self.kept(), other.kept()
        return ", ".join(f"{name} {mine.get(name)!r} and not {others.get(name)!r}" for name in KEPT_HEADERS if mine.get(name) != others.get(name))


class Bench:
    """Both servers, from `with` to its end."""

    def __init__(self, folder: Path) -> None:
        folder.chmod(0o755)  # a root nginx has workers of another user
        self.folder = folder
        self.large = folder / "large"
        self.run = folder / "edge"
        self.origin = Origin(folder / "origin")
        self.nginx: subprocess.Popen | None = None
        self.edge_address = ""

    def __enter__(self) -> "Bench":
        try:
            make_large_folder(self.large)
            self.origin.publish(SAMPLES / "course", "course")
            self.origin.publish(self.large, "large")
            self.origin.start()
            self._start_edge()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        if self.nginx is not None:
            self.nginx.send_signal(signal.SIGTERM)
            self.nginx.wait(20)
        self.origin.stop()

    def _start_edge(self) -> None:
        nginx = shutil.which("nginx", path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")
        if nginx is None:
            raise SystemExit("nginx is missing: apt-get install nginx-light")
        self.edge_address = f"127.0.0.1:{free_port()}"
        settings = {"ORIGIN": self.origin.address, "LISTEN": self.edge_address, "SLICE": str(SLICE_BYTES), "POINTER_SECONDS": str(POINTER_SECONDS), "CACHE_SIZE": "256m"}
        subprocess.run([str(HERE.parent / "render"), "--stand-alone", str(self.run)], env=os.environ | settings, check=True)
        command = [nginx, "-e", str(self.run / "error.log"), "-c", str(self.run / "nginx.conf"), "-g", "daemon off;"]
        self.nginx = subprocess.Popen(command, stdin=subprocess.DEVNULL)
        wait_for("nginx to listen", self._edge_listens)

    def _edge_listens(self) -> bool:
        if self.nginx is not None and self.nginx.poll() is not None:
            raise RuntimeError(f"nginx ended with {self.nginx.returncode}: {self.edge_errors()}")
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", int(self.edge_address.split(":")[1]))) == 0

    def edge_errors(self) -> str:
        log = self.run / "error.log"
        return log.read_text(encoding="utf-8", errors="replace") if log.exists() else "nginx wrote no error log"

    def at_edge(self, path: str, method: str = "GET", **headers: str) -> Answer:
        return request(self.edge_address, path, method, headers)

    def at_origin(self, path: str, method: str = "GET", **headers: str) -> Answer:
        return request(self.origin.address, path, method, headers)

    def origin_requests(self, path: str) -> list[dict]:
        """What the origin has answered for a path. An answer is logged after its last byte, perhaps by another thread than the next
        one's: the log counts as complete when several later requests in turn have appeared in it and nothing else has.
        """
        quiet, answered = 0, self.origin.answered(path)
        while quiet < QUIET_MARKERS:
            marker = f"/tags/marker-{random.getrandbits(64):x}/manifest.json"
            self.at_origin(marker)
            wait_for("the origin's log", lambda: self.origin.answered(marker))
            latest = self.origin.answered(path)
            quiet = quiet + 1 if len(latest) == len(answered) else 0
            answered = latest
        return answered

    def manifest(self, tag: str) -> dict:
        return json.loads(self.at_origin(f"/tags/{tag}/manifest.json").body)

    def href(self, tag: str, asset_path: str) -> str:
        """The address of an asset, by its path in the folder."""
        for link in links(self.manifest(tag)):
            if link.get("properties", {}).get("path") == asset_path:
                return link["href"]
        raise LookupError(f"{tag} has no asset {asset_path}")

    def assert_same(self, path: str, method: str = "GET", **headers: str) -> Answer:
        """The edge and the origin say the same; returns the edge's answer."""
        there, here = self.at_origin(path, method, **headers), self.at_edge(path, method, **headers)
        assert here.status == there.status, f"status {here.status}, the origin says {there.status}"
        assert here.body == there.body, f"{len(here.body)} bytes differ from the origin's {len(there.body)}"
        assert here.kept() == there.kept(), here.differences(there)
        return here


def request(address: str, path: str, method: str, headers: dict[str, str]) -> Answer:
    """One request on its own connection; `if_none_match` names the header If-None-Match."""
    connection = http.client.HTTPConnection(address, timeout=REQUEST_SECONDS)
    try:
        connection.request(method, path, headers={name.replace("_", "-"): value for name, value in headers.items()})
        response = connection.getresponse()
        names: dict[str, str] = {}
        for name, value in response.getheaders():
            names[name.lower()] = f"{names[name.lower()]}, {value}" if name.lower() in names else value
        return Answer(response.status, names, response.read())
    finally:
        connection.close()


def links(node: object) -> list[dict]:
    """Every link object with a path, wherever it is nested in a manifest."""
    if isinstance(node, list):
        return [link for item in node for link in links(item)]
    if isinstance(node, dict):
        inner = [link for value in node.values() for link in links(value)]
        return [node, *inner] if "path" in node.get("properties", {}) else inner
    return []


def make_large_folder(folder: Path) -> None:
    """A lesson of many slices whose bytes repeat nowhere, and an empty attachment."""
    folder.mkdir()
    with wave.open(str(folder / "01-noise.wav"), "wb") as sound:
        sound.setnchannels(2)
        sound.setsampwidth(2)
        sound.setframerate(44100)
        sound.writeframes(random.Random(20261122).randbytes(NOISE_BYTES // 4 * 4))
    (folder / "nothing.txt").write_bytes(b"")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
