-- Roles. `folded` is the name in lower case; `trust` the document that says who may assume it, `trusted`: JSON, the
-- unique ids that the principals named there had when it was set; `longest` of a session, in seconds. `tags`: JSON.
CREATE TABLE iam_roles (
    role_id       TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    account       TEXT COLLATE "C" NOT NULL REFERENCES accounts (account),
    name          TEXT COLLATE "C" NOT NULL,
    folded        TEXT COLLATE "C" NOT NULL,
    path          TEXT COLLATE "C" NOT NULL,
    description   TEXT COLLATE "C" NOT NULL,
    trust         TEXT COLLATE "C" NOT NULL,
    trusted       TEXT COLLATE "C" NOT NULL,
    longest       BIGINT NOT NULL,
    tags          TEXT COLLATE "C" NOT NULL,
    created       BIGINT NOT NULL,
    UNIQUE (account, folded)
);

-- Instance profiles, each with the id of the one role that it may hold, or ''.
CREATE TABLE iam_instance_profiles (
    profile_id    TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    account       TEXT COLLATE "C" NOT NULL REFERENCES accounts (account),
    name          TEXT COLLATE "C" NOT NULL,
    folded        TEXT COLLATE "C" NOT NULL,
    path          TEXT COLLATE "C" NOT NULL,
    role_id       TEXT COLLATE "C" NOT NULL,
    tags          TEXT COLLATE "C" NOT NULL,
    created       BIGINT           NOT NULL,
    UNIQUE (account, folded)
);
CREATE INDEX iam_instance_profiles_by_role ON iam_instance_profiles (role_id, folded);

-- OpenID Connect providers. `url` without its scheme; `client_ids`, `thumbprints`: JSON lists; `tags`: JSON.
CREATE TABLE iam_oidc_providers (
    account       TEXT COLLATE "C" NOT NULL REFERENCES accounts (account),
    url           TEXT COLLATE "C" NOT NULL,
    client_ids    TEXT COLLATE "C" NOT NULL,
    thumbprints   TEXT COLLATE "C" NOT NULL,
    tags          TEXT COLLATE "C" NOT NULL,
    created       BIGINT           NOT NULL,
    PRIMARY KEY (account, url)
);
