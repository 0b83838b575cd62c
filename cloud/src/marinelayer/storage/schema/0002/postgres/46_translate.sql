-- Terminologies of Translate. `revision` is new with each import. `directionality`: 'UNI', 'MULTI', or '' where none was named.
-- `targets`: JSON, codes. `tags`: JSON, {key: value}. `size`: bytes of the file; `terms` and `skipped`: entries of it.
CREATE TABLE translate_terminologies (
    account         TEXT COLLATE "C" NOT NULL,
    region          TEXT COLLATE "C" NOT NULL,
    name            TEXT COLLATE "C" NOT NULL,
    revision        TEXT COLLATE "C" NOT NULL,
    description     TEXT COLLATE "C" NOT NULL,
    format          TEXT COLLATE "C" NOT NULL,
    directionality  TEXT COLLATE "C" NOT NULL,
    source          TEXT COLLATE "C" NOT NULL,
    targets         TEXT COLLATE "C" NOT NULL,
    tags            TEXT COLLATE "C" NOT NULL,
    size            BIGINT           NOT NULL,
    terms           BIGINT           NOT NULL,
    skipped         BIGINT           NOT NULL,
    created         BIGINT           NOT NULL,
    updated         BIGINT           NOT NULL,
    PRIMARY KEY (account, region, name)
);

-- Their files, and what was wrong with them: compressed, and wrapped by the folder's master key.
CREATE TABLE translate_terminology_files (
    account         TEXT COLLATE "C" NOT NULL,
    region          TEXT COLLATE "C" NOT NULL,
    name            TEXT COLLATE "C" NOT NULL,
    file            BYTEA            NOT NULL,
    warnings        BYTEA            NOT NULL,
    PRIMARY KEY (account, region, name)
);

-- Jobs. `state` is AWS's JobStatus. `request`: JSON, what StartTextTranslationJob was given. `ended`: 0 until it has.
-- `documents`, `translated`, `failed`: how many there are of the input, and how many of these are done.
CREATE TABLE translate_jobs (
    account         TEXT COLLATE "C" NOT NULL,
    region          TEXT COLLATE "C" NOT NULL,
    job_id          TEXT COLLATE "C" NOT NULL,
    client_token    TEXT COLLATE "C" NOT NULL,
    name            TEXT COLLATE "C" NOT NULL,
    state           TEXT COLLATE "C" NOT NULL,
    message         TEXT COLLATE "C" NOT NULL,
    request         TEXT COLLATE "C" NOT NULL,
    submitted       BIGINT           NOT NULL,
    ended           BIGINT           NOT NULL,
    documents       BIGINT           NOT NULL,
    translated      BIGINT           NOT NULL,
    failed          BIGINT           NOT NULL,
    PRIMARY KEY (account, region, job_id),
    UNIQUE (account, region, client_token)
);

CREATE INDEX translate_jobs_by_time ON translate_jobs (account, region, submitted, job_id);

-- The documents of a job. `state`: '' (to be done), 'done' or 'error'. `detail`: JSON, {target: what came of it}.
CREATE TABLE translate_job_documents (
    job_id          TEXT COLLATE "C" NOT NULL,
    key             BYTEA            NOT NULL,
    size            BIGINT           NOT NULL,
    state           TEXT COLLATE "C" NOT NULL,
    detail          TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (job_id, key)
);
