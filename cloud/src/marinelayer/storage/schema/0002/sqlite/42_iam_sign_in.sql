-- Passwords of users. `hash`: how it was made, its salt and itself (services/iam/passwords.py). `earlier`: JSON, the
-- hashes of the passwords before it, the newest first.
CREATE TABLE iam_login_profiles (
    user_id        TEXT    NOT NULL PRIMARY KEY REFERENCES iam_users (user_id),
    hash           TEXT    NOT NULL,
    earlier        TEXT    NOT NULL,
    reset_required INTEGER NOT NULL,
    created        INTEGER NOT NULL,
    changed        INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- `document`: JSON, in the shape of the model's PasswordPolicy.
CREATE TABLE iam_password_policies (
    account        TEXT    NOT NULL PRIMARY KEY,
    document       TEXT    NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE iam_account_aliases (
    account        TEXT    NOT NULL PRIMARY KEY,
    alias          TEXT    NOT NULL UNIQUE
) STRICT, WITHOUT ROWID;

-- When access keys were used last, and for what. Written at intervals, not with each request.
CREATE TABLE iam_key_uses (
    access_key_id  TEXT    NOT NULL PRIMARY KEY,
    used           INTEGER NOT NULL,
    service        TEXT    NOT NULL,
    region         TEXT    NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE iam_credential_reports (
    account        TEXT    NOT NULL PRIMARY KEY,
    content        TEXT    NOT NULL,
    created        INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
