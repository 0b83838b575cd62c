-- name: put
INSERT INTO translate_terminologies (
    account, region, name, revision, description, format, directionality, source, targets, tags, size, terms, skipped,
    created, updated
)
VALUES (
    :account, :region, :name, :revision, :description, :format, :directionality, :source, :targets, :tags, :size, :terms,
    :skipped, :now, :now
)
ON CONFLICT (account, region, name) DO UPDATE SET
    revision = excluded.revision, description = excluded.description, format = excluded.format,
    directionality = excluded.directionality, source = excluded.source, targets = excluded.targets,
    tags = excluded.tags, size = excluded.size, terms = excluded.terms, skipped = excluded.skipped,
    updated = excluded.updated;

-- name: put_file
INSERT INTO translate_terminology_files (account, region, name, file, warnings)
VALUES (:account, :region, :name, :file, :warnings)
ON CONFLICT (account, region, name) DO UPDATE SET file = excluded.file, warnings = excluded.warnings;

-- name: get
SELECT * FROM translate_terminologies WHERE account = :account AND region = :region AND name = :name;

-- name: get_file
SELECT t.*, f.file, f.warnings
FROM translate_terminologies t
JOIN translate_terminology_files f ON f.account = t.account AND f.region = t.region AND f.name = t.name
WHERE t.account = :account AND t.region = :region AND t.name = :name;

-- name: count
SELECT COUNT(*) AS n FROM translate_terminologies WHERE account = :account AND region = :region;

-- name: page
SELECT * FROM translate_terminologies
WHERE account = :account AND region = :region AND name > :after
ORDER BY name LIMIT :n;

-- name: set_tags
UPDATE translate_terminologies SET tags = :tags WHERE account = :account AND region = :region AND name = :name;

-- name: remove
DELETE FROM translate_terminologies WHERE account = :account AND region = :region AND name = :name;

-- name: remove_file
DELETE FROM translate_terminology_files WHERE account = :account AND region = :region AND name = :name;

-- name: any_of
SELECT 1 AS one FROM translate_terminologies WHERE account = :account LIMIT 1;
