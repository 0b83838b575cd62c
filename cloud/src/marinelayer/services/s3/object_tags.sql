-- The tags of versions of objects.

-- name: set_version_tags
UPDATE versions SET tags = :tags WHERE bucket_id = :bucket_id AND key = :key AND seq = :seq
