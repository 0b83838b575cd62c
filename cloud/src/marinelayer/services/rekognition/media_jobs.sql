-- name: put_job
INSERT INTO rekognition_media_jobs (
    job_id, account, region, token, status, request, failure, results, created, ended
)
VALUES (:job_id, :account, :region, :token, 'CREATED', :request, '', '', :created, 0)
ON CONFLICT DO NOTHING

-- name: job
SELECT job_id, account, region, token, status, request, failure, results, created, ended FROM rekognition_media_jobs
WHERE job_id = :job_id

-- name: job_of_token
SELECT job_id, request FROM rekognition_media_jobs WHERE account = :account AND region = :region AND token = :token

-- name: jobs
-- The newest first, from a position on.
SELECT job_id, account, region, token, status, request, failure, results, created, ended FROM rekognition_media_jobs
WHERE account = :account AND region = :region AND (created, job_id) < (:created, :job_id)
ORDER BY created DESC, job_id DESC LIMIT :size

-- name: begin
UPDATE rekognition_media_jobs SET status = 'IN_PROGRESS' WHERE job_id = :job_id AND status = 'CREATED'

-- name: settle
UPDATE rekognition_media_jobs SET status = :status, failure = :failure, results = :results, ended = :ended
WHERE job_id = :job_id AND ended = 0

-- name: any_unfinished
SELECT 1 AS one FROM rekognition_media_jobs WHERE account = :account AND ended = 0 LIMIT 1

-- name: forget_jobs
DELETE FROM rekognition_media_jobs WHERE account = :account
