-- Collections of faces. `collection_key` is a collection's own for ever, `name` what its account calls it; keys sort by their
-- making. `model_version`: the models by whose features its faces can be compared.
CREATE TABLE rekognition_collections (
    account         TEXT COLLATE "C" NOT NULL,
    region          TEXT COLLATE "C" NOT NULL,
    name            TEXT COLLATE "C" NOT NULL,
    collection_key  TEXT COLLATE "C" NOT NULL,
    model_version   TEXT COLLATE "C" NOT NULL,
    created         BIGINT           NOT NULL,
    PRIMARY KEY (account, region, name)
);
CREATE UNIQUE INDEX rekognition_collections_in_order ON rekognition_collections (account, region, collection_key);

-- Their faces. `image_digest`: the sha256 of the picture; `external_id`: '' for none; `box_*`: fractions of the picture's sides;
-- `features`: 128 floats, little endian; `user_id`: whom it is associated with, '' for nobody. The faces of a deleted collection go later.
CREATE TABLE rekognition_faces (
    collection_key  TEXT COLLATE "C" NOT NULL,
    face_key        TEXT COLLATE "C" NOT NULL,
    account         TEXT COLLATE "C" NOT NULL,
    region          TEXT COLLATE "C" NOT NULL,
    face_id         TEXT COLLATE "C" NOT NULL,
    image_id        TEXT COLLATE "C" NOT NULL,
    image_digest    BYTEA            NOT NULL,
    external_id     TEXT COLLATE "C" NOT NULL,
    box_left        DOUBLE PRECISION NOT NULL,
    box_top         DOUBLE PRECISION NOT NULL,
    box_width       DOUBLE PRECISION NOT NULL,
    box_height      DOUBLE PRECISION NOT NULL,
    confidence      DOUBLE PRECISION NOT NULL,
    features        BYTEA            NOT NULL,
    user_id         TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (collection_key, face_key)
);
CREATE UNIQUE INDEX rekognition_faces_by_id ON rekognition_faces (collection_key, face_id);
CREATE INDEX rekognition_faces_by_image ON rekognition_faces (collection_key, image_digest, external_id);
CREATE INDEX rekognition_faces_by_user ON rekognition_faces (collection_key, user_id);

-- Users of collections. Keys sort by their making; `revision` counts the changes of what is associated with a user.
CREATE TABLE rekognition_users (
    collection_key  TEXT COLLATE "C" NOT NULL,
    user_key        TEXT COLLATE "C" NOT NULL,
    account         TEXT COLLATE "C" NOT NULL,
    region          TEXT COLLATE "C" NOT NULL,
    user_id         TEXT COLLATE "C" NOT NULL,
    revision        BIGINT           NOT NULL,
    PRIMARY KEY (collection_key, user_key)
);
CREATE UNIQUE INDEX rekognition_users_by_id ON rekognition_users (collection_key, user_id);

-- What was answered to changes of users, by the client's token. `request` and `answer` are JSON, `made` in microseconds.
CREATE TABLE rekognition_user_requests (
    account         TEXT COLLATE "C" NOT NULL,
    region          TEXT COLLATE "C" NOT NULL,
    operation       TEXT COLLATE "C" NOT NULL,
    token           TEXT COLLATE "C" NOT NULL,
    collection_key  TEXT COLLATE "C" NOT NULL,
    request         TEXT COLLATE "C" NOT NULL,
    answer          TEXT COLLATE "C" NOT NULL,
    made            BIGINT           NOT NULL,
    PRIMARY KEY (account, region, operation, token)
);
CREATE INDEX rekognition_user_requests_by_collection ON rekognition_user_requests (collection_key, made);
