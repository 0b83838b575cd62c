-- Inventory: the configuration that a report is written by, and the walk through a bucket's objects or versions.

-- name: inventory
SELECT c.document, c.changed, b.name FROM bucket_configurations c JOIN buckets b ON b.bucket_id = c.bucket_id
WHERE c.bucket_id = :bucket_id AND c.kind = 'inventory' AND c.id = :id

-- name: current_from
SELECT v.key, v.seq, v.version_id, v.is_null, v.is_marker, v.size, v.etag, v.modified, v.owner, v.storage_class,
    v.checksum_algorithm, v.acl, v.tags, v.encryption, v.retention_mode, v.retain_until, v.legal_hold, v.replication
FROM objects o JOIN versions v ON v.bucket_id = o.bucket_id AND v.key = o.key AND v.seq = o.seq
WHERE o.bucket_id = :bucket_id AND o.key >= :first AND o.key < :end AND (o.key > :first OR o.seq < :below)
ORDER BY o.key LIMIT :limit

-- name: versions_from
SELECT key, seq, version_id, is_null, is_marker, size, etag, modified, owner, storage_class, checksum_algorithm, acl,
    tags, encryption, retention_mode, retain_until, legal_hold, replication
FROM versions
WHERE bucket_id = :bucket_id AND key >= :first AND key < :end AND (key > :first OR seq < :below)
ORDER BY key, seq DESC LIMIT :limit
