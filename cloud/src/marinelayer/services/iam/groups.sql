-- name: put_group
INSERT INTO iam_groups (group_id, account, name, folded, path, created)
VALUES (:group_id, :account, :name, :folded, :path, :created)
ON CONFLICT DO NOTHING

-- name: group
SELECT group_id, account, name, folded, path, created
FROM iam_groups
WHERE account = :account AND folded = :folded

-- name: group_by_id
SELECT group_id FROM iam_groups WHERE group_id = :group_id

-- name: groups
SELECT group_id, account, name, folded, path, created
FROM iam_groups
WHERE account = :account AND folded > :after AND substr(path, 1, CAST(:length AS INTEGER)) = :prefix
ORDER BY folded
LIMIT :size

-- name: any_group
SELECT 1 AS one FROM iam_groups WHERE account = :account LIMIT 1

-- name: count_groups
SELECT COUNT(*) AS n FROM iam_groups WHERE account = :account

-- name: set_group_name
UPDATE iam_groups SET name = :name, folded = :folded, path = :path WHERE group_id = :group_id

-- name: delete_group
DELETE FROM iam_groups WHERE group_id = :group_id

-- name: put_member
INSERT INTO iam_group_members (user_id, group_id) VALUES (:user_id, :group_id)
ON CONFLICT DO NOTHING

-- name: delete_member
DELETE FROM iam_group_members WHERE user_id = :user_id AND group_id = :group_id

-- name: any_member
SELECT 1 AS one FROM iam_group_members WHERE group_id = :group_id LIMIT 1

-- name: members
SELECT u.user_id, u.account, u.name, u.folded, u.path, u.tags, u.created, b.policy_arn AS boundary
FROM iam_group_members m
JOIN iam_users u ON u.user_id = m.user_id
LEFT JOIN iam_boundaries b ON b.owner = u.user_id
WHERE m.group_id = :group_id AND u.folded > :after
ORDER BY u.folded
LIMIT :size

-- name: groups_of_user
SELECT g.group_id, g.account, g.name, g.folded, g.path, g.created
FROM iam_group_members m
JOIN iam_groups g ON g.group_id = m.group_id
WHERE m.user_id = :user_id AND g.folded > :after
ORDER BY g.folded
LIMIT :size
