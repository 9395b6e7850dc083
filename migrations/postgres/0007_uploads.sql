-- Uploads over the network (tus): what is durable of each, so that any replica goes on where another one stopped. Same tables as
-- sqlite/0007.

CREATE TABLE uploads (
    id            TEXT   COLLATE "C" NOT NULL PRIMARY KEY,
    owner         TEXT   COLLATE "C" NOT NULL,  -- the token that may append, ask and remove
    sha256        BYTEA  NOT NULL,  -- of all bytes, as the client says
    size_bytes    BIGINT NOT NULL,  -- of all bytes, as the client says
    metadata      TEXT   NOT NULL,  -- Upload-Metadata as it came
    expires_ms    BIGINT NOT NULL,  -- milliseconds since 1970; later with every append
    offset_bytes  BIGINT NOT NULL,  -- bytes that are durable
    tail_bytes    BIGINT NOT NULL,  -- how many of these lie in the tail object
    part_bytes    BIGINT NOT NULL,  -- size of the parts in the store, all but the last
    multipart     TEXT   NOT NULL,  -- the store's name of the multipart upload, empty where there is none
    hash_state    BYTEA  NOT NULL,  -- of SHA-256 after offset_bytes
    finished      BIGINT NOT NULL,  -- 1 when the blob is stored
    holder        TEXT,             -- who appends now
    beat          BIGINT NOT NULL   -- counts while the holder lives
);

CREATE INDEX uploads_by_owner ON uploads (owner, sha256);
CREATE INDEX uploads_open ON uploads (owner) WHERE finished = 0;
CREATE INDEX uploads_by_expiry ON uploads (expires_ms);
-- Blobs that somebody uploaded and no release names yet.
CREATE INDEX uploads_by_blob ON uploads (sha256);

CREATE TABLE upload_parts (
    upload      TEXT   COLLATE "C" NOT NULL REFERENCES uploads (id) ON DELETE CASCADE,
    number      BIGINT NOT NULL,  -- from 0
    content_id  TEXT   NOT NULL,  -- the store's name of the part
    PRIMARY KEY (upload, number)
);
