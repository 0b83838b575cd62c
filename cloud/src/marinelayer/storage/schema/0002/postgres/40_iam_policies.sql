-- Managed policies of accounts (AWS's own are data of services/iam) and what holds policies. `folded` is the name in
-- lower case. `default_version` is the number of the version that counts, `next_version` the one that the next gets.
-- `tags`: JSON, {key: value}.
CREATE TABLE iam_policies (
    arn             TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    policy_id       TEXT COLLATE "C" NOT NULL,
    account         TEXT COLLATE "C" NOT NULL REFERENCES accounts (account),
    name            TEXT COLLATE "C" NOT NULL,
    folded          TEXT COLLATE "C" NOT NULL,
    path            TEXT COLLATE "C" NOT NULL,
    description     TEXT COLLATE "C" NOT NULL,
    tags            TEXT COLLATE "C" NOT NULL,
    default_version BIGINT NOT NULL,
    next_version    BIGINT NOT NULL,
    created         BIGINT NOT NULL,
    updated         BIGINT NOT NULL,
    UNIQUE (account, folded)
);

CREATE TABLE iam_policy_versions (
    policy_arn      TEXT COLLATE "C" NOT NULL REFERENCES iam_policies (arn),
    version         BIGINT NOT NULL,
    document        TEXT COLLATE "C" NOT NULL,
    created         BIGINT NOT NULL,
    PRIMARY KEY (policy_arn, version)
);

-- `owner`: the id of a user, group or role, of the account `account`; the same in the two tables below.
CREATE TABLE iam_attachments (
    owner           TEXT COLLATE "C" NOT NULL,
    policy_arn      TEXT COLLATE "C" NOT NULL,
    account         TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (owner, policy_arn)
);
CREATE INDEX iam_attachments_by_policy ON iam_attachments (account, policy_arn, owner);

CREATE TABLE iam_boundaries (
    owner           TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    policy_arn      TEXT COLLATE "C" NOT NULL,
    account         TEXT COLLATE "C" NOT NULL
);
CREATE INDEX iam_boundaries_by_policy ON iam_boundaries (account, policy_arn, owner);

CREATE TABLE iam_inline_policies (
    owner           TEXT COLLATE "C" NOT NULL,
    name            TEXT COLLATE "C" NOT NULL,
    document        TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (owner, name)
);
INSERT INTO iam_inline_policies (owner, name, document) SELECT user_id, name, document FROM iam_user_policies;
DROP TABLE iam_user_policies;
