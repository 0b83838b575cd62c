-- Lifecycle: a bucket's rules, and the walk by which a sweep puts them to its versions and uploads.

-- name: lifecycle
SELECT c.document, c.changed, b.name FROM bucket_configurations c JOIN buckets b ON b.bucket_id = c.bucket_id
WHERE c.bucket_id = :bucket_id AND c.kind = 'lifecycle' AND c.id = ''

-- name: versions_from
SELECT key, seq, is_marker, size, modified, storage_class, tags FROM versions
WHERE bucket_id = :bucket_id AND key >= :first AND key < :end AND (key > :first OR seq < :below)
ORDER BY key, seq DESC LIMIT :limit

-- name: older_version
SELECT 1 AS one FROM versions WHERE bucket_id = :bucket_id AND key = :key AND seq < :seq LIMIT 1

-- name: version_at
SELECT version_id, is_null FROM versions WHERE bucket_id = :bucket_id AND key = :key AND seq = :seq

-- name: set_class_of_version
UPDATE versions SET storage_class = :storage_class WHERE bucket_id = :bucket_id AND key = :key AND seq = :seq

-- name: set_class_of_object
UPDATE objects SET storage_class = :storage_class WHERE bucket_id = :bucket_id AND key = :key AND seq = :seq

-- name: uploads_from
SELECT key, upload_id, initiated FROM uploads
WHERE bucket_id = :bucket_id AND key >= :first AND key < :end AND (key > :first OR upload_id > :after_id)
ORDER BY key, upload_id LIMIT :limit
