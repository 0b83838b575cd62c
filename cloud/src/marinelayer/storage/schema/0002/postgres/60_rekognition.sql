-- Custom Labels: projects, their datasets and the models that were trained of them. Resources are known by their ARNs.
CREATE TABLE rekognition_projects (
    arn         TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    account     TEXT COLLATE "C" NOT NULL REFERENCES accounts (account),
    region      TEXT COLLATE "C" NOT NULL,
    name        TEXT COLLATE "C" NOT NULL,
    created     BIGINT NOT NULL,
    UNIQUE (account, region, name)
);

-- `kind`: TRAIN or TEST. `next_number` is the number that the next entry gets.
CREATE TABLE rekognition_datasets (
    arn         TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    project_arn TEXT COLLATE "C" NOT NULL REFERENCES rekognition_projects (arn),
    kind        TEXT COLLATE "C" NOT NULL,
    status      TEXT COLLATE "C" NOT NULL,
    message     TEXT COLLATE "C" NOT NULL,
    code        TEXT COLLATE "C" NOT NULL,
    next_number BIGINT NOT NULL,
    created     BIGINT NOT NULL,
    updated     BIGINT NOT NULL,
    UNIQUE (project_arn, kind)
);

-- Pictures of datasets, in their order. `line`: the entry as it is shown (JSON); `is_labeled`, `has_errors`: 0 or 1.
CREATE TABLE rekognition_entries (
    dataset_arn TEXT COLLATE "C" NOT NULL REFERENCES rekognition_datasets (arn),
    number      BIGINT NOT NULL,
    source_ref  TEXT COLLATE "C" NOT NULL,
    line        TEXT COLLATE "C" NOT NULL,
    is_labeled  BIGINT NOT NULL,
    has_errors  BIGINT NOT NULL,
    PRIMARY KEY (dataset_arn, number),
    UNIQUE (dataset_arn, source_ref)
);

-- The labels of those pictures; `boxed`: 0, or 1 where the label has bounding boxes.
CREATE TABLE rekognition_entry_labels (
    dataset_arn TEXT COLLATE "C" NOT NULL,
    number      BIGINT NOT NULL,
    label       TEXT COLLATE "C" NOT NULL,
    boxed       BIGINT NOT NULL,
    PRIMARY KEY (dataset_arn, label, number)
);
CREATE INDEX rekognition_entry_labels_by_number ON rekognition_entry_labels (dataset_arn, number);

-- Versions of projects. `request`: what was asked for when it was made (JSON); `result`: what training came to (JSON, or
-- '' before). `units`: JSON, the inference units that it was started with.
CREATE TABLE rekognition_versions (
    arn         TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    project_arn TEXT COLLATE "C" NOT NULL REFERENCES rekognition_projects (arn),
    name        TEXT COLLATE "C" NOT NULL,
    status      TEXT COLLATE "C" NOT NULL,
    message     TEXT COLLATE "C" NOT NULL,
    request     TEXT COLLATE "C" NOT NULL,
    result      TEXT COLLATE "C" NOT NULL,
    units       TEXT COLLATE "C" NOT NULL,
    created     BIGINT NOT NULL,
    UNIQUE (project_arn, name)
);

-- What they have learnt (services/rekognition/ does not know what is in it).
CREATE TABLE rekognition_models (
    version_arn TEXT COLLATE "C" NOT NULL PRIMARY KEY REFERENCES rekognition_versions (arn),
    model       BYTEA NOT NULL
);

CREATE TABLE rekognition_tags (
    arn         TEXT COLLATE "C" NOT NULL,
    key         TEXT COLLATE "C" NOT NULL,
    value       TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (arn, key)
);
