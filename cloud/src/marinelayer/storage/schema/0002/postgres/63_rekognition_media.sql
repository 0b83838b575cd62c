-- Jobs that look at all pictures of a manifest. `token` is the client's, the job's own id where it gave none; `request`: what was
-- asked for (JSON); `failure` and `results`: as answers have them (JSON, or '' where there are none); `ended` is 0 until then.
CREATE TABLE rekognition_media_jobs (
    job_id      TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    account     TEXT COLLATE "C" NOT NULL REFERENCES accounts (account),
    region      TEXT COLLATE "C" NOT NULL,
    token       TEXT COLLATE "C" NOT NULL,
    status      TEXT COLLATE "C" NOT NULL,
    request     TEXT COLLATE "C" NOT NULL,
    failure     TEXT COLLATE "C" NOT NULL,
    results     TEXT COLLATE "C" NOT NULL,
    created     BIGINT           NOT NULL,
    ended       BIGINT           NOT NULL,
    UNIQUE (account, region, token)
);
CREATE INDEX rekognition_media_jobs_in_order ON rekognition_media_jobs (account, region, created, job_id);
