-- name: put_job
INSERT INTO rekognition_video_jobs (job_id, account, region, kind, token, status, message, request, facts, created)
VALUES (:job_id, :account, :region, :kind, :token, 'IN_PROGRESS', '', :request, '', :created)
ON CONFLICT DO NOTHING

-- name: job
SELECT job_id, account, region, kind, token, status, message, request, facts, created FROM rekognition_video_jobs
WHERE job_id = :job_id

-- name: job_of_token
SELECT job_id, account, region, kind, token, status, message, request, facts, created FROM rekognition_video_jobs
WHERE account = :account AND region = :region AND kind = :kind AND token = :token

-- name: settle
UPDATE rekognition_video_jobs SET status = :status, message = :message, facts = :facts
WHERE job_id = :job_id AND status = 'IN_PROGRESS'

-- name: delete_job
DELETE FROM rekognition_video_jobs WHERE job_id = :job_id

-- name: put_find
INSERT INTO rekognition_video_finds (job_id, list, number, time, name, sure, document)
VALUES (:job_id, :list, :number, :time, :name, :sure, :document)
ON CONFLICT (job_id, list, number)
DO UPDATE SET time = excluded.time, name = excluded.name, sure = excluded.sure, document = excluded.document

-- name: delete_finds
-- Some of them, so that each write is small.
DELETE FROM rekognition_video_finds WHERE job_id = :job_id AND number IN (
    SELECT number FROM rekognition_video_finds WHERE job_id = :job_id ORDER BY number LIMIT 500
)

-- name: finds
-- By their time, which is the order of their numbers.
SELECT number, name, sure, document FROM rekognition_video_finds
WHERE job_id = :job_id AND list = :list AND number > :after ORDER BY number LIMIT :size

-- name: finds_by_name
-- By their name, the surest first.
SELECT number, name, sure, document FROM rekognition_video_finds
WHERE job_id = :job_id AND list = :list
  AND (name > :name OR (name = :name AND (sure < :sure OR (sure = :sure AND number > :after))))
ORDER BY name, sure DESC, number LIMIT :size

-- name: any_unfinished
SELECT 1 AS one FROM rekognition_video_jobs WHERE account = :account AND status = 'IN_PROGRESS' LIMIT 1

-- name: forget_finds
DELETE FROM rekognition_video_finds WHERE job_id IN (SELECT job_id FROM rekognition_video_jobs WHERE account = :account)

-- name: forget_jobs
DELETE FROM rekognition_video_jobs WHERE account = :account
