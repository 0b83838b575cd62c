-- name: put_policy
INSERT INTO iam_policies
    (arn, policy_id, account, name, folded, path, description, tags, default_version, next_version, created, updated)
VALUES
    (:arn, :policy_id, :account, :name, :folded, :path, :description, :tags, 1, 2, :created, :created)
ON CONFLICT DO NOTHING

-- name: policy
SELECT arn, policy_id, account, name, path, description, tags, default_version, created, updated,
       (SELECT COUNT(*) FROM iam_attachments t WHERE t.account = p.account AND t.policy_arn = p.arn) AS attachments,
       (SELECT COUNT(*) FROM iam_boundaries b WHERE b.account = p.account AND b.policy_arn = p.arn) AS boundaries
FROM iam_policies p
WHERE p.arn = :arn AND p.account = :account

-- name: policies
SELECT arn, policy_id, account, name, folded, path, description, tags, default_version, created, updated,
       attachments, boundaries
FROM (
    SELECT p.arn, p.policy_id, p.account, p.name, p.folded, p.path, p.description, p.tags, p.default_version,
           p.created, p.updated,
           (SELECT COUNT(*) FROM iam_attachments t WHERE t.account = p.account AND t.policy_arn = p.arn) AS attachments,
           (SELECT COUNT(*) FROM iam_boundaries b WHERE b.account = p.account AND b.policy_arn = p.arn) AS boundaries
    FROM iam_policies p
    WHERE p.account = :account AND p.folded > :after AND substr(p.path, 1, CAST(:length AS INTEGER)) = :prefix
) counted
WHERE attachments >= :least_attachments AND boundaries >= :least_boundaries AND attachments + boundaries >= :least_uses
ORDER BY folded
LIMIT :size

-- name: count_policies
SELECT COUNT(*) AS n FROM iam_policies WHERE account = :account

-- name: uses_of_policy
SELECT (SELECT COUNT(*) FROM iam_attachments t WHERE t.account = :account AND t.policy_arn = :arn) AS attachments,
       (SELECT COUNT(*) FROM iam_boundaries b WHERE b.account = :account AND b.policy_arn = :arn) AS boundaries

-- name: set_policy_tags
UPDATE iam_policies SET tags = :tags WHERE arn = :arn

-- name: delete_policy
DELETE FROM iam_policies WHERE arn = :arn

-- name: next_policy_version
UPDATE iam_policies SET next_version = next_version + 1, updated = :now
WHERE arn = :arn
RETURNING next_version - 1 AS version

-- name: set_default_policy_version
UPDATE iam_policies SET default_version = :version, updated = :now WHERE arn = :arn

-- name: put_policy_version
INSERT INTO iam_policy_versions (policy_arn, version, document, created) VALUES (:arn, :version, :document, :created)

-- name: policy_version
SELECT version, document, created FROM iam_policy_versions WHERE policy_arn = :arn AND version = :version

-- name: policy_versions
SELECT version, document, created FROM iam_policy_versions WHERE policy_arn = :arn ORDER BY version DESC

-- name: delete_policy_version
DELETE FROM iam_policy_versions WHERE policy_arn = :arn AND version = :version

-- name: delete_policy_versions
DELETE FROM iam_policy_versions WHERE policy_arn = :arn

-- name: attach
INSERT INTO iam_attachments (owner, policy_arn, account) VALUES (:owner, :arn, :account)
ON CONFLICT DO NOTHING

-- name: detach
DELETE FROM iam_attachments WHERE owner = :owner AND policy_arn = :arn

-- name: attached
SELECT policy_arn FROM iam_attachments WHERE owner = :owner ORDER BY policy_arn

-- name: set_boundary
INSERT INTO iam_boundaries (owner, policy_arn, account) VALUES (:owner, :arn, :account)
ON CONFLICT (owner) DO UPDATE SET policy_arn = excluded.policy_arn

-- name: delete_boundary
DELETE FROM iam_boundaries WHERE owner = :owner

-- name: boundary
SELECT policy_arn FROM iam_boundaries WHERE owner = :owner

-- name: put_inline_policy
INSERT INTO iam_inline_policies (owner, name, document)
VALUES (:owner, :name, :document)
ON CONFLICT (owner, name) DO UPDATE SET document = excluded.document

-- name: inline_policy
SELECT name, document FROM iam_inline_policies WHERE owner = :owner AND name = :name

-- name: inline_policies
SELECT name, document
FROM iam_inline_policies
WHERE owner = :owner AND name > :after
ORDER BY name
LIMIT :size

-- name: delete_inline_policy
DELETE FROM iam_inline_policies WHERE owner = :owner AND name = :name

-- name: held
-- What an owner acts by: its own policies and those of its groups, and its boundary. Documents of AWS's own policies
-- are not here.
WITH sources AS (
    SELECT CAST(:owner AS TEXT) AS source, '' AS via
    UNION ALL
    SELECT m.group_id AS source, 'group-' AS via FROM iam_group_members m WHERE m.user_id = :owner
)
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
FROM iam_boundaries b
LEFT JOIN iam_policies p ON p.arn = b.policy_arn
LEFT JOIN iam_policy_versions v ON v.policy_arn = p.arn AND v.version = p.default_version
WHERE b.owner = :owner
ORDER BY kind, policy

-- name: any_policy
SELECT 1 AS one FROM iam_policies WHERE account = :account LIMIT 1

-- name: entities_of_policy
WITH uses AS (
    SELECT owner FROM iam_attachments WHERE account = :account AND policy_arn = :arn AND :permissions = 1
    UNION
    SELECT owner FROM iam_boundaries WHERE account = :account AND policy_arn = :arn AND :boundaries = 1
)
SELECT kind, folded, name, id
FROM (
    SELECT 'group' AS kind, g.folded, g.name, g.group_id AS id, g.path
    FROM uses
    JOIN iam_groups g ON g.group_id = uses.owner
    UNION ALL
    SELECT 'user' AS kind, u.folded, u.name, u.user_id AS id, u.path
    FROM uses
    JOIN iam_users u ON u.user_id = uses.owner
    UNION ALL
    SELECT 'role' AS kind, r.folded, r.name, r.role_id AS id, r.path
    FROM uses
    JOIN iam_roles r ON r.role_id = uses.owner
) entities
WHERE (kind, folded) > (:kind, :after) AND (:only = '' OR kind = :only)
  AND substr(path, 1, CAST(:length AS INTEGER)) = :prefix
ORDER BY kind, folded
LIMIT :size
