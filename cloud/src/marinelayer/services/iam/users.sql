-- name: put_user
INSERT INTO iam_users (user_id, account, name, folded, path, tags, created)
VALUES (:user_id, :account, :name, :folded, :path, :tags, :created)
ON CONFLICT DO NOTHING

-- name: user
SELECT u.user_id, u.account, u.name, u.folded, u.path, u.tags, u.created, b.policy_arn AS boundary
FROM iam_users u
LEFT JOIN iam_boundaries b ON b.owner = u.user_id
WHERE u.account = :account AND u.folded = :folded

-- name: user_by_id
SELECT u.user_id, u.account, u.name, u.folded, u.path, u.tags, u.created, b.policy_arn AS boundary
FROM iam_users u
LEFT JOIN iam_boundaries b ON b.owner = u.user_id
WHERE u.user_id = :user_id

-- name: users
SELECT u.user_id, u.account, u.name, u.folded, u.path, u.tags, u.created, b.policy_arn AS boundary
FROM iam_users u
LEFT JOIN iam_boundaries b ON b.owner = u.user_id
WHERE u.account = :account AND u.folded > :after AND substr(u.path, 1, CAST(:length AS INTEGER)) = :prefix
ORDER BY u.folded
LIMIT :size

-- name: any_user
SELECT 1 AS one FROM iam_users WHERE account = :account LIMIT 1

-- name: count_users
SELECT COUNT(*) AS n FROM iam_users WHERE account = :account

-- name: set_user_name
UPDATE iam_users SET name = :name, folded = :folded, path = :path WHERE user_id = :user_id

-- name: set_user_tags
UPDATE iam_users SET tags = :tags WHERE user_id = :user_id

-- name: any_login_profile
SELECT 1 AS one FROM iam_login_profiles WHERE user_id = :user_id

-- name: any_group_of_user
SELECT 1 AS one FROM iam_group_members WHERE user_id = :user_id LIMIT 1

-- name: delete_user
DELETE FROM iam_users WHERE user_id = :user_id
