-- Custom Labels: projects, their datasets and the models that were trained of them. Resources are known by their ARNs.
CREATE TABLE rekognition_projects (
    arn         TEXT    NOT NULL PRIMARY KEY,
    account     TEXT    NOT NULL REFERENCES accounts (account),
    region      TEXT    NOT NULL,
    name        TEXT    NOT NULL,
    created     INTEGER NOT NULL,
    UNIQUE (account, region, name)
) STRICT, WITHOUT ROWID;

-- `kind`: TRAIN or TEST. `next_number` is the number that the next entry gets.
CREATE TABLE rekognition_datasets (
    arn         TEXT    NOT NULL PRIMARY KEY,
    project_arn TEXT    NOT NULL REFERENCES rekognition_projects (arn),
    kind        TEXT    NOT NULL,
    status      TEXT    NOT NULL,
    message     TEXT    NOT NULL,
    code        TEXT    NOT NULL,
    next_number INTEGER NOT NULL,
    created     INTEGER NOT NULL,
    updated     INTEGER NOT NULL,
    UNIQUE (project_arn, kind)
) STRICT, WITHOUT ROWID;

-- Pictures of datasets, in their order. `line`: the entry as it is shown (JSON); `is_labeled`, `has_errors`: 0 or 1.
CREATE TABLE rekognition_entries (
    dataset_arn TEXT    NOT NULL REFERENCES rekognition_datasets (arn),
    number      INTEGER NOT NULL,
    source_ref  TEXT    NOT NULL,
    line        TEXT    NOT NULL,
    is_labeled  INTEGER NOT NULL,
    has_errors  INTEGER NOT NULL,
    PRIMARY KEY (dataset_arn, number),
    UNIQUE (dataset_arn, source_ref)
) STRICT, WITHOUT ROWID;

-- The labels of those pictures; `boxed`: 0, or 1 where the label has bounding boxes.
CREATE TABLE rekognition_entry_labels (
    dataset_arn TEXT    NOT NULL,
    number      INTEGER NOT NULL,
    label       TEXT    NOT NULL,
    boxed       INTEGER NOT NULL,
    PRIMARY KEY (dataset_arn, label, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX rekognition_entry_labels_by_number ON rekognition_entry_labels (dataset_arn, number);

-- Versions of projects. `request`: what was asked for when it was made (JSON); `result`: what training came to (JSON, or
-- '' before). `units`: JSON, the inference units that it was started with.
CREATE TABLE rekognition_versions (
    arn         TEXT    NOT NULL PRIMARY KEY,
    project_arn TEXT    NOT NULL REFERENCES rekognition_projects (arn),
    name        TEXT    NOT NULL,
    status      TEXT    NOT NULL,
    message     TEXT    NOT NULL,
    request     TEXT    NOT NULL,
    result      TEXT    NOT NULL,
    units       TEXT    NOT NULL,
    created     INTEGER NOT NULL,
    UNIQUE (project_arn, name)
) STRICT, WITHOUT ROWID;

-- What they have learnt (services/rekognition/ does not know what is in it).
CREATE TABLE rekognition_models (
    version_arn TEXT    NOT NULL PRIMARY KEY REFERENCES rekognition_versions (arn),
    model       BLOB    NOT NULL
) STRICT;

CREATE TABLE rekognition_tags (
    arn         TEXT    NOT NULL,
    key         TEXT    NOT NULL,
    value       TEXT    NOT NULL,
    PRIMARY KEY (arn, key)
) STRICT, WITHOUT ROWID;
