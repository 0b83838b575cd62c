-- Comprehend's models, endpoints and jobs.

-- name: insert
INSERT INTO comprehend_resources
    (arn, account, region, kind, name, version, status, message, created, ended, token, digest, model, blob_id, tags, document)
VALUES
    (:arn, :account, :region, :kind, :name, :version, :status, '', :created, NULL, :token, :digest, :model, NULL, :tags, :document)
ON CONFLICT DO NOTHING

-- name: resource
SELECT * FROM comprehend_resources WHERE arn = :arn

-- name: by_token
SELECT * FROM comprehend_resources WHERE account = :account AND region = :region AND kind = :kind AND token = :token

-- name: change
UPDATE comprehend_resources
SET status = :status, message = :message, ended = :ended, model = :model, blob_id = :blob_id, document = :document
WHERE arn = :arn

-- name: set_tags
UPDATE comprehend_resources SET tags = :tags WHERE arn = :arn

-- name: remove
DELETE FROM comprehend_resources WHERE arn = :arn

-- name: newest_first
SELECT * FROM comprehend_resources
WHERE account = :account AND region = :region AND kind = :kind
    AND created > :above AND created < :below AND (created < :at OR (created = :at AND arn < :arn))
    AND (:name = '' OR name = :name) AND (:status = '' OR status = :status) AND (:model = '' OR model = :model)
ORDER BY created DESC, arn DESC LIMIT :n

-- name: oldest_first
SELECT * FROM comprehend_resources
WHERE account = :account AND region = :region AND kind = :kind
    AND created > :above AND created < :below AND (created > :at OR (created = :at AND arn > :arn))
    AND (:name = '' OR name = :name) AND (:status = '' OR status = :status) AND (:model = '' OR model = :model)
ORDER BY created, arn LIMIT :n

-- name: summaries
SELECT name, COUNT(*) AS versions, MAX(created) AS latest FROM comprehend_resources
WHERE account = :account AND region = :region AND kind = :kind AND name > :after
GROUP BY name ORDER BY name LIMIT :n

-- name: latest_of_name
SELECT * FROM comprehend_resources
WHERE account = :account AND region = :region AND kind = :kind AND name = :name
ORDER BY created DESC, arn DESC LIMIT 1

-- name: users_of_model
SELECT arn, status, kind FROM comprehend_resources WHERE model = :model

-- name: named_blob
SELECT 1 AS found FROM comprehend_resources WHERE blob_id = :blob_id

-- name: kinds_of
SELECT DISTINCT kind FROM comprehend_resources WHERE account = :account

-- name: unended_kinds_of
SELECT DISTINCT kind FROM comprehend_resources WHERE account = :account AND ended IS NULL

-- name: forget
DELETE FROM comprehend_resources WHERE account = :account
