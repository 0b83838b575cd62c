-- Comprehend: trained models, endpoints and jobs.

-- kind: as in the ARN ('document-classifier', 'sentiment-detection-job', ...). version: '' where there is none.
-- created, ended: microseconds; ended NULL while it lasts. token: the client's, NULL where none was given; digest: of the
-- request that came with it. model: the ARN of the model that it uses, or ''. blob_id: where a model's bytes are.
-- tags: JSON object. document: JSON, all else that its description tells.
CREATE TABLE comprehend_resources (
    arn      TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    account  TEXT COLLATE "C" NOT NULL,
    region   TEXT COLLATE "C" NOT NULL,
    kind     TEXT COLLATE "C" NOT NULL,
    name     TEXT COLLATE "C" NOT NULL,
    version  TEXT COLLATE "C" NOT NULL,
    status   TEXT COLLATE "C" NOT NULL,
    message  TEXT COLLATE "C" NOT NULL,
    created  BIGINT           NOT NULL,
    ended    BIGINT,
    token    TEXT COLLATE "C",
    digest   TEXT COLLATE "C" NOT NULL,
    model    TEXT COLLATE "C" NOT NULL,
    blob_id  TEXT COLLATE "C",
    tags     TEXT COLLATE "C" NOT NULL,
    document TEXT COLLATE "C" NOT NULL
);

CREATE INDEX comprehend_by_time ON comprehend_resources (account, region, kind, created, arn);
CREATE UNIQUE INDEX comprehend_by_token ON comprehend_resources (account, region, kind, token) WHERE token IS NOT NULL;
CREATE INDEX comprehend_by_model ON comprehend_resources (model) WHERE model <> '';
CREATE INDEX comprehend_by_blob ON comprehend_resources (blob_id) WHERE blob_id IS NOT NULL;
