-- Terminologies of Translate. `revision` is new with each import. `directionality`: 'UNI', 'MULTI', or '' where none was named.
-- `targets`: JSON, codes. `tags`: JSON, {key: value}. `size`: bytes of the file; `terms` and `skipped`: entries of it.
CREATE TABLE translate_terminologies (
    account         TEXT    NOT NULL,
    region          TEXT    NOT NULL,
    name            TEXT    NOT NULL,
    revision        TEXT    NOT NULL,
    description     TEXT    NOT NULL,
    format          TEXT    NOT NULL,
    directionality  TEXT    NOT NULL,
    source          TEXT    NOT NULL,
    targets         TEXT    NOT NULL,
    tags            TEXT    NOT NULL,
    size            INTEGER NOT NULL,
    terms           INTEGER NOT NULL,
    skipped         INTEGER NOT NULL,
    created         INTEGER NOT NULL,
    updated         INTEGER NOT NULL,
    PRIMARY KEY (account, region, name)
) STRICT, WITHOUT ROWID;

-- Their files, and what was wrong with them: compressed, and wrapped by the folder's master key.
CREATE TABLE translate_terminology_files (
    account         TEXT    NOT NULL,
    region          TEXT    NOT NULL,
    name            TEXT    NOT NULL,
    file            BLOB    NOT NULL,
    warnings        BLOB    NOT NULL,
    PRIMARY KEY (account, region, name)
) STRICT;

-- Jobs. `state` is AWS's JobStatus. `request`: JSON, what StartTextTranslationJob was given. `ended`: 0 until it has.
-- `documents`, `translated`, `failed`: how many there are of the input, and how many of these are done.
CREATE TABLE translate_jobs (
    account         TEXT    NOT NULL,
    region          TEXT    NOT NULL,
    job_id          TEXT    NOT NULL,
    client_token    TEXT    NOT NULL,
    name            TEXT    NOT NULL,
    state           TEXT    NOT NULL,
    message         TEXT    NOT NULL,
    request         TEXT    NOT NULL,
    submitted       INTEGER NOT NULL,
    ended           INTEGER NOT NULL,
    documents       INTEGER NOT NULL,
    translated      INTEGER NOT NULL,
    failed          INTEGER NOT NULL,
    PRIMARY KEY (account, region, job_id),
    UNIQUE (account, region, client_token)
) STRICT, WITHOUT ROWID;

CREATE INDEX translate_jobs_by_time ON translate_jobs (account, region, submitted, job_id);

-- The documents of a job. `state`: '' (to be done), 'done' or 'error'. `detail`: JSON, {target: what came of it}.
CREATE TABLE translate_job_documents (
    job_id          TEXT    NOT NULL,
    key             BLOB    NOT NULL,
    size            INTEGER NOT NULL,
    state           TEXT    NOT NULL,
    detail          TEXT    NOT NULL,
    PRIMARY KEY (job_id, key)
) STRICT, WITHOUT ROWID;
