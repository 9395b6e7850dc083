"""Measures two servers in turn, and compares round by round."""

import json
import statistics
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bench.machine import OPEN_FILES, Network, generator_cpu
from bench.workloads import Workload

GIB = 1 << 30
# Ranges that are compared byte by byte before measuring: how long, and how many.
VERIFIED = ((65_536, 400), (3_000_001, 50))
# A generator that is busy all the time measures itself.
BUSIEST = 0.97


@dataclass
class EmptyCache:
    """How a server's cache is emptied, by starting it again, and where that cache lies."""

    restart: Callable[[], "Contestant"]
    folder: Path

    def holds(self) -> int:
        """Bytes of the files in the cache."""
        return sum(entry.stat().st_size for entry in self.folder.rglob("*") if entry.is_file())


@dataclass
class Contestant:
    """A server, where it keeps things, and how its cache is emptied."""

    name: str
    pid: int
    port: int
    paths: dict[str, str]
    cache: EmptyCache | None = None


class Generator:
    """Runs the load generator."""

    def __init__(self, binary: Path, network: Network) -> None:
        self.command = [*network.command(generator_cpu()), "prlimit", f"--nofile={OPEN_FILES}", str(binary)]

    def run(self, contestant: Contestant, asks: str, plan: dict) -> dict:
        """One run; raises when an answer was wrong or a connection broke."""
        plan = plan | {"address": f"127.0.0.1:{contestant.port}", "path": contestant.paths[asks], "pids": [contestant.pid]}
        done = subprocess.run([*self.command, json.dumps(plan)], stdin=subprocess.DEVNULL, capture_output=True, text=True)
        if done.returncode != 0:
            raise RuntimeError(f"{contestant.name}, {plan['path']}: {done.stderr}")
        report = json.loads(done.stdout)
        if report["wrong"] or report["broken"] or not report["bytes"] + report["requests"]:
            raise RuntimeError(f"{contestant.name}, {plan['path']}: {report['wrong']} wrong and {report['broken']} broken of {report['requests']}: {report['statuses']}")
        return report

    def verify(self, contestant: Contestant, big: Path) -> int:
        """Compares every byte of some ranges with the file, before anything is measured; returns how many bytes that were."""
        size, total = big.stat().st_size, 0
        for range_bytes, requests in VERIFIED:
            mode = {"kind": "ranges", "size": size, "range_bytes": min(range_bytes, size), "align_bytes": 1}
            total += self.run(contestant, "big", {"mode": mode, "connections": 8, "requests": requests, "verify": str(big)})["bytes"]
        return total


def measure(generator: Generator, workload: Workload, pair: list[Contestant], size: int, rounds: int, seconds: float, connections: int | None) -> dict:
    """Rounds in turn, who begins alternates; each round gives one ratio."""
    measured = []
    plan = workload.plan(size, seconds, connections)
    for number in range(rounds):
        found = {}
        for index in (0, 1) if number % 2 == 0 else (1, 0):
            if workload.cold:
                pair[index] = pair[index].cache.restart()
            found[pair[index].name] = figures(generator.run(pair[index], workload.asks, plan), workload)
            if workload.cold:
                was_cold(pair[index], size)
        measured.append(found)
    of = {name: {key: statistics.median(row[name][key] for row in measured) for key in measured[0][name]} for name in measured[0]}
    better = "cpu" if workload.better == "cpu" else "resident_mb"
    return {
        "id": workload.id,
        "title": workload.title,
        "unit": "µs a request" if workload.per == "request" else "s/GiB",
        "better": workload.better,
        "least": workload.least,
        "aim": workload.aim,
        **of,
        "ratio": spread(row["nginx"][better] / row["stowaway"][better] for row in measured),
        "throughput_ratio": spread(row["stowaway"]["throughput"] / row["nginx"]["throughput"] for row in measured),
        "rounds": measured,
    }


def was_cold(contestant: Contestant, size: int) -> None:
    """A cache that was empty holds everything now; one that answered from elsewhere does not."""
    held = contestant.cache.holds()
    if held < size:
        raise RuntimeError(f"{contestant.name} was not cold: of {size} bytes its cache holds {held}")


def figures(report: dict, workload: Workload) -> dict:
    """A report in the units of its workload."""
    per_request = workload.per == "request"
    work = report["requests"] / 1e6 if per_request else report["bytes"] / GIB
    done = report["requests"] if per_request else report["bytes"] / GIB
    return {
        "cpu": report["cpu_seconds"] / work,
        "throughput": done / report["seconds"],
        "p50_ms": report["latency_us_p50"] / 1000,
        "p99_ms": report["latency_us_p99"] / 1000,
        "resident_mb": report["resident_bytes"] / 1e6,
        "generator_busy": report["generator_cpu_seconds"] / report["seconds"],
    }


def spread(ratios) -> dict:
    """The median, and how far the rounds lie apart."""
    ratios = list(ratios)
    return {"median": round(statistics.median(ratios), 3), "low": round(min(ratios), 3), "high": round(max(ratios), 3)}


def too_busy(result: dict) -> bool:
    """Was the generator the bottleneck? Then throughput says nothing, processor time does."""
    return max(result[name]["generator_busy"] for name in ("nginx", "stowaway")) > BUSIEST
