-- Keeping house: jobs, who relies on what, what is being removed, what is damaged, and what a tag may keep. Same tables as
-- postgres/0008. Times (…_ms) are milliseconds since 1970 by the clock of the database, so that replicas need not agree on theirs.

CREATE TABLE jobs (
    id           TEXT    NOT NULL PRIMARY KEY,
    kind         TEXT    NOT NULL,  -- gc, scrub
    state        TEXT    NOT NULL,  -- running, done, failed, interrupted
    parameters   TEXT    NOT NULL,  -- JSON
    started_ms   INTEGER NOT NULL,
    seen_ms      INTEGER NOT NULL,  -- the runner's last sign of life
    finished_ms  INTEGER,
    progress     TEXT    NOT NULL,  -- JSON
    report       TEXT,              -- JSON
    error        TEXT
) STRICT;

-- One runner at a time, whatever the replica.
CREATE UNIQUE INDEX jobs_running ON jobs (kind) WHERE state = 'running';
CREATE INDEX jobs_by_start ON jobs (started_ms, id);

-- Who relies on objects that no release names yet: a publish in progress.
CREATE TABLE claimants (
    id       TEXT    NOT NULL PRIMARY KEY,
    purpose  TEXT    NOT NULL,
    seen_ms  INTEGER NOT NULL  -- its last sign of life
) STRICT;

CREATE TABLE claims (
    subject   TEXT NOT NULL,  -- sha256:… or tag:…
    claimant  TEXT NOT NULL REFERENCES claimants (id) ON DELETE CASCADE,
    PRIMARY KEY (subject, claimant)
) STRICT;

CREATE INDEX claims_by_claimant ON claims (claimant);

-- Objects whose removal is decided and not yet finished: nobody may rely on them.
CREATE TABLE condemned (
    store_key  TEXT NOT NULL PRIMARY KEY,
    subject    TEXT NOT NULL,
    remover    TEXT NOT NULL  -- the job or claimant that removes it
) STRICT;

CREATE INDEX condemned_by_subject ON condemned (subject);

-- Claiming and condemning take turns: both write this row first.
CREATE TABLE claim_turns (
    id    INTEGER NOT NULL PRIMARY KEY,
    turn  INTEGER NOT NULL
) STRICT;

INSERT INTO claim_turns (id, turn) VALUES (1, 0);

-- Whose piece index a document is, so that its coded forms are known to be in use.
CREATE TABLE piece_indexes (
    index_sha256  BLOB NOT NULL PRIMARY KEY,
    sha256        BLOB NOT NULL  -- of the blob
) STRICT;

CREATE INDEX piece_indexes_by_blob ON piece_indexes (sha256);

-- Objects that a scrub found damaged or missing; the next publish that has the bytes writes them again.
CREATE TABLE damage (
    store_key  TEXT    NOT NULL PRIMARY KEY,
    subject    TEXT    NOT NULL,
    reason     TEXT    NOT NULL,
    found_ms   INTEGER NOT NULL
) STRICT;

CREATE INDEX damage_by_subject ON damage (subject);

-- What one tag may keep, where that is not what the configuration says. NULL: as configured.
CREATE TABLE tag_limits (
    tag            TEXT    NOT NULL PRIMARY KEY,
    keep_releases  INTEGER,
    keep_days      INTEGER,
    quota_bytes    INTEGER
) STRICT;

ALTER TABLE releases ADD COLUMN retired_ms INTEGER;  -- its addresses answer 410 since then
ALTER TABLE releases ADD COLUMN swept_ms INTEGER;    -- what only it needed may be gone since then
ALTER TABLE blobs ADD COLUMN removed_ms INTEGER;     -- no release needed it any more; its bytes are gone since then
ALTER TABLE adopted_objects ADD COLUMN sha256 BLOB;  -- of its bytes; NULL: read before this column was there, and read again

CREATE INDEX adopted_objects_by_digest ON adopted_objects (sha256);
CREATE INDEX releases_by_manifest_digest ON releases (manifest_sha256);
CREATE INDEX releases_by_pieces_digest ON releases (pieces_sha256);
CREATE INDEX releases_retired ON releases (retired_ms) WHERE retired_ms IS NOT NULL AND swept_ms IS NULL;
