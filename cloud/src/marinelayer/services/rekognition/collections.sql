-- name: put_collection
INSERT INTO rekognition_collections (account, region, name, collection_key, model_version, created)
VALUES (:account, :region, :name, :collection_key, :model_version, :created)
ON CONFLICT (account, region, name) DO NOTHING;

-- name: collection
SELECT * FROM rekognition_collections WHERE account = :account AND region = :region AND name = :name;

-- name: collections
SELECT * FROM rekognition_collections
WHERE account = :account AND region = :region AND collection_key > :after
ORDER BY collection_key LIMIT :size;

-- name: delete_collection
DELETE FROM rekognition_collections WHERE collection_key = :collection_key;

-- name: delete_faces_of
DELETE FROM rekognition_faces WHERE collection_key = :collection_key AND face_key IN (
    SELECT face_key FROM rekognition_faces WHERE collection_key = :collection_key ORDER BY face_key LIMIT :size
);

-- name: count_faces
SELECT COUNT(*) AS n FROM rekognition_faces WHERE collection_key = :collection_key;

-- name: count_users
SELECT COUNT(*) AS n FROM rekognition_users WHERE collection_key = :collection_key;

-- name: delete_users_of
DELETE FROM rekognition_users WHERE collection_key = :collection_key AND user_key IN (
    SELECT user_key FROM rekognition_users WHERE collection_key = :collection_key ORDER BY user_key LIMIT :size
);

-- name: delete_user_requests_of
DELETE FROM rekognition_user_requests WHERE (account, region, operation, token) IN (
    SELECT account, region, operation, token FROM rekognition_user_requests
    WHERE collection_key = :collection_key ORDER BY made LIMIT :size
);

-- name: put_face
INSERT INTO rekognition_faces (
    collection_key, face_key, account, region, face_id, image_id, image_digest, external_id, box_left, box_top, box_width,
    box_height, confidence, features, user_id
)
VALUES (
    :collection_key, :face_key, :account, :region, :face_id, :image_id, :image_digest, :external_id, :box_left, :box_top,
    :box_width, :box_height, :confidence, :features, ''
);

-- name: faces_of_image
SELECT * FROM rekognition_faces
WHERE collection_key = :collection_key AND image_digest = :image_digest AND external_id = :external_id
ORDER BY face_key;

-- name: face
SELECT * FROM rekognition_faces WHERE collection_key = :collection_key AND face_id = :face_id;

-- name: faces
SELECT face_key, face_id, image_id, external_id, box_left, box_top, box_width, box_height, confidence,
       user_id
FROM rekognition_faces
WHERE collection_key = :collection_key AND face_key > :after
ORDER BY face_key LIMIT :size;

-- name: faces_of_user
SELECT face_key, face_id, image_id, external_id, box_left, box_top, box_width, box_height, confidence, user_id
FROM rekognition_faces
WHERE collection_key = :collection_key AND user_id = :user_id AND face_key > :after
ORDER BY face_key LIMIT :size;

-- name: features
SELECT face_id, features FROM rekognition_faces WHERE collection_key = :collection_key ORDER BY face_key;

-- name: delete_face
-- One that is associated with a user stays.
DELETE FROM rekognition_faces WHERE collection_key = :collection_key AND face_id = :face_id AND user_id = '';

-- name: any_collection
SELECT 1 AS one FROM rekognition_collections WHERE account = :account LIMIT 1
