-- Comprehend: trained models, endpoints and jobs.

-- kind: as in the ARN ('document-classifier', 'sentiment-detection-job', ...). version: '' where there is none.
-- created, ended: microseconds; ended NULL while it lasts. token: the client's, NULL where none was given; digest: of the
-- request that came with it. model: the ARN of the model that it uses, or ''. blob_id: where a model's bytes are.
-- tags: JSON object. document: JSON, all else that its description tells.
CREATE TABLE comprehend_resources (
    arn      TEXT    NOT NULL PRIMARY KEY,
    account  TEXT    NOT NULL,
    region   TEXT    NOT NULL,
    kind     TEXT    NOT NULL,
    name     TEXT    NOT NULL,
    version  TEXT    NOT NULL,
    status   TEXT    NOT NULL,
    message  TEXT    NOT NULL,
    created  INTEGER NOT NULL,
    ended    INTEGER,
    token    TEXT,
    digest   TEXT    NOT NULL,
    model    TEXT    NOT NULL,
    blob_id  TEXT,
    tags     TEXT    NOT NULL,
    document TEXT    NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX comprehend_by_time ON comprehend_resources (account, region, kind, created, arn);
CREATE UNIQUE INDEX comprehend_by_token ON comprehend_resources (account, region, kind, token) WHERE token IS NOT NULL;
CREATE INDEX comprehend_by_model ON comprehend_resources (model) WHERE model <> '';
CREATE INDEX comprehend_by_blob ON comprehend_resources (blob_id) WHERE blob_id IS NOT NULL;
