"""Cases about documents: immutable ones, pointers and their revalidation, problems, preflights, and what is never kept."""

import json
import shutil
from collections.abc import Iterator
from functools import partial

from bench import POINTER_SECONDS, Bench
from origin import SAMPLES, wait_for
from ranges import Case

MANIFEST = "/tags/course/manifest.json"
UNKNOWN_BLOB = "/blobs/" + "0" * 64 + "/nothing.bin"
SOON_SECONDS = 10 * POINTER_SECONDS + 5


def cases(bench: Bench) -> Iterator[Case]:
    """All cases of this file. A new release comes last."""
    manifest = bench.manifest("large")
    pieces = next(link["properties"]["pieces"] for link in manifest["readingOrder"])
    immutable = {
        "piece index": pieces,
        "release piece index": manifest["download"]["pieces"]["href"],
        "release manifest": "/tags/course/releases/1/manifest.json",
        "a piece": pieces.replace("pieces.json", "pieces/0"),
        "a part": pieces.replace("pieces.json", "pieces/1-3"),
    }
    for name, path in immutable.items():
        yield f"{name}: same as the origin's", partial(bench.assert_same, path)
        yield f"{name}: second read is a hit and asks the origin nothing", partial(second_read_is_free, bench, path)
        yield f"{name}: range", partial(bench.assert_same, path, Range="bytes=1-20")
        yield f"{name}: 304", partial(not_modified, bench, path)
    for path in ("/tags", "/tags?limit=1", MANIFEST):
        yield f"{path}: same as the origin's", partial(bench.assert_same, path)
        yield f"{path}: HEAD", partial(bench.assert_same, path, "HEAD")
        yield f"{path}: 304", partial(not_modified, bench, path)
    yield "an expired manifest is revalidated with a 304", partial(pointer_revalidates, bench)
    for path in (UNKNOWN_BLOB, "/tags/none/manifest.json", "/tags/course/releases/99/manifest.json", "/tags/Bad_Tag!/manifest.json", pieces.replace("pieces.json", "pieces/9999")):
        yield f"problem {path[:40]}: same, and not kept", partial(problem_is_not_kept, bench, path)
    for path in (immutable["release manifest"], immutable["a piece"], bench.href("large", "01-noise.wav")):
        yield f"{path[:40]}: a query makes no other entry", partial(query_is_free, bench, path)
    for path in (MANIFEST, bench.href("course", "cover.jpg")):
        yield f"preflight of {path[:40]}", partial(bench.assert_same, path, "OPTIONS", Origin="https://example.org", Access_Control_Request_Method="GET", Access_Control_Request_Headers="range")
        yield f"POST to {path[:40]}", partial(bench.assert_same, path, "POST")
    for path in ("/healthz", "/sw.js", "/", "/api/none"):
        yield f"{path} is never kept", partial(passes_through, bench, path)
    yield "alias of a lesson, range", partial(bench.assert_same, "/tags/course/media/01-before-you-go/01-welcome.mp4", Range="bytes=-99")
    yield "/metrics is not public", partial(metrics_are_hidden, bench)
    yield "an answer to somebody with a token is not kept", partial(authorized_is_not_kept, bench)
    yield "a new release becomes visible, the old one stays", partial(new_release, bench)


def second_read_is_free(bench: Bench, path: str) -> None:
    bench.at_edge(path)
    before = len(bench.origin_requests(path))
    answer = bench.at_edge(path)
    assert (answer.status, answer.headers["x-cache"]) == (200, "HIT"), answer.headers
    assert len(bench.origin_requests(path)) == before, "the origin was asked again"


def query_is_free(bench: Bench, path: str) -> None:
    """What breaks caches (`?x=1`, `?x=2`, …) reaches neither the origin nor the disk."""
    bench.at_edge(path, Range="bytes=0-0")
    before = len(bench.origin_requests(path))
    answer = bench.at_edge(f"{path}?x=1", Range="bytes=0-0")
    assert (answer.status, answer.headers["x-cache"]) == (206, "HIT"), answer.headers
    assert len(bench.origin_requests(path)) == before, "the origin was asked"


def not_modified(bench: Bench, path: str) -> None:
    etag = bench.at_origin(path).headers["etag"]
    answer = bench.at_edge(path, If_None_Match=etag)
    assert (answer.status, answer.body, answer.headers.get("etag")) == (304, b"", etag), answer


def pointer_revalidates(bench: Bench) -> None:
    asked_before = len(bench.origin_requests(MANIFEST))
    wait_for("a revalidation", lambda: bench.at_edge(MANIFEST).headers["x-cache"] == "REVALIDATED", SOON_SECONDS)
    statuses = [entry["status"] for entry in bench.origin_requests(MANIFEST)[asked_before:]]
    assert 304 in [int(status) for status in statuses], statuses
    assert bench.at_edge(MANIFEST).body == bench.at_origin(MANIFEST).body, "other bytes after the revalidation"


def problem_is_not_kept(bench: Bench, path: str) -> None:
    answer = bench.assert_same(path)
    assert 400 <= answer.status < 500 and answer.headers["content-type"] == "application/problem+json", answer
    assert bench.at_edge(path).headers["x-cache"] != "HIT", "the problem came from the cache"


def passes_through(bench: Bench, path: str) -> None:
    bench.assert_same(path)
    before = len(bench.origin_requests(path))
    again = bench.at_edge(path)
    assert again.headers["x-cache"] == "BYPASS", again.headers
    assert len(bench.origin_requests(path)) == before + 1, "the origin was not asked"


def metrics_are_hidden(bench: Bench) -> None:
    assert bench.at_origin("/metrics").status == 200, "the origin has no metrics"
    answer = bench.at_edge("/metrics")
    assert answer.status == 404 and b"stowaway_" not in answer.body, answer


def authorized_is_not_kept(bench: Bench) -> None:
    path = bench.href("course", "02-in-the-field/02-listen-back.jpg")
    first = bench.at_edge(path, Authorization="Bearer secret")
    second = bench.at_edge(path, Authorization="Bearer secret")
    assert (first.status, second.status) == (200, 200) and second.headers["x-cache"] == "BYPASS", second.headers
    assert bench.at_edge(path).headers["x-cache"] == "MISS", "an answer to a token was kept"


def new_release(bench: Bench) -> None:
    old = bench.at_edge(MANIFEST)
    old_release = bench.at_edge("/tags/course/releases/1/manifest.json")
    changed = bench.folder / "changed"
    shutil.copytree(SAMPLES / "course", changed)
    with (changed / "01-before-you-go/02-pack-light.en.vtt").open("a", encoding="utf-8") as captions:
        captions.write("\nNOTE corrected\n")
    bench.origin.publish(changed, "course")
    wait_for("release 2 at the edge", lambda: json.loads(bench.at_edge(MANIFEST).body)["download"]["release"] == 2, SOON_SECONDS)
    assert bench.at_edge(MANIFEST).body == bench.at_origin(MANIFEST).body != old.body, "not the new manifest"
    assert bench.at_edge("/tags/course/releases/1/manifest.json").body == old_release.body, "release 1 changed"
    bench.assert_same(bench.href("course", "01-before-you-go/02-pack-light.en.vtt"))
