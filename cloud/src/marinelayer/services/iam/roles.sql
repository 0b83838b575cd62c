-- name: put_role
INSERT INTO iam_roles (role_id, account, name, folded, path, description, trust, trusted, longest, tags, created)
VALUES (:role_id, :account, :name, :folded, :path, :description, :trust, :trusted, :longest, :tags, :created)
ON CONFLICT DO NOTHING

-- name: role
SELECT r.role_id, r.account, r.name, r.folded, r.path, r.description, r.trust, r.trusted, r.longest, r.tags, r.created,
       b.policy_arn AS boundary
FROM iam_roles r
LEFT JOIN iam_boundaries b ON b.owner = r.role_id
WHERE r.account = :account AND r.folded = :folded

-- name: role_by_id
SELECT r.role_id, r.account, r.name, r.folded, r.path, r.description, r.trust, r.trusted, r.longest, r.tags, r.created,
       b.policy_arn AS boundary
FROM iam_roles r
LEFT JOIN iam_boundaries b ON b.owner = r.role_id
WHERE r.role_id = :role_id

-- name: roles
SELECT r.role_id, r.account, r.name, r.folded, r.path, r.description, r.trust, r.trusted, r.longest, r.tags, r.created,
       b.policy_arn AS boundary
FROM iam_roles r
LEFT JOIN iam_boundaries b ON b.owner = r.role_id
WHERE r.account = :account AND r.folded > :after AND substr(r.path, 1, CAST(:length AS INTEGER)) = :prefix
ORDER BY r.folded
LIMIT :size

-- name: any_role
SELECT 1 AS one FROM iam_roles WHERE account = :account LIMIT 1

-- name: count_roles
SELECT COUNT(*) AS n FROM iam_roles WHERE account = :account

-- name: set_trust
UPDATE iam_roles SET trust = :trust, trusted = :trusted WHERE role_id = :role_id

-- name: set_role
UPDATE iam_roles SET description = :description, longest = :longest WHERE role_id = :role_id

-- name: set_role_tags
UPDATE iam_roles SET tags = :tags WHERE role_id = :role_id

-- name: delete_role
DELETE FROM iam_roles WHERE role_id = :role_id

-- name: session_role
SELECT r.account, r.name, r.path, r.tags, a.canonical_id
FROM iam_roles r
JOIN accounts a ON a.account = r.account
WHERE r.role_id = :role_id
