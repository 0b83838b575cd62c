-- The local key ring: KMS keys by account and region.

-- name: key
SELECT * FROM kms_keys WHERE account = :account AND region = :region AND key_id = :key_id

-- name: key_by_alias
SELECT * FROM kms_keys WHERE account = :account AND region = :region AND alias = :alias

-- name: insert_key
INSERT INTO kms_keys (account, region, key_id, alias, created) VALUES (:account, :region, :key_id, :alias, :created)
ON CONFLICT DO NOTHING

-- name: keys
SELECT * FROM kms_keys ORDER BY account, region, key_id

-- name: forget_keys
DELETE FROM kms_keys WHERE account = :account
