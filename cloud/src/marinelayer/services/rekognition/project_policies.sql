-- name: policy
SELECT project_arn, name, revision, document, principals, created, updated FROM rekognition_project_policies
WHERE project_arn = :project_arn AND name = :name

-- name: policies
-- By their names, from a position on.
SELECT project_arn, name, revision, document, principals, created, updated FROM rekognition_project_policies
WHERE project_arn = :project_arn AND name > :name
ORDER BY name LIMIT :size

-- name: put_policy
INSERT INTO rekognition_project_policies (project_arn, name, revision, document, principals, created, updated)
VALUES (:project_arn, :name, :revision, :document, :principals, :now, :now)
ON CONFLICT (project_arn, name) DO UPDATE
SET revision = excluded.revision, document = excluded.document, principals = excluded.principals,
    updated = excluded.updated

-- name: delete_policy
DELETE FROM rekognition_project_policies WHERE project_arn = :project_arn AND name = :name

-- name: delete_policies
DELETE FROM rekognition_project_policies WHERE project_arn = :project_arn
