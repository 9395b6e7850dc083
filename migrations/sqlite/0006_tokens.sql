-- Tokens of the administration API, and tags that were taken back. Same tables as postgres/0006.

CREATE TABLE tokens (
    number         INTEGER PRIMARY KEY AUTOINCREMENT,  -- the order in which they were made
    id             TEXT    NOT NULL UNIQUE,            -- the public part
    secret_sha256  BLOB    NOT NULL,                   -- of the secret part, which is kept nowhere
    name           TEXT    NOT NULL,                   -- what its owner calls it
    scopes         TEXT    NOT NULL,                   -- separated by spaces
    created        TEXT    NOT NULL,                   -- RFC 3339 UTC, as all below
    expires        TEXT,                               -- NULL: never
    revoked        TEXT,                               -- NULL: not revoked
    last_used      TEXT                                -- to the minute; NULL: never
) STRICT;

-- Since when a tag is not offered any more; NULL while it is. Its releases stay, and the next one offers it again.
ALTER TABLE tags ADD COLUMN unpublished TEXT;
