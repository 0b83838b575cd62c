-- S3: versions with all that S3 says of them, and what buckets are configured with.

-- A bucket's configuration documents, JSON: of a kind ('cors', 'lifecycle', ...) one, with id '', or one for each id.
CREATE TABLE bucket_configurations (
    bucket_id BIGINT NOT NULL,
    kind      TEXT COLLATE "C"    NOT NULL,
    id        TEXT COLLATE "C"    NOT NULL,
    document  TEXT COLLATE "C"    NOT NULL,
    changed   BIGINT NOT NULL,
    PRIMARY KEY (bucket_id, kind, id)
);

-- configured: the kinds that the bucket has documents of, sorted, parted by blanks: a request pays for none that is not there.
ALTER TABLE buckets ADD COLUMN configured TEXT COLLATE "C" NOT NULL DEFAULT '';

-- tags: JSON [[key, value], ...]. encryption: JSON, how the bytes are encrypted; NULL where they are not.
-- retention_mode: 'GOVERNANCE', 'COMPLIANCE'; retain_until, restored_until: microseconds; legal_hold: 0, 1.
-- replication: 'PENDING', 'COMPLETED', 'FAILED', 'REPLICA'.
ALTER TABLE versions ADD COLUMN tags TEXT COLLATE "C";
ALTER TABLE versions ADD COLUMN encryption TEXT COLLATE "C";
ALTER TABLE versions ADD COLUMN retention_mode TEXT COLLATE "C";
ALTER TABLE versions ADD COLUMN retain_until BIGINT;
ALTER TABLE versions ADD COLUMN legal_hold BIGINT;
ALTER TABLE versions ADD COLUMN restored_until BIGINT;
ALTER TABLE versions ADD COLUMN replication TEXT COLLATE "C";

CREATE UNIQUE INDEX versions_null ON versions (bucket_id, key) WHERE is_null = 1;

ALTER TABLE uploads ADD COLUMN tags TEXT COLLATE "C";
ALTER TABLE uploads ADD COLUMN encryption TEXT COLLATE "C";
ALTER TABLE uploads ADD COLUMN retention_mode TEXT COLLATE "C";
ALTER TABLE uploads ADD COLUMN retain_until BIGINT;
ALTER TABLE uploads ADD COLUMN legal_hold BIGINT;
