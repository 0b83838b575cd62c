-- name: put_account
INSERT INTO accounts (account, name, canonical_id, created)
VALUES (:account, :name, :canonical_id, :created)
ON CONFLICT DO NOTHING

-- name: accounts
SELECT account, name, canonical_id, created FROM accounts ORDER BY account

-- name: account
SELECT account, name, canonical_id, created FROM accounts WHERE account = :account

-- name: delete_account
DELETE FROM accounts WHERE account = :account

-- name: account_of_canonical_id
SELECT name FROM accounts WHERE canonical_id = :canonical_id

-- name: identity
SELECT k.access_key_id, k.account, k.owner, k.secret, k.status, a.canonical_id,
       u.name, u.path, u.tags, p.name AS policy_name, p.document
FROM iam_access_keys k
JOIN accounts a ON a.account = k.account
LEFT JOIN iam_users u ON u.user_id = k.owner
LEFT JOIN iam_user_policies p ON p.user_id = k.owner
WHERE k.access_key_id = :access_key_id
ORDER BY p.name

-- name: put_access_key
INSERT INTO iam_access_keys (access_key_id, account, owner, secret, status, created)
VALUES (:access_key_id, :account, :owner, :secret, :status, :created)
ON CONFLICT DO NOTHING

-- name: access_keys
SELECT access_key_id, account, owner, secret, status, created
FROM iam_access_keys
WHERE owner = :owner AND access_key_id > :after
ORDER BY access_key_id
LIMIT :size

-- name: count_access_keys
SELECT COUNT(*) AS n FROM iam_access_keys WHERE owner = :owner

-- name: set_access_key_status
UPDATE iam_access_keys SET status = :status WHERE access_key_id = :access_key_id AND owner = :owner

-- name: delete_access_key
DELETE FROM iam_access_keys WHERE access_key_id = :access_key_id AND owner = :owner

-- name: delete_access_keys
DELETE FROM iam_access_keys WHERE owner = :owner

-- name: put_user
INSERT INTO iam_users (user_id, account, name, folded, path, tags, created)
VALUES (:user_id, :account, :name, :folded, :path, :tags, :created)
ON CONFLICT DO NOTHING

-- name: user
SELECT user_id, account, name, folded, path, tags, created
FROM iam_users
WHERE account = :account AND folded = :folded AND name = :name

-- name: user_by_id
SELECT user_id FROM iam_users WHERE user_id = :user_id

-- name: users
SELECT user_id, account, name, folded, path, tags, created
FROM iam_users
WHERE account = :account AND folded > :after AND substr(path, 1, CAST(:length AS INTEGER)) = :prefix
ORDER BY folded
LIMIT :size

-- name: any_user
SELECT 1 AS one FROM iam_users WHERE account = :account LIMIT 1

-- name: count_users
SELECT COUNT(*) AS n FROM iam_users WHERE account = :account

-- name: delete_user
DELETE FROM iam_users WHERE user_id = :user_id

-- name: put_user_policy
INSERT INTO iam_user_policies (user_id, name, document)
VALUES (:user_id, :name, :document)
ON CONFLICT (user_id, name) DO UPDATE SET document = excluded.document

-- name: user_policy
SELECT name, document FROM iam_user_policies WHERE user_id = :user_id AND name = :name

-- name: user_policies
SELECT name, document
FROM iam_user_policies
WHERE user_id = :user_id AND name > :after
ORDER BY name
LIMIT :size

-- name: delete_user_policy
DELETE FROM iam_user_policies WHERE user_id = :user_id AND name = :name
