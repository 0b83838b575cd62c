-- Accounts, and who may act in them. `secret` is wrapped by the folder's master key.
CREATE TABLE accounts (
    account       TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    name          TEXT COLLATE "C" NOT NULL,
    canonical_id  TEXT COLLATE "C" NOT NULL UNIQUE,
    created       BIGINT           NOT NULL
);

-- `folded` is the name in lower case: two names of an account may not differ in case only. `tags`: JSON, {key: value}.
CREATE TABLE iam_users (
    user_id       TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    account       TEXT COLLATE "C" NOT NULL REFERENCES accounts (account),
    name          TEXT COLLATE "C" NOT NULL,
    folded        TEXT COLLATE "C" NOT NULL,
    path          TEXT COLLATE "C" NOT NULL,
    tags          TEXT COLLATE "C" NOT NULL,
    created       BIGINT           NOT NULL,
    UNIQUE (account, folded)
);

-- `owner`: a user's id, or the account's number for a key of its root user. `status`: 'Active' or 'Inactive'.
CREATE TABLE iam_access_keys (
    access_key_id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    account       TEXT COLLATE "C" NOT NULL REFERENCES accounts (account),
    owner         TEXT COLLATE "C" NOT NULL,
    secret        BYTEA            NOT NULL,
    status        TEXT COLLATE "C" NOT NULL,
    created       BIGINT           NOT NULL
);
CREATE INDEX iam_access_keys_by_owner ON iam_access_keys (owner, access_key_id);

CREATE TABLE iam_user_policies (
    user_id       TEXT COLLATE "C" NOT NULL REFERENCES iam_users (user_id),
    name          TEXT COLLATE "C" NOT NULL,
    document      TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (user_id, name)
);
