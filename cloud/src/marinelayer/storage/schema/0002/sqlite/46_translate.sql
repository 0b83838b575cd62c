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
