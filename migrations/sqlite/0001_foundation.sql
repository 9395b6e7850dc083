-- Tags, their releases, the blobs these name, and what must happen after a release. Same tables as postgres/0001.

CREATE TABLE tags (
    tag             TEXT    NOT NULL PRIMARY KEY,
    identifier      TEXT    NOT NULL,  -- urn:uuid, minted once
    current_release INTEGER NOT NULL,  -- what readers get
    last_release    INTEGER NOT NULL,  -- highest number ever given: none is given twice
    FOREIGN KEY (tag, current_release) REFERENCES releases (tag, number) DEFERRABLE INITIALLY DEFERRED
) STRICT;

CREATE TABLE releases (
    tag              TEXT    NOT NULL REFERENCES tags (tag) DEFERRABLE INITIALLY DEFERRED,
    number           INTEGER NOT NULL,
    release_sha256   BLOB    NOT NULL,  -- download.digest of the manifest
    manifest_sha256  BLOB    NOT NULL,  -- of the manifest's bytes as served
    manifest_bytes   INTEGER NOT NULL,
    pieces_sha256    BLOB    NOT NULL,  -- of the release piece index's bytes
    pieces_bytes     INTEGER NOT NULL,
    modified         TEXT    NOT NULL,  -- RFC 3339 UTC
    previous_number  INTEGER,
    previous_sha256  BLOB,              -- release digest of the release before
    summary          TEXT    NOT NULL,  -- JSON, what the catalogue shows
    PRIMARY KEY (tag, number)
) STRICT;

CREATE TABLE blobs (
    sha256       BLOB    NOT NULL PRIMARY KEY,
    size_bytes   INTEGER NOT NULL,
    crc32        INTEGER NOT NULL,
    store_key    TEXT    NOT NULL,  -- relative to the configured prefix
    piece_count  INTEGER NOT NULL
) STRICT;

CREATE TABLE release_assets (
    tag         TEXT    NOT NULL,
    number      INTEGER NOT NULL,
    position    INTEGER NOT NULL,  -- in manifest order, from 0
    path        TEXT    NOT NULL,
    file_name   TEXT    NOT NULL,  -- last segment of the blob's address in this release
    media_type  TEXT    NOT NULL,
    sha256      BLOB    NOT NULL REFERENCES blobs (sha256),
    PRIMARY KEY (tag, number, position),
    FOREIGN KEY (tag, number) REFERENCES releases (tag, number)
) STRICT;

CREATE UNIQUE INDEX release_assets_by_path ON release_assets (tag, number, path);
CREATE INDEX release_assets_by_blob ON release_assets (sha256);

-- The names under which a blob is served, each with the media type of its first release: an address says the same for ever.
CREATE TABLE blob_names (
    sha256      BLOB  NOT NULL REFERENCES blobs (sha256),
    file_name   TEXT NOT NULL,
    media_type  TEXT  NOT NULL,
    PRIMARY KEY (sha256, file_name)
) STRICT;

CREATE TABLE items (
    tag         TEXT NOT NULL REFERENCES tags (tag),
    identifier  TEXT NOT NULL,  -- urn:uuid of a lesson or episode, minted once
    path        TEXT NOT NULL,  -- where it was last
    sha256      BLOB NOT NULL,  -- what it was last: a renamed file is found by it
    PRIMARY KEY (tag, identifier)
) STRICT;

CREATE UNIQUE INDEX items_by_path ON items (tag, path);

CREATE TABLE outbox (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    kind     TEXT    NOT NULL,  -- release_published
    tag      TEXT    NOT NULL,
    number   INTEGER NOT NULL,
    created  TEXT    NOT NULL,  -- RFC 3339 UTC
    done     TEXT               -- RFC 3339 UTC, NULL until done
) STRICT;

CREATE INDEX outbox_waiting ON outbox (id) WHERE done IS NULL;
