-- Blobs whose bytes lie in objects that were in the bucket before: registered, never written and never deleted by Stowaway. Same tables
-- as sqlite/0004.

ALTER TABLE blobs ADD COLUMN adopted_etag TEXT;  -- the store's validator of the object when it was read; NULL: we wrote it

-- What was found out about objects that were read, so that an adoption goes on where it was interrupted.
CREATE TABLE adopted_objects (
    store_key   TEXT    NOT NULL PRIMARY KEY,  -- relative to the configured prefix
    etag        TEXT    NOT NULL,
    size_bytes  BIGINT  NOT NULL,
    described   TEXT    NOT NULL   -- JSON: what it is, its digest, pieces and chunks
);
