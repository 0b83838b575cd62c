-- name: put_login_profile
INSERT INTO iam_login_profiles (user_id, hash, earlier, reset_required, created, changed)
VALUES (:user_id, :hash, '[]', :reset_required, :now, :now)
ON CONFLICT DO NOTHING

-- name: login_profile
SELECT user_id, hash, earlier, reset_required, created, changed FROM iam_login_profiles WHERE user_id = :user_id

-- name: set_password
UPDATE iam_login_profiles SET hash = :hash, earlier = :earlier, reset_required = :reset_required, changed = :now
WHERE user_id = :user_id AND hash = :before

-- name: set_reset_required
UPDATE iam_login_profiles SET reset_required = :reset_required WHERE user_id = :user_id

-- name: delete_login_profile
DELETE FROM iam_login_profiles WHERE user_id = :user_id

-- name: put_password_policy
INSERT INTO iam_password_policies (account, document) VALUES (:account, :document)
ON CONFLICT (account) DO UPDATE SET document = excluded.document

-- name: password_policy
SELECT document FROM iam_password_policies WHERE account = :account

-- name: delete_password_policy
DELETE FROM iam_password_policies WHERE account = :account

-- name: put_account_alias
INSERT INTO iam_account_aliases (account, alias) VALUES (:account, :alias)
ON CONFLICT (account) DO UPDATE SET alias = excluded.alias

-- name: account_alias
SELECT account, alias FROM iam_account_aliases WHERE account = :account

-- name: owner_of_alias
SELECT account FROM iam_account_aliases WHERE alias = :alias

-- name: delete_account_alias
DELETE FROM iam_account_aliases WHERE account = :account AND alias = :alias
