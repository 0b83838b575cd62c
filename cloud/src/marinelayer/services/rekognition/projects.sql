-- name: put_project
INSERT INTO rekognition_projects (arn, account, region, name, created)
VALUES (:arn, :account, :region, :name, :created)
ON CONFLICT DO NOTHING

-- name: project
SELECT arn, account, region, name, created FROM rekognition_projects WHERE arn = :arn

-- name: projects
-- In the order in which they were made, from a position on.
SELECT arn, account, region, name, created FROM rekognition_projects
WHERE account = :account AND region = :region AND (created, arn) > (:created, :arn)
ORDER BY created, arn LIMIT :size

-- name: project_named
SELECT arn, account, region, name, created FROM rekognition_projects
WHERE account = :account AND region = :region AND name = :name

-- name: delete_project
DELETE FROM rekognition_projects WHERE arn = :arn

-- name: uses
-- What is left in a project.
SELECT (SELECT count(*) FROM rekognition_datasets WHERE project_arn = :arn) AS datasets,
       (SELECT count(*) FROM rekognition_versions WHERE project_arn = :arn) AS versions

-- name: any_project
SELECT 1 AS one FROM rekognition_projects WHERE account = :account LIMIT 1
