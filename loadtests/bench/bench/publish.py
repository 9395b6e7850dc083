"""Publishing against `sha256sum` over the same files by two processes: both read and hash everything once."""

import os
import resource
import shutil
import subprocess
import time
from pathlib import Path

from bench.rounds import spread
from bench.servers import environment


def compare(binary: Path, source: Path, folder: Path, total_bytes: int, rounds: int) -> dict:
    """Wall-clock and processor seconds of both, in turn; everything is in the page cache and published to an empty store."""
    warm = ["bash", "-c", f"find {source} -type f -print0 | xargs -0 cat > /dev/null"]
    subprocess.run(warm, check=True)
    measured = []
    for number in range(rounds):
        sides = [("sha256sum", lambda: sum_of(source)), ("publish", lambda n=number: publish(binary, source, folder / f"publish-{n}"))]
        measured.append({name: run() for name, run in (sides if number % 2 == 0 else sides[::-1])})
        shutil.rmtree(folder / f"publish-{number}")
    middle = sorted(measured, key=lambda row: row["publish"]["seconds"] / row["sha256sum"]["seconds"])[len(measured) // 2]
    return {
        "bytes": total_bytes,
        "most": 1.5,
        "time_ratio": spread(row["publish"]["seconds"] / row["sha256sum"]["seconds"] for row in measured),
        "cpu_ratio": spread(row["publish"]["cpu_seconds"] / row["sha256sum"]["cpu_seconds"] for row in measured),
        "sha256sum": middle["sha256sum"],
        "publish": middle["publish"],
        "rounds": measured,
    }


def sum_of(source: Path) -> dict:
    command = f"find {source} -type f -print0 | xargs -0 -n 1 -P {os.cpu_count() or 1} sha256sum > /dev/null"
    return timed(["bash", "-c", command], dict(os.environ))


def publish(binary: Path, source: Path, folder: Path) -> dict:
    folder.mkdir()
    return timed([str(binary), "publish", str(source), "--tag", "speed", "--json"], environment(folder, {}))


def timed(command: list[str], variables: dict[str, str]) -> dict:
    """Seconds on the wall and of processors, children included."""
    before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    subprocess.run(command, env=variables, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=True)
    seconds, after = time.monotonic() - begun, resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {"seconds": round(seconds, 3), "cpu_seconds": round(cpu, 3)}
