-- The statements of S3, in the subset that SQLite and PostgreSQL share (see marinelayer.statements).
-- Keys are bytes; ranges of keys are half open: from :first to below :end.

-- name: bucket_named
SELECT b.*, a.switches AS account_block FROM buckets b
LEFT JOIN account_public_access_blocks a ON a.account = b.account
WHERE b.name = :name

-- name: account_block
SELECT switches FROM account_public_access_blocks WHERE account = :account

-- name: next_bucket_id
INSERT INTO s3_counters (name, value) VALUES ('bucket', 1)
ON CONFLICT (name) DO UPDATE SET value = s3_counters.value + 1
RETURNING value

-- name: insert_bucket
INSERT INTO buckets (
    bucket_id, name, account, region, created, owner, acl, ownership,
    block_public_acls, ignore_public_acls, block_public_policy, restrict_public_buckets
) VALUES (
    :bucket_id, :name, :account, :region, :created, :owner, :acl, :ownership,
    :block_public_acls, :ignore_public_acls, :block_public_policy, :restrict_public_buckets
)

-- name: delete_bucket
DELETE FROM buckets WHERE bucket_id = :bucket_id

-- name: any_version
SELECT 1 AS one FROM versions WHERE bucket_id = :bucket_id LIMIT 1

-- name: buckets_of_account
SELECT name, region, created FROM buckets
WHERE account = :account AND name >= :prefix AND name > :after AND name < :end AND (:any_region = 1 OR region = :region)
ORDER BY name LIMIT :limit

-- name: set_bucket_acl
UPDATE buckets SET acl = :acl WHERE bucket_id = :bucket_id

-- name: set_bucket_policy
UPDATE buckets SET policy = :policy, policy_principals = :principals, policy_revision = policy_revision + 1
WHERE bucket_id = :bucket_id

-- name: set_versioning
UPDATE buckets SET versioning = :versioning WHERE bucket_id = :bucket_id

-- name: set_ownership
UPDATE buckets SET ownership = :ownership WHERE bucket_id = :bucket_id

-- name: set_public_access_block
UPDATE buckets SET
    block_public_acls = :block_public_acls, ignore_public_acls = :ignore_public_acls,
    block_public_policy = :block_public_policy, restrict_public_buckets = :restrict_public_buckets
WHERE bucket_id = :bucket_id

-- name: newest_with_blob
SELECT v.*, b.place, b.size AS blob_size, b.wrapped_key, i.bytes FROM versions v
LEFT JOIN blobs b ON b.blob_id = v.blob_id
LEFT JOIN inline_bytes i ON i.blob_id = v.blob_id
WHERE v.bucket_id = :bucket_id AND v.key = :key ORDER BY v.seq DESC LIMIT 1

-- name: newest_version
SELECT * FROM versions WHERE bucket_id = :bucket_id AND key = :key ORDER BY seq DESC LIMIT 1

-- name: null_version
SELECT * FROM versions WHERE bucket_id = :bucket_id AND key = :key AND is_null = 1

-- name: version_by_id
SELECT * FROM versions WHERE bucket_id = :bucket_id AND key = :key AND version_id = :version_id AND is_null = 0

-- name: versions_from
SELECT key, seq, version_id, is_marker, size, etag, modified, owner, storage_class, checksum_algorithm, checksum_type,
    restoring, restored_until
FROM versions
WHERE bucket_id = :bucket_id AND key >= :first AND key < :end AND (key > :first OR seq < :below)
ORDER BY key, seq DESC LIMIT :limit

-- name: insert_version
INSERT INTO versions (
    bucket_id, key, seq, version_id, is_null, is_marker, blob_id, size, etag, modified, owner, acl,
    content_type, headers, metadata, storage_class, checksum_algorithm, checksum_type, checksum,
    tags, encryption, retention_mode, retain_until, legal_hold, replication
) VALUES (
    :bucket_id, :key, :seq, :version_id, :is_null, 0, :blob_id, :size, :etag, :modified, :owner, :acl,
    :content_type, :headers, :metadata, :storage_class, :checksum_algorithm, :checksum_type, :checksum,
    :tags, :encryption, :retention_mode, :retain_until, :legal_hold, :replication
)

-- name: insert_marker
INSERT INTO versions (
    bucket_id, key, seq, version_id, is_null, is_marker, size, etag, modified, owner, content_type, storage_class
) VALUES (
    :bucket_id, :key, :seq, :version_id, :is_null, 1, 0, '', :modified, :owner, '', 'STANDARD'
)

-- name: delete_version
DELETE FROM versions WHERE bucket_id = :bucket_id AND key = :key AND seq = :seq

-- name: set_version_acl
UPDATE versions SET acl = :acl WHERE bucket_id = :bucket_id AND key = :key AND seq = :seq

