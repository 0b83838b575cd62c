-- name: put_tag
INSERT INTO rekognition_tags (arn, key, value) VALUES (:arn, :key, :value)
ON CONFLICT (arn, key) DO UPDATE SET value = excluded.value

-- name: delete_tag
DELETE FROM rekognition_tags WHERE arn = :arn AND key = :key

-- name: delete_tags
DELETE FROM rekognition_tags WHERE arn = :arn

-- name: tags
SELECT key, value FROM rekognition_tags WHERE arn = :arn ORDER BY key

-- name: known
-- Whether there is such a resource.
SELECT arn FROM rekognition_projects WHERE arn = :arn
UNION ALL SELECT arn FROM rekognition_datasets WHERE arn = :arn
UNION ALL SELECT arn FROM rekognition_versions WHERE arn = :arn

-- name: known_collection
SELECT name FROM rekognition_collections WHERE account = :account AND region = :region AND name = :name
