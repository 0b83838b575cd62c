-- Jobs that look at videos. `kind`: labels, texts, moderation, faces or face search.
-- `token` is the client's, the job's own id where it gave none;
-- `request`: what was asked for (JSON); `facts`: what the video says of itself (JSON, or '' before it was read).
CREATE TABLE rekognition_video_jobs (
    job_id      TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    account     TEXT COLLATE "C" NOT NULL REFERENCES accounts (account),
    region      TEXT COLLATE "C" NOT NULL,
    kind        TEXT COLLATE "C" NOT NULL,
    token       TEXT COLLATE "C" NOT NULL,
    status      TEXT COLLATE "C" NOT NULL,
    message     TEXT COLLATE "C" NOT NULL,
    request     TEXT COLLATE "C" NOT NULL,
    facts       TEXT COLLATE "C" NOT NULL,
    created     BIGINT NOT NULL,
    UNIQUE (account, region, kind, token)
);

-- What was seen. `list`: timestamps or segments, by which labels are listed; `time` in milliseconds; `sure` in percent.
CREATE TABLE rekognition_video_finds (
    job_id      TEXT COLLATE "C" NOT NULL REFERENCES rekognition_video_jobs (job_id),
    list        TEXT COLLATE "C" NOT NULL,
    number      BIGINT NOT NULL,
    time        BIGINT NOT NULL,
    name        TEXT COLLATE "C" NOT NULL,
    sure        DOUBLE PRECISION NOT NULL,
    document    TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (job_id, list, number)
);
CREATE INDEX rekognition_video_finds_by_name ON rekognition_video_finds (job_id, list, name, sure);
