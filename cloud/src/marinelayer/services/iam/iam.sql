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

-- name: delete_password_policies
DELETE FROM iam_password_policies WHERE account = :account

-- name: delete_account_aliases
DELETE FROM iam_account_aliases WHERE account = :account

-- name: delete_credential_reports
DELETE FROM iam_credential_reports WHERE account = :account

-- name: account_of_canonical_id
SELECT name FROM accounts WHERE canonical_id = :canonical_id

-- name: identity
-- A row for each policy that the key's owner acts by, one where it has none: what `held` (policies.sql) reads, in one
-- statement with the key, as it is read for a request. Documents of AWS's own policies are not here.
WITH holder AS (
    SELECT access_key_id, account, owner, secret, status FROM iam_access_keys WHERE access_key_id = :access_key_id
),
sources AS (
    SELECT owner AS source, '' AS via FROM holder
    UNION ALL
    SELECT m.group_id AS source, 'group-' AS via FROM holder h JOIN iam_group_members m ON m.user_id = h.owner
),
given AS (
    SELECT s.via || 'inline' AS kind, i.name AS policy, i.document
    FROM sources s
    JOIN iam_inline_policies i ON i.owner = s.source
    UNION ALL
    SELECT s.via || 'managed' AS kind, t.policy_arn AS policy, v.document
    FROM sources s
    JOIN iam_attachments t ON t.owner = s.source
    LEFT JOIN iam_policies p ON p.arn = t.policy_arn
    LEFT JOIN iam_policy_versions v ON v.policy_arn = p.arn AND v.version = p.default_version
    UNION ALL
    SELECT 'boundary' AS kind, b.policy_arn AS policy, v.document
    FROM holder h
    JOIN iam_boundaries b ON b.owner = h.owner
    LEFT JOIN iam_policies p ON p.arn = b.policy_arn
    LEFT JOIN iam_policy_versions v ON v.policy_arn = p.arn AND v.version = p.default_version
)
SELECT k.access_key_id, k.account, k.owner, k.secret, k.status, a.canonical_id,
       u.name, u.path, u.tags, g.kind, g.policy, g.document
FROM holder k
JOIN accounts a ON a.account = k.account
LEFT JOIN iam_users u ON u.user_id = k.owner
LEFT JOIN given g ON 1 = 1
ORDER BY g.kind, g.policy

-- name: session_user
SELECT u.account, u.name, u.path, u.tags, a.canonical_id
FROM iam_users u
JOIN accounts a ON a.account = u.account
WHERE u.user_id = :user_id

-- name: key_account
SELECT account FROM iam_access_keys WHERE access_key_id = :access_key_id

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

-- name: delete_key_use
DELETE FROM iam_key_uses WHERE access_key_id = :access_key_id

-- name: delete_key_uses
DELETE FROM iam_key_uses WHERE access_key_id IN (SELECT access_key_id FROM iam_access_keys WHERE owner = :owner)

-- name: delete_access_keys
DELETE FROM iam_access_keys WHERE owner = :owner
