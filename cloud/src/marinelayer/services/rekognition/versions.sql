-- name: put_version
INSERT INTO rekognition_versions (arn, project_arn, name, status, message, request, result, units, created)
VALUES (:arn, :project_arn, :name, :status, :message, :request, '', '{}', :created)
ON CONFLICT DO NOTHING

-- name: version
SELECT arn, project_arn, name, status, message, request, result, units, created FROM rekognition_versions
WHERE arn = :arn

-- name: version_named
SELECT arn, project_arn, name, status, message, request, result, units, created FROM rekognition_versions
WHERE project_arn = :project_arn AND name = :name

-- name: versions
-- The newest first, from a position on.
SELECT arn, project_arn, name, status, message, request, result, units, created FROM rekognition_versions
WHERE project_arn = :project_arn AND (created, arn) < (:created, :arn)
ORDER BY created DESC, arn DESC LIMIT :size

-- name: set_status
UPDATE rekognition_versions SET status = :status, message = :message WHERE arn = :arn

-- name: set_result
UPDATE rekognition_versions SET status = :status, message = :message, result = :result WHERE arn = :arn

-- name: set_units
UPDATE rekognition_versions SET units = :units WHERE arn = :arn

-- name: delete_version
DELETE FROM rekognition_versions WHERE arn = :arn

-- name: put_model
INSERT INTO rekognition_models (version_arn, model) VALUES (:arn, :model)
ON CONFLICT (version_arn) DO UPDATE SET model = excluded.model

-- name: model
SELECT model FROM rekognition_models WHERE version_arn = :arn

-- name: delete_model
DELETE FROM rekognition_models WHERE version_arn = :arn

-- name: copy_model
INSERT INTO rekognition_models (version_arn, model)
SELECT :arn, model FROM rekognition_models WHERE version_arn = :source
ON CONFLICT (version_arn) DO NOTHING
