"""Libraries to measure: many tags, or a release of many assets.

One small tag is published as anybody would, and then copied row by row in the database under other names; its manifest is linked under
the keys of the copies that will be asked for. So the server finds what it would find in a library that was published tag by tag.
"""

import contextlib
import os
import random
import resource
import struct
from collections.abc import Iterator
from pathlib import Path

from origin import Origin

from .databases import Database

ASKED_FOR = 300
TABLES = {
    "tags": "identifier, current_release, last_release",
    "releases": "number, release_sha256, manifest_sha256, manifest_bytes, pieces_sha256, pieces_bytes, modified, summary",
    "release_assets": "number, position, path, file_name, media_type, sha256",
    "items": "identifier, path, sha256",
}
FIRST = "tag-0"


class Library:
    """A store and a database that grow."""

    def __init__(self, folder: Path, database: Database) -> None:
        self.folder = folder
        folder.mkdir(parents=True)
        self.database = database
        self.url = database.url_of(folder)
        self.tags = 0
        self.releases = 1
        self.random = random.Random(1)

    def _origin(self, settings: dict[str, str]) -> Origin:
        base = {"STOWAWAY_DATABASE__URL": self.url, "STOWAWAY_LOG__LEVEL": "warn,stowaway::access=off", "STOWAWAY_HTTP__WORKERS": "1"}
        return Origin(self.folder, base | settings)

    @contextlib.contextmanager
    def serving(self, settings: dict[str, str]) -> Iterator[Origin]:
        origin = self._origin(settings)
        origin.start()
        try:
            yield origin
        finally:
            origin.stop()

    def grow_to(self, count: int) -> list[str]:
        """Makes it a library of `count` tags, and returns addresses of manifests of tags all over it, in no order."""
        if self.tags == 0:
            write_assets(self.folder / "source", 2, "first")
            self._origin({}).publish(self.folder / "source", FIRST)
            self.tags = 1
        self.database.run_sql(self.url, copies(self.tags, count))
        self.tags = count
        numbers = self.random.sample(range(count), min(count, ASKED_FOR))
        for number in numbers:
            self._link_manifest(f"tag-{number}")
        return [f"/tags/tag-{number}/manifest.json" for number in numbers]

    def _link_manifest(self, tag: str) -> None:
        target = self.folder / "store/releases" / tag / "1"
        if target.exists():
            return
        target.mkdir(parents=True)
        for document in (self.folder / "store/releases" / FIRST / "1").iterdir():
            os.link(document, target / document.name)

    def grow_releases_to(self, count: int) -> tuple[str, float]:
        """Makes the first tag one of `count` releases, and publishes the next; the address of its manifest, and the seconds of processor time that took."""
        source = self.folder / "source"
        if self.tags == 0:
            self.grow_to(1)
        self.database.run_sql(self.url, copies_of_release(self.releases, count))
        (link := self.folder / "store/releases" / FIRST / str(count)).mkdir(parents=True)
        for document in (self.folder / "store/releases" / FIRST / "1").iterdir():
            os.link(document, link / document.name)
        write_assets(source, 2, f"release {count}")
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        self._origin({}).publish(source, FIRST)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        self.releases = count + 1
        return f"/tags/{FIRST}/manifest.json", after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    def publish_assets(self, count: int) -> tuple[str, float]:
        """Publishes a release of so many files; the address of its manifest, and the seconds of processor time it took."""
        source, tag = self.folder / f"source-{count}", f"assets-{count}"
        write_assets(source, count, tag)
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        self._origin({}).publish(source, tag)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return f"/tags/{tag}/manifest.json", after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def copies(first: int, end: int) -> list[str]:
    """Statements that copy the rows of the first tag for the numbers from `first` to before `end`."""
    if first >= end:
        return []
    numbers = f"WITH RECURSIVE n(i) AS (SELECT {first} UNION ALL SELECT i + 1 FROM n WHERE i < {end - 1})"
    inserts = [
        f"{numbers} INSERT INTO {table} (tag, {columns}) SELECT 'tag-' || i, {columns} FROM n, {table} WHERE tag = '{FIRST}'"
        for table, columns in TABLES.items()
    ]
    return ["BEGIN", *inserts, "COMMIT", "ANALYZE"]


def copies_of_release(last: int, end: int) -> list[str]:
    """Statements that copy the first release of the first tag for the numbers after `last` up to `end`, which becomes the current one."""
    numbers = f"WITH RECURSIVE n(i) AS (SELECT {last + 1} UNION ALL SELECT i + 1 FROM n WHERE i < {end})"
    inserts = []
    for table in ("releases", "release_assets"):
        columns = TABLES[table].removeprefix("number, ")
        inserts.append(f"{numbers} INSERT INTO {table} (tag, number, {columns}) SELECT tag, i, {columns} FROM n, {table} WHERE tag = '{FIRST}' AND number = 1")
    return ["BEGIN", *inserts, f"UPDATE tags SET current_release = {end}, last_release = {end} WHERE tag = '{FIRST}'", "COMMIT", "ANALYZE"]


def write_assets(folder: Path, count: int, seed: str) -> None:
    """Playable files of 1 kB, each different."""
    folder.mkdir(parents=True, exist_ok=True)
    noise = random.Random(seed)
    for number in range(count):
        sound = noise.randbytes(1_000)
        head = b"RIFF" + struct.pack("<I", 36 + len(sound)) + b"WAVEfmt " + struct.pack("<IHHIIHH", 16, 1, 1, 8000, 8000, 1, 8)
        (folder / f"{number:05}.wav").write_bytes(head + b"data" + struct.pack("<I", len(sound)) + sound)
