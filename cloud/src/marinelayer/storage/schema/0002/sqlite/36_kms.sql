-- The local key ring. alias: 'alias/...', NULL for none; 'alias/aws/s3' is AWS's own key for S3. A key is its name: what it
-- wraps with is derived from the master key.
CREATE TABLE kms_keys (
    account TEXT    NOT NULL,
    region  TEXT    NOT NULL,
    key_id  TEXT    NOT NULL,
    alias   TEXT,
    created INTEGER NOT NULL,
    PRIMARY KEY (account, region, key_id)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX kms_aliases ON kms_keys (account, region, alias);
