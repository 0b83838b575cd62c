-- The locks of versions of objects.

-- name: set_version_retention
UPDATE versions SET retention_mode = :mode, retain_until = :until
WHERE bucket_id = :bucket_id AND key = :key AND seq = :seq

-- name: set_version_hold
UPDATE versions SET legal_hold = :hold WHERE bucket_id = :bucket_id AND key = :key AND seq = :seq
