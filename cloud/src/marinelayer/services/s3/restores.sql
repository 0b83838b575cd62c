-- Restores of archived versions, and listings that tell of them.

-- name: bucket
SELECT b.*, a.switches AS account_block FROM buckets b
LEFT JOIN account_public_access_blocks a ON a.account = b.account
WHERE b.bucket_id = :bucket_id

-- name: set_restore
UPDATE versions SET restoring = :restoring, restored_until = :restored_until
WHERE bucket_id = :bucket_id AND key = :key AND seq = :seq

-- name: objects_with_restores_from
SELECT o.key, o.size, o.etag, o.modified, o.owner, o.storage_class, o.checksum_algorithm, o.checksum_type,
    v.restoring, v.restored_until
FROM objects o JOIN versions v ON v.bucket_id = o.bucket_id AND v.key = o.key AND v.seq = o.seq
WHERE o.bucket_id = :bucket_id AND o.key >= :first AND o.key < :end
ORDER BY o.key LIMIT :limit
