-- The chunk index of a release, for its Metalink. Releases made before this have none, and never get one: what their address
-- answered stays as it was.

ALTER TABLE releases ADD COLUMN chunks_sha256 BYTEA;  -- of the chunk index's bytes
