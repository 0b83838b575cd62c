-- Server access logs.

-- name: logged_buckets
SELECT b.name FROM bucket_configurations c JOIN buckets b ON b.bucket_id = c.bucket_id WHERE c.kind = 'logging'
