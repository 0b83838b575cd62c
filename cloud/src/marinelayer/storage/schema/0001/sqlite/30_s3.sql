-- S3. Keys are bytes of UTF-8, so that the order of an index is the order of a listing.

-- Numbers that are handed out once: 'bucket'.
CREATE TABLE s3_counters (
    name  TEXT    PRIMARY KEY,
    value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- bucket_id is never used again. owner: the canonical id of the account. acl: JSON {"owner", "grants"}.
-- ownership and the four switches: NULL where none are configured.
-- policy_principals: JSON, principal ARN -> the unique id that it had when the policy was set.
-- versioning: NULL (never enabled), 'Enabled', 'Suspended'.
CREATE TABLE buckets (
    bucket_id               INTEGER NOT NULL PRIMARY KEY,
    name                    TEXT    NOT NULL UNIQUE,
    account                 TEXT    NOT NULL,
    region                  TEXT    NOT NULL,
    created                 INTEGER NOT NULL,
    owner                   TEXT    NOT NULL,
    acl                     TEXT    NOT NULL,
    ownership               TEXT,
    block_public_acls       INTEGER,
    ignore_public_acls      INTEGER,
    block_public_policy     INTEGER,
    restrict_public_buckets INTEGER,
    policy                  TEXT,
    policy_principals       TEXT,
    policy_revision         INTEGER NOT NULL DEFAULT 0,
    versioning              TEXT
) STRICT;

CREATE INDEX buckets_by_account ON buckets (account, name);

-- The current version of each key, with what LIST shows. A key whose newest version is a delete marker has no row.
CREATE TABLE objects (
    bucket_id          INTEGER NOT NULL,
    key                BLOB    NOT NULL,
    seq                INTEGER NOT NULL,
    size               INTEGER NOT NULL,
    etag               TEXT    NOT NULL,
    modified           INTEGER NOT NULL,
    owner              TEXT    NOT NULL,
    storage_class      TEXT    NOT NULL,
    checksum_algorithm TEXT,
    checksum_type      TEXT,
    PRIMARY KEY (bucket_id, key)
) STRICT, WITHOUT ROWID;

-- Every version of every key, the newest first. An object of an unversioned bucket is the null version.
-- acl: JSON, NULL for one that grants its owner everything and others nothing. headers, metadata: JSON or NULL.
-- checksum: as it stands in the header (a composite one ends in -N).
CREATE TABLE versions (
    bucket_id          INTEGER NOT NULL,
    key                BLOB    NOT NULL,
    seq                INTEGER NOT NULL,
    version_id         TEXT    NOT NULL,
    is_null            INTEGER NOT NULL,
    is_marker          INTEGER NOT NULL,
    blob_id            TEXT,
    size               INTEGER NOT NULL,
    etag               TEXT    NOT NULL,
    modified           INTEGER NOT NULL,
    owner              TEXT    NOT NULL,
    acl                TEXT,
    content_type       TEXT    NOT NULL,
    headers            TEXT,
    metadata           TEXT,
    storage_class      TEXT    NOT NULL,
    checksum_algorithm TEXT,
    checksum_type      TEXT,
    checksum           TEXT,
    PRIMARY KEY (bucket_id, key, seq DESC)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX versions_by_id ON versions (bucket_id, key, version_id) WHERE is_null = 0;

-- Immutable bytes. refs: how many versions and parts name them. place: 'inline' (inline_bytes), 'file' (the blob store),
-- 'parts' (the concatenation of the rows of parts whose upload_id is this blob_id).
-- crc64nvme: 8 bytes, of the stored bytes. wrapped_key: the key that they are encrypted with, where they are.
CREATE TABLE blobs (
    blob_id     TEXT    PRIMARY KEY,
    place       TEXT    NOT NULL,
    size        INTEGER NOT NULL,
    refs        INTEGER NOT NULL,
    crc64nvme   BLOB,
    wrapped_key BLOB
) STRICT, WITHOUT ROWID;

CREATE TABLE inline_bytes (
    blob_id TEXT PRIMARY KEY,
    bytes   BLOB NOT NULL
) STRICT;

-- Multipart uploads that are neither completed nor aborted. upload_id begins with its time, so that it sorts by it.
CREATE TABLE uploads (
    bucket_id          INTEGER NOT NULL,
    key                BLOB    NOT NULL,
    upload_id          TEXT    NOT NULL,
    initiated          INTEGER NOT NULL,
    initiator          TEXT    NOT NULL,
    initiator_name     TEXT    NOT NULL,
    owner              TEXT    NOT NULL,
    acl                TEXT,
    content_type       TEXT    NOT NULL,
    headers            TEXT,
    metadata           TEXT,
    storage_class      TEXT    NOT NULL,
    checksum_algorithm TEXT,
    checksum_type      TEXT,
    PRIMARY KEY (bucket_id, key, upload_id)
) STRICT, WITHOUT ROWID;

-- The parts of an upload, and of the blob that it became. A copied part may have several pieces, each a range of a blob
-- in 'inline' or 'file'; what describes the whole part stands in every piece.
CREATE TABLE parts (
    upload_id  TEXT    NOT NULL,
    n          INTEGER NOT NULL,
    piece      INTEGER NOT NULL,
    blob_id    TEXT    NOT NULL,
    first_byte INTEGER NOT NULL,
    size       INTEGER NOT NULL,
    part_size  INTEGER NOT NULL,
    md5        BLOB    NOT NULL,
    modified   INTEGER NOT NULL,
    crc64nvme  BLOB    NOT NULL,
    checksum   BLOB,
    PRIMARY KEY (upload_id, n, piece)
) STRICT, WITHOUT ROWID;
