-- The local key ring. alias: 'alias/...', NULL for none; 'alias/aws/s3' is AWS's own key for S3. A key is its name: what it
-- wraps with is derived from the master key.
CREATE TABLE kms_keys (
    account TEXT COLLATE "C" NOT NULL,
    region  TEXT COLLATE "C" NOT NULL,
    key_id  TEXT COLLATE "C" NOT NULL,
    alias   TEXT COLLATE "C",
    created BIGINT NOT NULL,
    PRIMARY KEY (account, region, key_id)
);

CREATE UNIQUE INDEX kms_aliases ON kms_keys (account, region, alias);
