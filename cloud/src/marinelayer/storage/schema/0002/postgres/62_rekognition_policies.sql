-- Policies of Custom Labels' projects, of which each may have several. `document`: as it was put (JSON text); `principals`: the
-- unique id that each principal in it had then (JSON); `revision`: 32 hex digits, new at each change.
CREATE TABLE rekognition_project_policies (
    project_arn TEXT COLLATE "C" NOT NULL REFERENCES rekognition_projects (arn),
    name        TEXT COLLATE "C" NOT NULL,
    revision    TEXT COLLATE "C" NOT NULL,
    document    TEXT COLLATE "C" NOT NULL,
    principals  TEXT COLLATE "C" NOT NULL,
    created     BIGINT NOT NULL,
    updated     BIGINT NOT NULL,
    PRIMARY KEY (project_arn, name)
);
