-- S3: versions with all that S3 says of them, and what buckets are configured with.

-- A bucket's configuration documents, JSON: of a kind ('cors', 'lifecycle', ...) one, with id '', or one for each id.
CREATE TABLE bucket_configurations (
    bucket_id INTEGER NOT NULL,
    kind      TEXT    NOT NULL,
    id        TEXT    NOT NULL,
    document  TEXT    NOT NULL,
    changed   INTEGER NOT NULL,
    PRIMARY KEY (bucket_id, kind, id)
) STRICT, WITHOUT ROWID;

-- configured: the kinds that the bucket has documents of, sorted, parted by blanks: a request pays for none that is not there.
ALTER TABLE buckets ADD COLUMN configured TEXT NOT NULL DEFAULT '';

-- tags: JSON [[key, value], ...]. encryption: JSON, how the bytes are encrypted; NULL where they are not.
-- retention_mode: 'GOVERNANCE', 'COMPLIANCE'; retain_until, restored_until: microseconds; legal_hold: 0, 1.
-- replication: 'PENDING', 'COMPLETED', 'FAILED', 'REPLICA'.
ALTER TABLE versions ADD COLUMN tags TEXT;
ALTER TABLE versions ADD COLUMN encryption TEXT;
ALTER TABLE versions ADD COLUMN retention_mode TEXT;
ALTER TABLE versions ADD COLUMN retain_until INTEGER;
ALTER TABLE versions ADD COLUMN legal_hold INTEGER;
ALTER TABLE versions ADD COLUMN restored_until INTEGER;
ALTER TABLE versions ADD COLUMN replication TEXT;

CREATE UNIQUE INDEX versions_null ON versions (bucket_id, key) WHERE is_null = 1;

ALTER TABLE uploads ADD COLUMN tags TEXT;
ALTER TABLE uploads ADD COLUMN encryption TEXT;
ALTER TABLE uploads ADD COLUMN retention_mode TEXT;
ALTER TABLE uploads ADD COLUMN retain_until INTEGER;
ALTER TABLE uploads ADD COLUMN legal_hold INTEGER;
