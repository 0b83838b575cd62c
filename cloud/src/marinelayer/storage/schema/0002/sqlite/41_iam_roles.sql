-- Roles. `folded` is the name in lower case; `trust` the document that says who may assume it, `trusted`: JSON, the
-- unique ids that the principals named there had when it was set; `longest` of a session, in seconds. `tags`: JSON.
CREATE TABLE iam_roles (
    role_id       TEXT    NOT NULL PRIMARY KEY,
    account       TEXT    NOT NULL REFERENCES accounts (account),
    name          TEXT    NOT NULL,
    folded        TEXT    NOT NULL,
    path          TEXT    NOT NULL,
    description   TEXT    NOT NULL,
    trust         TEXT    NOT NULL,
    trusted       TEXT    NOT NULL,
    longest       INTEGER NOT NULL,
    tags          TEXT    NOT NULL,
    created       INTEGER NOT NULL,
    UNIQUE (account, folded)
) STRICT, WITHOUT ROWID;

-- Instance profiles, each with the id of the one role that it may hold, or ''.
CREATE TABLE iam_instance_profiles (
    profile_id    TEXT    NOT NULL PRIMARY KEY,
    account       TEXT    NOT NULL REFERENCES accounts (account),
    name          TEXT    NOT NULL,
    folded        TEXT    NOT NULL,
    path          TEXT    NOT NULL,
    role_id       TEXT    NOT NULL,
    tags          TEXT    NOT NULL,
    created       INTEGER NOT NULL,
    UNIQUE (account, folded)
) STRICT, WITHOUT ROWID;
CREATE INDEX iam_instance_profiles_by_role ON iam_instance_profiles (role_id, folded);

-- OpenID Connect providers. `url` without its scheme; `client_ids`, `thumbprints`: JSON lists; `tags`: JSON.
CREATE TABLE iam_oidc_providers (
    account       TEXT    NOT NULL REFERENCES accounts (account),
    url           TEXT    NOT NULL,
    client_ids    TEXT    NOT NULL,
    thumbprints   TEXT    NOT NULL,
    tags          TEXT    NOT NULL,
    created       INTEGER NOT NULL,
    PRIMARY KEY (account, url)
) STRICT, WITHOUT ROWID;
