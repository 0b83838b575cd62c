-- Jobs that look at videos. `kind`: labels, texts, moderation, faces or face search.
-- `token` is the client's, the job's own id where it gave none;
-- `request`: what was asked for (JSON); `facts`: what the video says of itself (JSON, or '' before it was read).
CREATE TABLE rekognition_video_jobs (
    job_id      TEXT    NOT NULL PRIMARY KEY,
    account     TEXT    NOT NULL REFERENCES accounts (account),
    region      TEXT    NOT NULL,
    kind        TEXT    NOT NULL,
    token       TEXT    NOT NULL,
    status      TEXT    NOT NULL,
    message     TEXT    NOT NULL,
    request     TEXT    NOT NULL,
    facts       TEXT    NOT NULL,
    created     INTEGER NOT NULL,
    UNIQUE (account, region, kind, token)
) STRICT, WITHOUT ROWID;

-- What was seen. `list`: timestamps or segments, by which labels are listed; `time` in milliseconds; `sure` in percent.
CREATE TABLE rekognition_video_finds (
    job_id      TEXT    NOT NULL REFERENCES rekognition_video_jobs (job_id),
    list        TEXT    NOT NULL,
    number      INTEGER NOT NULL,
    time        INTEGER NOT NULL,
    name        TEXT    NOT NULL,
    sure        REAL    NOT NULL,
    document    TEXT    NOT NULL,
    PRIMARY KEY (job_id, list, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX rekognition_video_finds_by_name ON rekognition_video_finds (job_id, list, name, sure);
