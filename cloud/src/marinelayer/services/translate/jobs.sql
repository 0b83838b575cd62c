-- name: insert
INSERT INTO translate_jobs (
    account, region, job_id, client_token, name, state, message, request, submitted, ended, documents, translated, failed
)
VALUES (
    :account, :region, :job_id, :client_token, :name, 'SUBMITTED', '', :request, :now, 0, 0, 0, 0
);

-- name: get
SELECT * FROM translate_jobs WHERE account = :account AND region = :region AND job_id = :job_id;

-- name: by_token
SELECT * FROM translate_jobs WHERE account = :account AND region = :region AND client_token = :client_token;

-- name: unfinished
SELECT COUNT(*) AS n FROM translate_jobs
WHERE account = :account AND region = :region AND state IN ('SUBMITTED', 'IN_PROGRESS', 'STOP_REQUESTED');

-- name: newest_first
SELECT * FROM translate_jobs
WHERE account = :account AND region = :region AND (submitted, job_id) < (:submitted, :job_id) AND submitted > :after
    AND (:name = '' OR name = :name) AND (:state = '' OR state = :state)
ORDER BY submitted DESC, job_id DESC LIMIT :n;

-- name: oldest_first
SELECT * FROM translate_jobs
WHERE account = :account AND region = :region AND (submitted, job_id) > (:submitted, :job_id) AND submitted < :before
ORDER BY submitted, job_id LIMIT :n;

-- name: set_state
UPDATE translate_jobs SET state = :state, message = :message, ended = :ended
WHERE account = :account AND region = :region AND job_id = :job_id;

-- name: begin
UPDATE translate_jobs SET state = 'IN_PROGRESS', documents = :documents
WHERE account = :account AND region = :region AND job_id = :job_id AND state = 'SUBMITTED';

-- name: add_document
INSERT INTO translate_job_documents (job_id, key, size, state, detail)
VALUES (:job_id, :key, :size, '', '')
ON CONFLICT (job_id, key) DO NOTHING;

-- name: count_documents
SELECT COUNT(*) AS n FROM translate_job_documents WHERE job_id = :job_id;

-- name: next_document
SELECT key, size FROM translate_job_documents WHERE job_id = :job_id AND state = '' ORDER BY key LIMIT 1;

-- name: end_document
UPDATE translate_job_documents SET state = :state, detail = :detail WHERE job_id = :job_id AND key = :key AND state = '';

-- name: count_end
UPDATE translate_jobs SET translated = translated + :translated, failed = failed + :failed
WHERE account = :account AND region = :region AND job_id = :job_id;

-- name: documents
SELECT key, state, detail FROM translate_job_documents
WHERE job_id = :job_id AND key > :after AND state <> '' ORDER BY key LIMIT :n;

-- name: any_unfinished
SELECT 1 AS one FROM translate_jobs
WHERE account = :account AND state IN ('SUBMITTED', 'IN_PROGRESS', 'STOP_REQUESTED') LIMIT 1;

-- name: forget_documents
DELETE FROM translate_job_documents WHERE job_id IN (SELECT job_id FROM translate_jobs WHERE account = :account);

-- name: forget
DELETE FROM translate_jobs WHERE account = :account;
