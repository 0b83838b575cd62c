-- Passwords of users. `hash`: how it was made, its salt and itself (services/iam/passwords.py). `earlier`: JSON, the
-- hashes of the passwords before it, the newest first.
CREATE TABLE iam_login_profiles (
    user_id        TEXT COLLATE "C" NOT NULL PRIMARY KEY REFERENCES iam_users (user_id),
    hash           TEXT COLLATE "C" NOT NULL,
    earlier        TEXT COLLATE "C" NOT NULL,
    reset_required BIGINT NOT NULL,
    created        BIGINT NOT NULL,
    changed        BIGINT NOT NULL
);

-- `document`: JSON, in the shape of the model's PasswordPolicy.
CREATE TABLE iam_password_policies (
    account        TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    document       TEXT COLLATE "C" NOT NULL
);

CREATE TABLE iam_account_aliases (
    account        TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    alias          TEXT COLLATE "C" NOT NULL UNIQUE
);

-- When access keys were used last, and for what. Written at intervals, not with each request.
CREATE TABLE iam_key_uses (
    access_key_id  TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    used           BIGINT NOT NULL,
    service        TEXT COLLATE "C" NOT NULL,
    region         TEXT COLLATE "C" NOT NULL
);

CREATE TABLE iam_credential_reports (
    account        TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    content        TEXT COLLATE "C" NOT NULL,
    created        BIGINT NOT NULL
);
