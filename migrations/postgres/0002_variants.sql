-- Coded forms (zstd, br, gzip) of documents and texts, made when these are published. Same tables as sqlite/0002.

CREATE TABLE variants (
    sha256          BYTEA  NOT NULL,  -- of the identity form: a text's blob, a manifest, a piece index
    coding          TEXT   NOT NULL,  -- as in Content-Encoding
    variant_sha256  BYTEA  NOT NULL,  -- of the coded bytes
    size_bytes      BIGINT NOT NULL,  -- of the coded bytes
    PRIMARY KEY (sha256, coding)
);

-- Which release a client's dictionary is the manifest of.
CREATE INDEX releases_by_manifest ON releases (tag, manifest_sha256);
