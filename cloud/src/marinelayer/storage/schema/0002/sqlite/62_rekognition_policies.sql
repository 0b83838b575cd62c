-- Policies of Custom Labels' projects, of which each may have several. `document`: as it was put (JSON text); `principals`: the
-- unique id that each principal in it had then (JSON); `revision`: 32 hex digits, new at each change.
CREATE TABLE rekognition_project_policies (
    project_arn TEXT    NOT NULL REFERENCES rekognition_projects (arn),
    name        TEXT    NOT NULL,
    revision    TEXT    NOT NULL,
    document    TEXT    NOT NULL,
    principals  TEXT    NOT NULL,
    created     INTEGER NOT NULL,
    updated     INTEGER NOT NULL,
    PRIMARY KEY (project_arn, name)
) STRICT, WITHOUT ROWID;
