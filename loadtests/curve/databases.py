"""A database of a run's own: a SQLite file, or a PostgreSQL server in a temporary folder that ends with the run."""

import contextlib
import os
import shutil
import socket
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

START_SECONDS = 60


class Database:
    """Takes the settings of the server to one, runs SQL in it, and knows its processes."""

    def __init__(self, name: str, url_of, run_sql, processes) -> None:
        self.name = name
        self.url_of = url_of
        self.run_sql = run_sql
        self.processes = processes


@contextlib.contextmanager
def start(kind: str, folder: Path) -> Iterator[Database]:
    """Starts a database of that kind, and stops it."""
    if kind == "sqlite":
        yield sqlite()
        return
    with postgres(folder / "postgres") as database:
        yield database


def sqlite() -> Database:
    def run_sql(url: str, statements: list[str]) -> None:
        connection = sqlite3.connect(url.removeprefix("sqlite:"), isolation_level=None)
        with contextlib.closing(connection):
            for statement in statements:
                connection.execute(statement)

    return Database("sqlite", lambda folder: f"sqlite:{folder}/stowaway.db", run_sql, list)


@contextlib.contextmanager
def postgres(folder: Path) -> Iterator[Database]:
    programs = find_programs()
    folder.mkdir(parents=True)
    as_owner: list[str] = []
    if os.geteuid() == 0:  # PostgreSQL refuses to run as root
        as_owner = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
        for above in (folder, *folder.parents):
            if above.name.startswith("stowaway-"):
                above.chmod(0o711)
        shutil.chown(folder, "postgres", "postgres")
    port = free_port()
    data = folder / "data"
    subprocess.run([*as_owner, str(programs / "initdb"), "-D", str(data), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync"], check=True, capture_output=True)
    command = [*as_owner, str(programs / "postgres"), "-D", str(data), "-p", str(port), "-c", "listen_addresses=127.0.0.1", "-c", "fsync=off", "-c", f"unix_socket_directories={folder}"]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    try:
        client = [str(programs / "psql"), "-q", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1", "-p", str(port), "-U", "postgres"]
        wait_until_ready(server, client, folder / "log")
        made: set[str] = set()

        def url_of(place: Path) -> str:
            if place.name not in made:
                subprocess.run([*client, "-c", f"CREATE DATABASE {place.name}", "postgres"], check=True)
                made.add(place.name)
            return f"postgres://postgres@127.0.0.1:{port}/{place.name}"

        def run_sql(url: str, statements: list[str]) -> None:
            subprocess.run([*client, "-f", "-", url.rpartition("/")[2]], check=True, input=";\n".join(statements) + ";\n", text=True)

        yield Database("postgres", url_of, run_sql, lambda: [server.pid, *children_of(server.pid)])
    finally:
        server.terminate()
        server.wait()


def wait_until_ready(server: subprocess.Popen, client: list[str], log: Path) -> None:
    end = time.monotonic() + START_SECONDS
    while subprocess.run([*client, "-c", "SELECT 1", "postgres"], capture_output=True).returncode != 0:
        if server.poll() is not None or time.monotonic() > end:
            raise RuntimeError(f"PostgreSQL does not answer: {log.read_text(errors='replace')}")
        time.sleep(0.1)


def find_programs() -> Path:
    """The folder of `initdb`: on the PATH, or where Debian hides it."""
    found = shutil.which("initdb")
    folders = [Path(found).resolve().parent] if found else sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    if not folders:
        raise SystemExit("PostgreSQL is missing: .ci/install test")
    return folders[0]


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


def children_of(process: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{process}/task/{process}/children").read_text(encoding="ascii").split()]
