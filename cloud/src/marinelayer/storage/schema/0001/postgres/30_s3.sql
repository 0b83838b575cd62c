-- S3. Keys are bytes of UTF-8, so that the order of an index is the order of a listing.

-- Numbers that are handed out once: 'bucket'.
CREATE TABLE s3_counters (
    name  TEXT COLLATE "C" PRIMARY KEY,
    value BIGINT NOT NULL
);

-- bucket_id is never used again. owner: the canonical id of the account. acl: JSON {"owner", "grants"}.
-- ownership and the four switches: NULL where none are configured.
-- policy_principals: JSON, principal ARN -> the unique id that it had when the policy was set.
-- versioning: NULL (never enabled), 'Enabled', 'Suspended'.
CREATE TABLE buckets (
    bucket_id               BIGINT NOT NULL PRIMARY KEY,
    name                    TEXT COLLATE "C" NOT NULL UNIQUE,
    account                 TEXT COLLATE "C" NOT NULL,
    region                  TEXT COLLATE "C" NOT NULL,
    created                 BIGINT NOT NULL,
    owner                   TEXT COLLATE "C" NOT NULL,
    acl                     TEXT COLLATE "C" NOT NULL,
    ownership               TEXT COLLATE "C",
    block_public_acls       BIGINT,
    ignore_public_acls      BIGINT,
    block_public_policy     BIGINT,
    restrict_public_buckets BIGINT,
    policy                  TEXT COLLATE "C",
    policy_principals       TEXT COLLATE "C",
    policy_revision         BIGINT NOT NULL DEFAULT 0,
    versioning              TEXT COLLATE "C"
);

CREATE INDEX buckets_by_account ON buckets (account, name);

-- The current version of each key, with what LIST shows. A key whose newest version is a delete marker has no row.
CREATE TABLE objects (
    bucket_id          BIGINT NOT NULL,
    key                BYTEA NOT NULL,
    seq                BIGINT NOT NULL,
    size               BIGINT NOT NULL,
    etag               TEXT COLLATE "C" NOT NULL,
    modified           BIGINT NOT NULL,
    owner              TEXT COLLATE "C" NOT NULL,
    storage_class      TEXT COLLATE "C" NOT NULL,
    checksum_algorithm TEXT COLLATE "C",
    checksum_type      TEXT COLLATE "C",
    PRIMARY KEY (bucket_id, key)
);

-- Every version of every key, the newest first. An object of an unversioned bucket is the null version.
-- acl: JSON, NULL for one that grants its owner everything and others nothing. headers, metadata: JSON or NULL.
-- checksum: as it stands in the header (a composite one ends in -N).
CREATE TABLE versions (
    bucket_id          BIGINT NOT NULL,
    key                BYTEA NOT NULL,
    seq                BIGINT NOT NULL,
    version_id         TEXT COLLATE "C" NOT NULL,
    is_null            BIGINT NOT NULL,
    is_marker          BIGINT NOT NULL,
    blob_id            TEXT COLLATE "C",
    size               BIGINT NOT NULL,
    etag               TEXT COLLATE "C" NOT NULL,
    modified           BIGINT NOT NULL,
    owner              TEXT COLLATE "C" NOT NULL,
    acl                TEXT COLLATE "C",
    content_type       TEXT COLLATE "C" NOT NULL,
    headers            TEXT COLLATE "C",
    metadata           TEXT COLLATE "C",
    storage_class      TEXT COLLATE "C" NOT NULL,
    checksum_algorithm TEXT COLLATE "C",
    checksum_type      TEXT COLLATE "C",
    checksum           TEXT COLLATE "C",
    PRIMARY KEY (bucket_id, key, seq)
);

CREATE UNIQUE INDEX versions_by_id ON versions (bucket_id, key, version_id) WHERE is_null = 0;

-- Immutable bytes. refs: how many versions and parts name them. place: 'inline' (inline_bytes), 'file' (the blob store),
-- 'parts' (the concatenation of the rows of parts whose upload_id is this blob_id).
-- crc64nvme: 8 bytes, of the stored bytes. wrapped_key: the key that they are encrypted with, where they are.
CREATE TABLE blobs (
    blob_id     TEXT COLLATE "C" PRIMARY KEY,
    place       TEXT COLLATE "C" NOT NULL,
    size        BIGINT NOT NULL,
    refs        BIGINT NOT NULL,
    crc64nvme   BYTEA,
    wrapped_key BYTEA
);

CREATE TABLE inline_bytes (
    blob_id TEXT COLLATE "C" PRIMARY KEY,
    bytes   BYTEA NOT NULL
);

-- Multipart uploads that are neither completed nor aborted. upload_id begins with its time, so that it sorts by it.
CREATE TABLE uploads (
    bucket_id          BIGINT NOT NULL,
    key                BYTEA NOT NULL,
    upload_id          TEXT COLLATE "C" NOT NULL,
    initiated          BIGINT NOT NULL,
    initiator          TEXT COLLATE "C" NOT NULL,
    initiator_name     TEXT COLLATE "C" NOT NULL,
    owner              TEXT COLLATE "C" NOT NULL,
    acl                TEXT COLLATE "C",
    content_type       TEXT COLLATE "C" NOT NULL,
    headers            TEXT COLLATE "C",
    metadata           TEXT COLLATE "C",
    storage_class      TEXT COLLATE "C" NOT NULL,
    checksum_algorithm TEXT COLLATE "C",
    checksum_type      TEXT COLLATE "C",
    PRIMARY KEY (bucket_id, key, upload_id)
);

-- The parts of an upload, and of the blob that it became. A copied part may have several pieces, each a range of a blob
-- in 'inline' or 'file'; what describes the whole part stands in every piece.
CREATE TABLE parts (
    upload_id  TEXT COLLATE "C" NOT NULL,
    n          BIGINT NOT NULL,
    piece      BIGINT NOT NULL,
    blob_id    TEXT COLLATE "C" NOT NULL,
    first_byte BIGINT NOT NULL,
    size       BIGINT NOT NULL,
    part_size  BIGINT NOT NULL,
    md5        BYTEA NOT NULL,
    modified   BIGINT NOT NULL,
    crc64nvme  BYTEA NOT NULL,
    checksum   BYTEA,
    PRIMARY KEY (upload_id, n, piece)
);
