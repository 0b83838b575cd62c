-- Groups of users. `folded` is the name in lower case.
CREATE TABLE iam_groups (
    group_id      TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    account       TEXT COLLATE "C" NOT NULL REFERENCES accounts (account),
    name          TEXT COLLATE "C" NOT NULL,
    folded        TEXT COLLATE "C" NOT NULL,
    path          TEXT COLLATE "C" NOT NULL,
    created       BIGINT NOT NULL,
    UNIQUE (account, folded)
);

CREATE TABLE iam_group_members (
    user_id       TEXT COLLATE "C" NOT NULL REFERENCES iam_users (user_id),
    group_id      TEXT COLLATE "C" NOT NULL REFERENCES iam_groups (group_id),
    PRIMARY KEY (user_id, group_id)
);
CREATE INDEX iam_group_members_by_group ON iam_group_members (group_id, user_id);
