-- Replication: a bucket's rules, and how far the copies of its versions are.

-- name: rules
SELECT document FROM bucket_configurations WHERE bucket_id = :bucket_id AND kind = 'replication' AND id = ''

-- name: bucket_by_id
SELECT name FROM buckets WHERE bucket_id = :bucket_id

-- name: version_at
SELECT version_id, is_null, is_marker, tags, encryption, storage_class, replication, replicas FROM versions
WHERE bucket_id = :bucket_id AND key = :key AND seq = :seq

-- name: set_replication
UPDATE versions SET replication = :replication, replicas = :replicas
WHERE bucket_id = :bucket_id AND key = :key AND seq = :seq

-- name: parts_of
SELECT n, part_size, md5, modified, crc64nvme, checksum FROM parts
WHERE upload_id = :upload_id AND piece = 0 ORDER BY n
