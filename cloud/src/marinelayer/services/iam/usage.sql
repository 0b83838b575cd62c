-- name: put_key_use
INSERT INTO iam_key_uses (access_key_id, used, service, region) VALUES (:access_key_id, :used, :service, :region)
ON CONFLICT (access_key_id) DO UPDATE SET used = excluded.used, service = excluded.service, region = excluded.region

-- name: key_use
SELECT used, service, region FROM iam_key_uses WHERE access_key_id = :access_key_id

-- name: owner_of_key
SELECT k.account, k.owner, u.name
FROM iam_access_keys k
LEFT JOIN iam_users u ON u.user_id = k.owner
WHERE k.access_key_id = :access_key_id

-- name: summary
SELECT (SELECT COUNT(*) FROM iam_users WHERE account = :account) AS users,
       (SELECT COUNT(*) FROM iam_groups WHERE account = :account) AS groups,
       (SELECT COUNT(*) FROM iam_roles WHERE account = :account) AS roles,
       (SELECT COUNT(*) FROM iam_instance_profiles WHERE account = :account) AS profiles,
       (SELECT COUNT(*) FROM iam_policies WHERE account = :account) AS policies,
       (SELECT COUNT(*) FROM iam_policy_versions v JOIN iam_policies p ON p.arn = v.policy_arn
        WHERE p.account = :account) AS versions,
       (SELECT COUNT(*) FROM iam_access_keys WHERE owner = :account) AS root_keys

-- name: report_keys
SELECT k.access_key_id, k.owner, k.status, k.created, s.used, s.service, s.region
FROM iam_access_keys k
LEFT JOIN iam_key_uses s ON s.access_key_id = k.access_key_id
WHERE k.account = :account
ORDER BY k.owner, k.created, k.access_key_id

-- name: report_users
SELECT u.user_id, u.name, u.path, u.account, u.created, l.changed
FROM iam_users u
LEFT JOIN iam_login_profiles l ON l.user_id = u.user_id
WHERE u.account = :account
ORDER BY u.folded

-- name: put_report
INSERT INTO iam_credential_reports (account, content, created) VALUES (:account, :content, :created)
ON CONFLICT (account) DO UPDATE SET content = excluded.content, created = excluded.created

-- name: report
SELECT content, created FROM iam_credential_reports WHERE account = :account
