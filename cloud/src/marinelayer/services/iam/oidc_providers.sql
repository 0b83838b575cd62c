-- name: put_provider
INSERT INTO iam_oidc_providers (account, url, client_ids, thumbprints, tags, created)
VALUES (:account, :url, :client_ids, :thumbprints, :tags, :created)
ON CONFLICT DO NOTHING

-- name: provider
SELECT account, url, client_ids, thumbprints, tags, created
FROM iam_oidc_providers
WHERE account = :account AND url = :url

-- name: providers
SELECT url FROM iam_oidc_providers WHERE account = :account ORDER BY url

-- name: set_provider
UPDATE iam_oidc_providers
SET client_ids = :client_ids, thumbprints = :thumbprints, tags = :tags
WHERE account = :account AND url = :url

-- name: delete_provider
DELETE FROM iam_oidc_providers WHERE account = :account AND url = :url
