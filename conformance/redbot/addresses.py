"""An address of every kind, found by following the documents of the sample course and podcast."""

import json
from collections.abc import Iterator
from urllib.request import urlopen

MANIFEST = "/tags/course/manifest.json"


def addresses(server: str) -> Iterator[tuple[str, str]]:
    """Pairs of a name and a path."""
    with urlopen(f"http://{server}{MANIFEST}") as answer:
        manifest = json.load(answer)
    links = list(_assets(manifest["readingOrder"])) + list(_assets(manifest["resources"]))
    video = _first(links, "video/")
    captions = _first(links, "text/vtt")
    pieces = video["properties"]["pieces"]
    alias = f"/tags/course/media/{captions['properties']['path']}"
    yield "current manifest", MANIFEST
    yield "manifest of a release", "/tags/course/releases/1/manifest.json"
    yield "piece index of a release", "/tags/course/releases/1/pieces.json"
    yield "metalink", "/tags/course/releases/1.meta4"
    yield "bundle", "/tags/course/releases/1.zip"
    yield "latest bundle", "/tags/course/latest.zip"
    yield "blob, video", video["href"]
    yield "blob, picture", _first(links, "image/jpeg")["href"]
    yield "blob, captions", captions["href"]
    yield "piece index of a blob", pieces
    yield "a piece", pieces.replace("pieces.json", "pieces/0")
    yield "alias of an asset", alias
    yield "catalogue", "/tags"
    yield "page of the catalogue", "/tags?limit=1"
    yield "page", "/"
    yield "page", "/downloads"
    yield "worker", "/sw.js"
    yield "style sheet", "/client/app/page.css"
    yield "icon", "/client/app/icon.svg"
    yield "health", "/healthz"
    yield "metrics", "/metrics"
    yield "nothing there", "/tags/none/manifest.json"


def _assets(links: list[dict]) -> Iterator[dict]:
    for link in links:
        if "digest" in link.get("properties", {}):
            yield link
        yield from _assets(link.get("alternate", []))
        yield from _assets(link.get("children", []))


def _first(links: list[dict], media_type: str) -> dict:
    return next(link for link in links if link["type"].startswith(media_type))
