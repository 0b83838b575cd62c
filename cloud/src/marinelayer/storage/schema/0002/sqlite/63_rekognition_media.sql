-- Jobs that look at all pictures of a manifest. `token` is the client's, the job's own id where it gave none; `request`: what was
-- asked for (JSON); `failure` and `results`: as answers have them (JSON, or '' where there are none); `ended` is 0 until then.
CREATE TABLE rekognition_media_jobs (
    job_id      TEXT    NOT NULL PRIMARY KEY,
    account     TEXT    NOT NULL REFERENCES accounts (account),
    region      TEXT    NOT NULL,
    token       TEXT    NOT NULL,
    status      TEXT    NOT NULL,
    request     TEXT    NOT NULL,
    failure     TEXT    NOT NULL,
    results     TEXT    NOT NULL,
    created     INTEGER NOT NULL,
    ended       INTEGER NOT NULL,
    UNIQUE (account, region, token)
) STRICT, WITHOUT ROWID;
CREATE INDEX rekognition_media_jobs_in_order ON rekognition_media_jobs (account, region, created, job_id);
