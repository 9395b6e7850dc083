-- Tags, their releases, the blobs these name, and what must happen after a release. Same tables as sqlite/0001.
-- Tags and paths compare by bytes (COLLATE "C"), so that both databases page in the same order.

CREATE TABLE tags (
    tag             TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    identifier      TEXT   NOT NULL,  -- urn:uuid, minted once
    current_release BIGINT NOT NULL,  -- what readers get
    last_release    BIGINT NOT NULL   -- highest number ever given: none is given twice
);

CREATE TABLE releases (
    tag              TEXT COLLATE "C" NOT NULL REFERENCES tags (tag) DEFERRABLE INITIALLY DEFERRED,
    number           BIGINT NOT NULL,
    release_sha256   BYTEA  NOT NULL,  -- download.digest of the manifest
    manifest_sha256  BYTEA  NOT NULL,  -- of the manifest's bytes as served
    manifest_bytes   BIGINT NOT NULL,
    pieces_sha256    BYTEA  NOT NULL,  -- of the release piece index's bytes
    pieces_bytes     BIGINT NOT NULL,
    modified         TEXT   NOT NULL,  -- RFC 3339 UTC
    previous_number  BIGINT,
    previous_sha256  BYTEA,            -- release digest of the release before
    summary          TEXT   NOT NULL,  -- JSON, what the catalogue shows
    PRIMARY KEY (tag, number)
);

ALTER TABLE tags ADD CONSTRAINT tags_current_release_fkey
    FOREIGN KEY (tag, current_release) REFERENCES releases (tag, number) DEFERRABLE INITIALLY DEFERRED;

CREATE TABLE blobs (
    sha256       BYTEA  NOT NULL PRIMARY KEY,
    size_bytes   BIGINT NOT NULL,
    crc32        BIGINT NOT NULL,
    store_key    TEXT   NOT NULL,  -- relative to the configured prefix
    piece_count  BIGINT NOT NULL
);

CREATE TABLE release_assets (
    tag         TEXT COLLATE "C" NOT NULL,
    number      BIGINT NOT NULL,
    position    BIGINT NOT NULL,  -- in manifest order, from 0
    path        TEXT COLLATE "C" NOT NULL,
    file_name   TEXT COLLATE "C" NOT NULL,  -- last segment of the blob's address in this release
    media_type  TEXT   NOT NULL,
    sha256      BYTEA  NOT NULL REFERENCES blobs (sha256),
    PRIMARY KEY (tag, number, position),
    FOREIGN KEY (tag, number) REFERENCES releases (tag, number)
);

CREATE UNIQUE INDEX release_assets_by_path ON release_assets (tag, number, path);
CREATE INDEX release_assets_by_blob ON release_assets (sha256);

-- The names under which a blob is served, each with the media type of its first release: an address says the same for ever.
CREATE TABLE blob_names (
    sha256      BYTEA NOT NULL REFERENCES blobs (sha256),
    file_name   TEXT COLLATE "C" NOT NULL,
    media_type  TEXT  NOT NULL,
    PRIMARY KEY (sha256, file_name)
);

CREATE TABLE items (
    tag         TEXT COLLATE "C" NOT NULL REFERENCES tags (tag),
    identifier  TEXT  NOT NULL,  -- urn:uuid of a lesson or episode, minted once
    path        TEXT COLLATE "C" NOT NULL,  -- where it was last
    sha256      BYTEA NOT NULL,  -- what it was last: a renamed file is found by it
    PRIMARY KEY (tag, identifier)
);

CREATE UNIQUE INDEX items_by_path ON items (tag, path);

CREATE TABLE outbox (
    id       BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind     TEXT   NOT NULL,  -- release_published
    tag      TEXT   NOT NULL,
    number   BIGINT NOT NULL,
    created  TEXT   NOT NULL,  -- RFC 3339 UTC
    done     TEXT              -- RFC 3339 UTC, NULL until done
);

CREATE INDEX outbox_waiting ON outbox (id) WHERE done IS NULL;
