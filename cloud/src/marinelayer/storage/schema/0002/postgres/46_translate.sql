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
