-- Managed policies of accounts (AWS's own are data of services/iam) and what holds policies. `folded` is the name in
-- lower case. `default_version` is the number of the version that counts, `next_version` the one that the next gets.
-- `tags`: JSON, {key: value}.
CREATE TABLE iam_policies (
    arn             TEXT    NOT NULL PRIMARY KEY,
    policy_id       TEXT    NOT NULL,
    account         TEXT    NOT NULL REFERENCES accounts (account),
    name            TEXT    NOT NULL,
    folded          TEXT    NOT NULL,
    path            TEXT    NOT NULL,
    description     TEXT    NOT NULL,
    tags            TEXT    NOT NULL,
    default_version INTEGER NOT NULL,
    next_version    INTEGER NOT NULL,
    created         INTEGER NOT NULL,
    updated         INTEGER NOT NULL,
    UNIQUE (account, folded)
) STRICT, WITHOUT ROWID;

CREATE TABLE iam_policy_versions (
    policy_arn      TEXT    NOT NULL REFERENCES iam_policies (arn),
    version         INTEGER NOT NULL,
    document        TEXT    NOT NULL,
    created         INTEGER NOT NULL,
    PRIMARY KEY (policy_arn, version)
) STRICT, WITHOUT ROWID;

-- `owner`: the id of a user, group or role, of the account `account`; the same in the two tables below.
CREATE TABLE iam_attachments (
    owner           TEXT    NOT NULL,
    policy_arn      TEXT    NOT NULL,
    account         TEXT    NOT NULL,
    PRIMARY KEY (owner, policy_arn)
) STRICT, WITHOUT ROWID;
CREATE INDEX iam_attachments_by_policy ON iam_attachments (account, policy_arn, owner);

CREATE TABLE iam_boundaries (
    owner           TEXT    NOT NULL PRIMARY KEY,
    policy_arn      TEXT    NOT NULL,
    account         TEXT    NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX iam_boundaries_by_policy ON iam_boundaries (account, policy_arn, owner);

CREATE TABLE iam_inline_policies (
    owner           TEXT    NOT NULL,
    name            TEXT    NOT NULL,
    document        TEXT    NOT NULL,
    PRIMARY KEY (owner, name)
) STRICT, WITHOUT ROWID;
INSERT INTO iam_inline_policies (owner, name, document) SELECT user_id, name, document FROM iam_user_policies;
DROP TABLE iam_user_policies;
