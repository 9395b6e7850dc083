"""What the processors do for a request: nanoseconds that the scheduler gave to every thread of the server and of the database."""

import http.client
import itertools
import statistics
from pathlib import Path

from origin import Origin

from .databases import Database

BATCHES = 5


def cpu_us_per_request(server: Origin, database: Database, paths: list[str], requests: int, *, is_warm: bool, revalidate: bool = False) -> float:
    """The median of several batches, in microseconds. `is_warm` asks for everything once before it counts."""
    connection = http.client.HTTPConnection(server.address, timeout=60)
    etags = {path: get(connection, path, {}) for path in (paths if is_warm or revalidate else [])}
    wanted = itertools.cycle(paths)
    found = []
    for _ in range(BATCHES):
        batch = list(itertools.islice(wanted, max(1, requests // BATCHES)))
        before = cpu_ns(server, database)
        for path in batch:
            get(connection, path, {"If-None-Match": etags[path]} if revalidate else {})
        found.append((cpu_ns(server, database) - before) / len(batch) / 1000)
    connection.close()
    return round(statistics.median(found), 1)


def get(connection: http.client.HTTPConnection, path: str, headers: dict[str, str]) -> str:
    """Asks, reads the answer to its end, and returns its entity tag."""
    connection.request("GET", path, headers=headers)
    answer = connection.getresponse()
    body = answer.read()
    expected = 304 if headers else 200
    if answer.status != expected or (expected == 200 and not body):
        raise RuntimeError(f"{path} was answered {answer.status}, not {expected}")
    return answer.getheader("etag") or ""


def cpu_ns(server: Origin, database: Database) -> int:
    assert server.process is not None
    processes = [server.process.pid, *database.processes()]
    return sum(int((task / "schedstat").read_text(encoding="ascii").split()[0]) for process in processes for task in Path(f"/proc/{process}/task").iterdir())