-- name: put_object
INSERT INTO objects (
    bucket_id, key, seq, size, etag, modified, owner, storage_class, checksum_algorithm, checksum_type
) VALUES (
    :bucket_id, :key, :seq, :size, :etag, :modified, :owner, :storage_class, :checksum_algorithm, :checksum_type
)
ON CONFLICT (bucket_id, key) DO UPDATE SET
    seq = excluded.seq, size = excluded.size, etag = excluded.etag, modified = excluded.modified,
    owner = excluded.owner, storage_class = excluded.storage_class,
    checksum_algorithm = excluded.checksum_algorithm, checksum_type = excluded.checksum_type

-- name: delete_object
DELETE FROM objects WHERE bucket_id = :bucket_id AND key = :key

-- name: objects_from
SELECT key, size, etag, modified, owner, storage_class, checksum_algorithm, checksum_type FROM objects
WHERE bucket_id = :bucket_id AND key >= :first AND key < :end
ORDER BY key LIMIT :limit

-- name: insert_blob
INSERT INTO blobs (blob_id, place, size, refs, crc64nvme, wrapped_key)
VALUES (:blob_id, :place, :size, 1, :crc64nvme, :wrapped_key)

-- name: insert_inline_bytes
INSERT INTO inline_bytes (blob_id, bytes) VALUES (:blob_id, :bytes)

-- name: inline_bytes
SELECT bytes FROM inline_bytes WHERE blob_id = :blob_id

-- name: delete_inline_bytes
DELETE FROM inline_bytes WHERE blob_id = :blob_id

-- name: blob
SELECT b.place, b.size AS blob_size, b.wrapped_key, i.bytes
FROM blobs b LEFT JOIN inline_bytes i ON i.blob_id = b.blob_id
WHERE b.blob_id = :blob_id

-- name: any_blob
SELECT 1 AS one FROM blobs WHERE blob_id = :blob_id

-- name: add_reference
UPDATE blobs SET refs = refs + 1 WHERE blob_id = :blob_id

-- name: drop_reference
UPDATE blobs SET refs = refs - 1 WHERE blob_id = :blob_id RETURNING refs, place

-- name: delete_blob
DELETE FROM blobs WHERE blob_id = :blob_id

-- name: insert_upload
INSERT INTO uploads (
    bucket_id, key, upload_id, initiated, initiator, initiator_name, owner, acl,
    content_type, headers, metadata, storage_class, checksum_algorithm, checksum_type,
    tags, encryption, retention_mode, retain_until, legal_hold, replaces
) VALUES (
    :bucket_id, :key, :upload_id, :initiated, :initiator, :initiator_name, :owner, :acl,
    :content_type, :headers, :metadata, :storage_class, :checksum_algorithm, :checksum_type,
    :tags, :encryption, :retention_mode, :retain_until, :legal_hold, :replaces
)

-- name: upload
SELECT * FROM uploads WHERE bucket_id = :bucket_id AND key = :key AND upload_id = :upload_id

-- name: delete_upload
DELETE FROM uploads WHERE bucket_id = :bucket_id AND key = :key AND upload_id = :upload_id

-- name: upload_of_another_key
SELECT 1 AS found FROM uploads WHERE bucket_id = :bucket_id AND upload_id = :upload_id AND key <> :key LIMIT 1

-- name: uploads_of_bucket
SELECT key, upload_id FROM uploads WHERE bucket_id = :bucket_id ORDER BY key, upload_id LIMIT :limit

-- name: uploads_from
SELECT key, upload_id, initiated, initiator, initiator_name, owner, storage_class, checksum_algorithm, checksum_type
FROM uploads
WHERE bucket_id = :bucket_id AND key >= :first AND key < :end AND (key > :first OR upload_id > :after_id)
ORDER BY key, upload_id LIMIT :limit

-- name: insert_piece
INSERT INTO parts (
    upload_id, n, piece, blob_id, first_byte, size, part_size, md5, modified, crc64nvme, checksum
) VALUES (
    :upload_id, :n, :piece, :blob_id, :first_byte, :size, :part_size, :md5, :modified, :crc64nvme, :checksum
)

-- name: pieces_of_part
SELECT piece, blob_id FROM parts WHERE upload_id = :upload_id AND n = :n ORDER BY piece

-- name: delete_part
DELETE FROM parts WHERE upload_id = :upload_id AND n = :n

-- name: delete_piece
DELETE FROM parts WHERE upload_id = :upload_id AND n = :n AND piece = :piece

-- name: pieces
SELECT n, piece, blob_id FROM parts WHERE upload_id = :upload_id ORDER BY n, piece LIMIT :limit

-- name: parts_after
SELECT n, part_size, md5, modified, crc64nvme, checksum FROM parts
WHERE upload_id = :upload_id AND n > :after AND piece = 0
ORDER BY n LIMIT :limit

-- name: layout
SELECT p.n, p.blob_id, p.first_byte, p.size, p.part_size, b.place, b.size AS blob_size, b.wrapped_key
FROM parts p JOIN blobs b ON b.blob_id = p.blob_id
WHERE p.upload_id = :upload_id
ORDER BY p.n, p.piece
