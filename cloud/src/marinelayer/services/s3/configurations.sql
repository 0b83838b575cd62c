-- What buckets are configured with: documents by kind and id.

-- name: configuration
SELECT document FROM bucket_configurations WHERE bucket_id = :bucket_id AND kind = :kind AND id = :id

-- name: configurations_after
SELECT id, document FROM bucket_configurations
WHERE bucket_id = :bucket_id AND kind = :kind AND id > :after
ORDER BY id LIMIT :limit

-- name: configurations_of_kind
SELECT bucket_id, id, document FROM bucket_configurations
WHERE kind = :kind AND (bucket_id > :bucket_id OR bucket_id = :bucket_id AND id > :after)
ORDER BY bucket_id, id LIMIT :limit

-- name: count_configurations
SELECT COUNT(*) AS count FROM bucket_configurations WHERE bucket_id = :bucket_id AND kind = :kind

-- name: put_configuration
INSERT INTO bucket_configurations (bucket_id, kind, id, document, changed)
VALUES (:bucket_id, :kind, :id, :document, :now)
ON CONFLICT (bucket_id, kind, id) DO UPDATE SET document = excluded.document, changed = excluded.changed

-- name: delete_configuration
DELETE FROM bucket_configurations WHERE bucket_id = :bucket_id AND kind = :kind AND id = :id

-- name: delete_configurations
DELETE FROM bucket_configurations WHERE bucket_id = :bucket_id

-- name: configured_kinds
SELECT DISTINCT kind FROM bucket_configurations WHERE bucket_id = :bucket_id ORDER BY kind

-- name: set_configured
UPDATE buckets SET configured = :configured WHERE bucket_id = :bucket_id
