"""Cases about coded forms: each is the origin's, kept by itself, and never mixed with another."""

import gzip
from collections.abc import Iterator
from functools import partial

from bench import Bench
from ranges import Case

# What browsers send, and what the edge makes of it.
SPELLINGS = {"gzip, deflate, br, zstd": "br", "br;q=1.0, gzip;q=0.8": "br", "gzip,deflate": "gzip", "br;q=0, gzip;q=0.5": "gzip", "zstd": "zstd"}


def cases(bench: Bench) -> Iterator[Case]:
    """All cases of this file."""
    documents = {
        "manifest": "/tags/course/manifest.json",
        "release manifest": "/tags/course/releases/1/manifest.json",
        "release piece index": "/tags/course/releases/1/pieces.json",
        "captions": bench.href("course", "01-before-you-go/01-welcome.en.vtt"),
        "catalogue": "/tags",
    }
    for name, path in documents.items():
        for coding in ("br", "zstd", "gzip"):
            yield f"{name} as {coding}: same as the origin's", partial(bench.assert_same, path, Accept_Encoding=coding)
            yield f"{name} as {coding}: HEAD", partial(bench.assert_same, path, "HEAD", Accept_Encoding=coding)
        yield f"{name}: every client gets the form it accepts, in any order", partial(forms_are_kept_apart, bench, path)
        yield f"{name}: a coded form is not resumed with another", partial(never_a_mixture, bench, path)
        yield f"{name}: range", partial(bench.assert_same, path, Accept_Encoding="gzip, br", Range="bytes=3-9")
    yield "captions: other spellings of Accept-Encoding ask the origin nothing", partial(spellings_share_an_entry, bench, documents["captions"])
    yield "a piece has one entry whatever is accepted", partial(one_entry, bench, "large")


def forms_are_kept_apart(bench: Bench, path: str) -> None:
    identity = bench.at_origin(path).body
    for accept, coding in [*SPELLINGS.items(), ("", None), *SPELLINGS.items()]:
        answer = bench.at_edge(path, Accept_Encoding=accept)
        assert answer.headers.get("content-encoding") == coding, f"{accept!r}: {answer.headers}"
        if coding == "gzip":
            assert gzip.decompress(answer.body) == identity, accept
        assert coding is not None or answer.body == identity, accept
        assert "accept-encoding" in answer.headers["vary"], answer.headers


def never_a_mixture(bench: Bench, path: str) -> None:
    identity, coded = bench.at_origin(path), bench.at_edge(path, Accept_Encoding="br")
    for accept in ("identity", "br", "gzip"):
        answer = bench.at_edge(path, Accept_Encoding=accept, Range="bytes=5-", If_Range=coded.headers["etag"])
        whole = answer.status == 200 and answer.body == identity.body and "content-encoding" not in answer.headers
        assert whole, f"{accept}: {answer.status} {answer.headers}"
    rest = bench.at_edge(path, Accept_Encoding="br", Range="bytes=5-", If_Range=identity.headers["etag"])
    assert (rest.status, rest.body) == (206, identity.body[5:]), rest.headers


def spellings_share_an_entry(bench: Bench, path: str) -> None:
    for coding in ("br", "gzip", "zstd"):
        bench.at_edge(path, Accept_Encoding=coding)
    before = len(bench.origin_requests(path))
    for accept in SPELLINGS:
        assert bench.at_edge(path, Accept_Encoding=accept).headers["x-cache"] == "HIT", accept
    assert len(bench.origin_requests(path)) == before, "the origin was asked again"


def one_entry(bench: Bench, tag: str) -> None:
    manifest = bench.manifest(tag)
    path = next(link["properties"]["pieces"] for link in manifest["readingOrder"]).replace("pieces.json", "pieces/2")
    bench.at_edge(path, Accept_Encoding="br")
    assert bench.at_edge(path, Accept_Encoding="gzip").headers["x-cache"] == "HIT"
