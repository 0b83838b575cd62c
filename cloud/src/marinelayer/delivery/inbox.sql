-- name: put
INSERT INTO inbox (message_id, account, channel, recipient, sender, subject, text, links, state, error, created)
VALUES (:message_id, :account, :channel, :recipient, :sender, :subject, :text, :links, :state, '', :created)
ON CONFLICT (message_id) DO NOTHING

-- name: state
SELECT state FROM inbox WHERE message_id = :message_id

-- name: mark
UPDATE inbox SET state = :state, error = :error WHERE message_id = :message_id

-- name: message
SELECT message_id, account, channel, recipient, sender, subject, text, links, state, error, created
FROM inbox
WHERE message_id = :message_id

-- name: page
SELECT message_id, account, channel, recipient, sender, subject, text, links, state, error, created
FROM inbox
WHERE (created, message_id) < (:created, :message_id)
ORDER BY created DESC, message_id DESC
LIMIT :size

-- name: page_of_account
SELECT message_id, account, channel, recipient, sender, subject, text, links, state, error, created
FROM inbox
WHERE account = :account AND (created, message_id) < (:created, :message_id)
ORDER BY created DESC, message_id DESC
LIMIT :size

-- name: forget
DELETE FROM inbox WHERE account = :account
