-- Accounts, and who may act in them. `secret` is wrapped by the folder's master key.
CREATE TABLE accounts (
    account       TEXT    NOT NULL PRIMARY KEY,
    name          TEXT    NOT NULL,
    canonical_id  TEXT    NOT NULL UNIQUE,
    created       INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- `folded` is the name in lower case: two names of an account may not differ in case only. `tags`: JSON, {key: value}.
CREATE TABLE iam_users (
    user_id       TEXT    NOT NULL PRIMARY KEY,
    account       TEXT    NOT NULL REFERENCES accounts (account),
    name          TEXT    NOT NULL,
    folded        TEXT    NOT NULL,
    path          TEXT    NOT NULL,
    tags          TEXT    NOT NULL,
    created       INTEGER NOT NULL,
    UNIQUE (account, folded)
) STRICT, WITHOUT ROWID;

-- `owner`: a user's id, or the account's number for a key of its root user. `status`: 'Active' or 'Inactive'.
CREATE TABLE iam_access_keys (
    access_key_id TEXT    NOT NULL PRIMARY KEY,
    account       TEXT    NOT NULL REFERENCES accounts (account),
    owner         TEXT    NOT NULL,
    secret        BLOB    NOT NULL,
    status        TEXT    NOT NULL,
    created       INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX iam_access_keys_by_owner ON iam_access_keys (owner, access_key_id);

CREATE TABLE iam_user_policies (
    user_id       TEXT    NOT NULL REFERENCES iam_users (user_id),
    name          TEXT    NOT NULL,
    document      TEXT    NOT NULL,
    PRIMARY KEY (user_id, name)
) STRICT, WITHOUT ROWID;
