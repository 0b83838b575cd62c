-- Collections of faces. `collection_key` is a collection's own for ever, `name` what its account calls it; keys sort by their
-- making. `model_version`: the models by whose features its faces can be compared.
CREATE TABLE rekognition_collections (
    account         TEXT    NOT NULL,
    region          TEXT    NOT NULL,
    name            TEXT    NOT NULL,
    collection_key  TEXT    NOT NULL,
    model_version   TEXT    NOT NULL,
    created         INTEGER NOT NULL,
    PRIMARY KEY (account, region, name)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX rekognition_collections_in_order ON rekognition_collections (account, region, collection_key);

-- Their faces. `image_digest`: the sha256 of the picture; `external_id`: '' for none; `box_*`: fractions of the picture's sides;
-- `features`: 128 floats, little endian; `user_id`: whom it is associated with, '' for nobody. The faces of a deleted collection go later.
CREATE TABLE rekognition_faces (
    collection_key  TEXT    NOT NULL,
    face_key        TEXT    NOT NULL,
    account         TEXT    NOT NULL,
    region          TEXT    NOT NULL,
    face_id         TEXT    NOT NULL,
    image_id        TEXT    NOT NULL,
    image_digest    BLOB    NOT NULL,
    external_id     TEXT    NOT NULL,
    box_left        REAL    NOT NULL,
    box_top         REAL    NOT NULL,
    box_width       REAL    NOT NULL,
    box_height      REAL    NOT NULL,
    confidence      REAL    NOT NULL,
    features        BLOB    NOT NULL,
    user_id         TEXT    NOT NULL,
    PRIMARY KEY (collection_key, face_key)
) STRICT;
CREATE UNIQUE INDEX rekognition_faces_by_id ON rekognition_faces (collection_key, face_id);
CREATE INDEX rekognition_faces_by_image ON rekognition_faces (collection_key, image_digest, external_id);
CREATE INDEX rekognition_faces_by_user ON rekognition_faces (collection_key, user_id);

-- Users of collections. Keys sort by their making; `revision` counts the changes of what is associated with a user.
CREATE TABLE rekognition_users (
    collection_key  TEXT    NOT NULL,
    user_key        TEXT    NOT NULL,
    account         TEXT    NOT NULL,
    region          TEXT    NOT NULL,
    user_id         TEXT    NOT NULL,
    revision        INTEGER NOT NULL,
    PRIMARY KEY (collection_key, user_key)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX rekognition_users_by_id ON rekognition_users (collection_key, user_id);

-- What was answered to changes of users, by the client's token. `request` and `answer` are JSON, `made` in microseconds.
CREATE TABLE rekognition_user_requests (
    account         TEXT    NOT NULL,
    region          TEXT    NOT NULL,
    operation       TEXT    NOT NULL,
    token           TEXT    NOT NULL,
    collection_key  TEXT    NOT NULL,
    request         TEXT    NOT NULL,
    answer          TEXT    NOT NULL,
    made            INTEGER NOT NULL,
    PRIMARY KEY (account, region, operation, token)
) STRICT, WITHOUT ROWID;
CREATE INDEX rekognition_user_requests_by_collection ON rekognition_user_requests (collection_key, made);
