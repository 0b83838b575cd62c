-- name: put_user
INSERT INTO rekognition_users (collection_key, user_key, account, region, user_id, revision)
VALUES (:collection_key, :user_key, :account, :region, :user_id, 0)
ON CONFLICT (collection_key, user_id) DO NOTHING

-- name: user
SELECT user_key, user_id, revision, (
    SELECT COUNT(*) FROM rekognition_faces AS f WHERE f.collection_key = u.collection_key AND f.user_id = u.user_id
) AS faces
FROM rekognition_users AS u WHERE collection_key = :collection_key AND user_id = :user_id

-- name: users
SELECT user_key, user_id, revision, (
    SELECT COUNT(*) FROM rekognition_faces AS f WHERE f.collection_key = u.collection_key AND f.user_id = u.user_id
) AS faces
FROM rekognition_users AS u WHERE collection_key = :collection_key AND user_key > :after
ORDER BY user_key LIMIT :size

-- name: change_user
-- Where nobody else changed it meanwhile.
UPDATE rekognition_users SET revision = revision + 1
WHERE collection_key = :collection_key AND user_key = :user_key AND revision = :revision

-- name: delete_user
DELETE FROM rekognition_users WHERE collection_key = :collection_key AND user_id = :user_id

-- name: associate_face
-- With one whom it is not, '' standing for nobody.
UPDATE rekognition_faces SET user_id = :user_id
WHERE collection_key = :collection_key AND face_id = :face_id AND user_id = :known

-- name: disassociate_all
UPDATE rekognition_faces SET user_id = '' WHERE collection_key = :collection_key AND user_id = :user_id

-- name: candidate
SELECT face_id, user_id, features FROM rekognition_faces
WHERE collection_key = :collection_key AND face_id = :face_id

-- name: features_of_user
SELECT features FROM rekognition_faces WHERE collection_key = :collection_key AND user_id = :user_id ORDER BY face_key

-- name: features_of_users
SELECT user_id, features FROM rekognition_faces WHERE collection_key = :collection_key AND user_id > ''
ORDER BY user_id, face_key

-- name: request
SELECT collection_key, request, answer, made FROM rekognition_user_requests
WHERE account = :account AND region = :region AND operation = :operation AND token = :token

-- name: put_request
INSERT INTO rekognition_user_requests (account, region, operation, token, collection_key, request, answer, made)
VALUES (:account, :region, :operation, :token, :collection_key, :request, :answer, :made)
ON CONFLICT (account, region, operation, token) DO UPDATE
SET collection_key = excluded.collection_key, request = excluded.request, answer = excluded.answer, made = excluded.made

-- name: delete_old_requests
-- Those of a collection that were made before a time, some of them.
DELETE FROM rekognition_user_requests WHERE (account, region, operation, token) IN (
    SELECT account, region, operation, token FROM rekognition_user_requests
    WHERE collection_key = :collection_key AND made < :before ORDER BY made LIMIT :size
)
