"""Cases with the origin away: what was being served is still served."""

from collections.abc import Iterator
from functools import partial

from bench import Answer, Bench
from documents import MANIFEST, SOON_SECONDS
from origin import wait_for
from ranges import Case


def cases(bench: Bench) -> Iterator[Case]:
    """All cases of this file; they stop the origin and must come last."""
    noise = bench.href("large", "01-noise.wav")
    known = bench.at_edge(MANIFEST)
    bench.origin.stop()
    yield "origin away: the whole file still comes", partial(whole_file, bench, noise)
    yield "origin away: the manifest is served stale", partial(stale_manifest, bench, known)
    yield "origin away: what was never asked for is a 502", partial(unknown_fails, bench)


def whole_file(bench: Bench, href: str) -> None:
    answer = bench.at_edge(href)
    assert (answer.status, answer.headers["x-cache"]) == (200, "HIT"), answer.headers
    assert answer.body == (bench.large / "01-noise.wav").read_bytes(), "other bytes"


def stale_manifest(bench: Bench, known: Answer) -> None:
    wait_for("the manifest to expire", lambda: bench.at_edge(MANIFEST).headers["x-cache"] == "STALE", SOON_SECONDS)
    answer = bench.at_edge(MANIFEST)
    assert (answer.status, answer.body) == (200, known.body), answer.status


def unknown_fails(bench: Bench) -> None:
    assert bench.at_edge("/tags/course/releases/77/manifest.json").status == 502
