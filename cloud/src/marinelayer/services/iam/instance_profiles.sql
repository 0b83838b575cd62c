-- name: put_profile
INSERT INTO iam_instance_profiles (profile_id, account, name, folded, path, role_id, tags, created)
VALUES (:profile_id, :account, :name, :folded, :path, '', :tags, :created)
ON CONFLICT DO NOTHING

-- name: profile
SELECT profile_id, account, name, folded, path, role_id, tags, created
FROM iam_instance_profiles
WHERE account = :account AND folded = :folded

-- name: profile_by_id
SELECT profile_id, account, name, folded, path, role_id, tags, created
FROM iam_instance_profiles
WHERE profile_id = :profile_id

-- name: profiles
SELECT profile_id, account, name, folded, path, role_id, tags, created
FROM iam_instance_profiles
WHERE account = :account AND folded > :after AND substr(path, 1, CAST(:length AS INTEGER)) = :prefix
ORDER BY folded
LIMIT :size

-- name: profiles_of_role
SELECT profile_id, account, name, folded, path, role_id, tags, created
FROM iam_instance_profiles
WHERE role_id = :role_id AND folded > :after
ORDER BY folded
LIMIT :size

-- name: any_profile
SELECT 1 AS one FROM iam_instance_profiles WHERE account = :account LIMIT 1

-- name: count_profiles
SELECT COUNT(*) AS n FROM iam_instance_profiles WHERE account = :account

-- name: set_profile_role
UPDATE iam_instance_profiles SET role_id = :role_id WHERE profile_id = :profile_id

-- name: set_profile_tags
UPDATE iam_instance_profiles SET tags = :tags WHERE profile_id = :profile_id

-- name: delete_profile
DELETE FROM iam_instance_profiles WHERE profile_id = :profile_id
