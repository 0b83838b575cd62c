-- Buckets as websites.

-- name: any_object
SELECT 1 AS one FROM objects o JOIN buckets b ON b.bucket_id = o.bucket_id WHERE b.name = :name AND o.key = :key
