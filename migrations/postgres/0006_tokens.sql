-- Tokens of the administration API, and tags that were taken back. Same tables as sqlite/0006.

CREATE TABLE tokens (
    number         BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,  -- the order in which they were made
    id             TEXT COLLATE "C" NOT NULL UNIQUE,                 -- the public part
    secret_sha256  BYTEA  NOT NULL,                                  -- of the secret part, which is kept nowhere
    name           TEXT   NOT NULL,                                  -- what its owner calls it
    scopes         TEXT   NOT NULL,                                  -- separated by spaces
    created        TEXT   NOT NULL,                                  -- RFC 3339 UTC, as all below
    expires        TEXT,                                             -- NULL: never
    revoked        TEXT,                                             -- NULL: not revoked
    last_used      TEXT                                              -- to the minute; NULL: never
);

-- Since when a tag is not offered any more; NULL while it is. Its releases stay, and the next one offers it again.
ALTER TABLE tags ADD COLUMN unpublished TEXT;
