"""Cases about the bytes of blobs: whole files, ranges, conditions, and what they cost the origin."""

import json
from collections.abc import Callable, Iterator
from functools import partial

from bench import SLICE_BYTES, Bench

PAST_END = 10**12
RANGES = {
    "first byte": "bytes=0-0",
    "what Apple probes": "bytes=0-1",
    "within one slice": "bytes=100-4099",
    "last byte of a slice": f"bytes={SLICE_BYTES - 1}-{SLICE_BYTES - 1}",
    "first byte of a slice": f"bytes={SLICE_BYTES}-{SLICE_BYTES}",
    "across a slice boundary": f"bytes={SLICE_BYTES - 10}-{SLICE_BYTES + 9}",
    "across several slices": f"bytes={2 * SLICE_BYTES + 7}-{6 * SLICE_BYTES + 3}",
    "suffix": "bytes=-5000",
    "suffix longer than the file": f"bytes=-{PAST_END}",
    "empty suffix": "bytes=-0",
    "open, last slice": f"bytes={20 * SLICE_BYTES}-",
    "open, everything": "bytes=0-",
    "end past the end": f"bytes={20 * SLICE_BYTES}-{PAST_END}",
    "start past the end": f"bytes={PAST_END}-",
    "two ranges": f"bytes=0-9,{3 * SLICE_BYTES}-{3 * SLICE_BYTES + 9}",
    "three ranges, descending": "bytes=9000000-9000009,5000-5009,0-9",
    "many tiny ranges": "bytes=" + ",".join(f"{100 * n}-{100 * n}" for n in range(300)),
    "another unit": "items=0-1",
    "no number": "bytes=x-y",
    "nothing after the unit": "bytes=",
}

Case = tuple[str, Callable[[], None]]


def cases(bench: Bench) -> Iterator[Case]:
    """All cases of this file; the first ones need an empty cache, so their order matters."""
    noise, empty = bench.href("large", "01-noise.wav"), bench.href("large", "nothing.txt")
    course = {path: bench.href("course", path) for path in ("01-before-you-go/01-welcome.mp4", "cover.jpg", "01-before-you-go/01-welcome.en.vtt")}
    yield "one byte of a cold file costs the origin one slice", partial(one_byte_costs_one_slice, bench, noise)
    yield "whole file, cold", partial(whole_file, bench, noise)
    yield "whole file, second read is a hit and asks the origin nothing", partial(second_read_is_free, bench, noise)
    yield "a range of a known file asks the origin nothing", partial(known_range_is_free, bench, noise)
    size = len(bench.at_origin(noise).body)
    for name, value in RANGES.items():
        yield f"range: {name}", partial(bench.assert_same, noise, Range=value)
    yield "range: start at the end", partial(starts_at_the_end, bench, noise, size)
    etag = bench.at_origin(noise, "HEAD").headers["etag"]
    modified = bench.at_origin(noise, "HEAD").headers["last-modified"]
    for name, headers in conditions(etag, modified).items():
        yield f"condition: {name}", partial(bench.assert_same, noise, **headers)
    yield "HEAD", partial(bench.assert_same, noise, "HEAD")
    yield "HEAD ignores Range", partial(bench.assert_same, noise, "HEAD", Range="bytes=0-9")
    yield "empty file", partial(bench.assert_same, empty)
    yield "empty file, range", partial(bench.assert_same, empty, Range="bytes=0-0")
    for path, href in course.items():
        yield f"course: {path}", partial(bench.assert_same, href)
        yield f"course: {path}, range", partial(bench.assert_same, href, Range="bytes=10-99")


def conditions(etag: str, modified: str) -> dict[str, dict[str, str]]:
    """Conditional requests by name; underscores stand for hyphens."""
    ten = {"Range": "bytes=0-9"}
    return {
        "If-None-Match that matches": {"If_None_Match": etag},
        "If-None-Match that does not": {"If_None_Match": '"other"', **ten},
        "If-Modified-Since its own date": {"If_Modified_Since": modified},
        "If-Match that matches": {"If_Match": etag, **ten},
        "If-Match that does not, before the range": {"If_Match": '"other"', **ten},
        "If-Range that matches": {"If_Range": etag, **ten},
        "If-Range of another version": {"If_Range": '"other"', **ten},
        "If-Range weak": {"If_Range": "W/" + etag, **ten},
        "If-Range its own date": {"If_Range": modified, **ten},
        "If-Range another date": {"If_Range": "Thu, 01 Jan 2015 00:00:00 GMT", **ten},
    }


def starts_at_the_end(bench: Bench, href: str, size: int) -> None:
    """What a finished download asks for when it resumes. nginx words the problem itself."""
    there, here = bench.at_origin(href, Range=f"bytes={size}-"), bench.at_edge(href, Range=f"bytes={size}-")
    for name in ("content-range", "content-type"):
        assert (here.status, here.headers[name]) == (416, there.headers[name]), (here, there)
    assert json.loads(here.body)["type"] == json.loads(there.body)["type"], (here.body, there.body)
    assert "no-store" in here.headers["cache-control"] and "etag" not in here.headers, here.headers


def one_byte_costs_one_slice(bench: Bench, href: str) -> None:
    place = 7 * SLICE_BYTES + 100
    bench_answer = bench.at_edge(href, Range=f"bytes={place}-{place}")
    asked = bench.origin_requests(href)
    assert (bench_answer.status, len(bench_answer.body)) == (206, 1), bench_answer
    assert [entry["range"] for entry in asked] == [f"bytes={7 * SLICE_BYTES}-{8 * SLICE_BYTES - 1}"], asked
    assert sum(entry["bytes_sent"] for entry in asked) == SLICE_BYTES, asked


def whole_file(bench: Bench, href: str) -> None:
    expected = (bench.large / "01-noise.wav").read_bytes()
    before = len(bench.origin_requests(href))
    answer = bench.at_edge(href)
    slices = -(-len(expected) // SLICE_BYTES)
    assert answer.status == 200 and answer.body == expected, f"{answer.status}, {len(answer.body)} bytes"
    new = bench.origin_requests(href)[before:]
    assert len(new) == slices - 1, f"{len(new)} requests for the {slices - 1} slices that were missing"


def second_read_is_free(bench: Bench, href: str) -> None:
    before = len(bench.origin_requests(href))
    answer = bench.at_edge(href)
    assert answer.headers["x-cache"] == "HIT" and "hit" in answer.headers["cache-status"], answer.headers
    assert answer.body == (bench.large / "01-noise.wav").read_bytes(), "other bytes from the cache"
    assert len(bench.origin_requests(href)) == before, "the origin was asked again"


def known_range_is_free(bench: Bench, href: str) -> None:
    before = len(bench.origin_requests(href))
    answer = bench.at_edge(href, Range=f"bytes={5 * SLICE_BYTES - 3}-{9 * SLICE_BYTES + 3}")
    assert (answer.status, answer.headers["x-cache"]) == (206, "HIT"), answer.headers
    assert len(bench.origin_requests(href)) == before, "the origin was asked again"
