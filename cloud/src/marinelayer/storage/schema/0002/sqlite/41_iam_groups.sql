-- Groups of users. `folded` is the name in lower case.
CREATE TABLE iam_groups (
    group_id      TEXT    NOT NULL PRIMARY KEY,
    account       TEXT    NOT NULL REFERENCES accounts (account),
    name          TEXT    NOT NULL,
    folded        TEXT    NOT NULL,
    path          TEXT    NOT NULL,
    created       INTEGER NOT NULL,
    UNIQUE (account, folded)
) STRICT, WITHOUT ROWID;

CREATE TABLE iam_group_members (
    user_id       TEXT    NOT NULL REFERENCES iam_users (user_id),
    group_id      TEXT    NOT NULL REFERENCES iam_groups (group_id),
    PRIMARY KEY (user_id, group_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX iam_group_members_by_group ON iam_group_members (group_id, user_id);
