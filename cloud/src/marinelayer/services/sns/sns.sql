-- name: put_topic
INSERT INTO sns_topics (topic_id, account, region, name, display_name, policy, principals, tags, ended, created)
VALUES (:topic_id, :account, :region, :name, :display_name, :policy, :principals, :tags, 0, :created)

-- name: topic
SELECT topic_id, account, region, name, display_name, policy, principals, tags, ended, created
FROM sns_topics
WHERE account = :account AND region = :region AND name = :name

-- name: topic_by_id
SELECT topic_id, account, region, name, display_name, policy, principals, tags, ended, created
FROM sns_topics
WHERE topic_id = :topic_id

-- name: topics
SELECT name FROM sns_topics
WHERE account = :account AND region = :region AND name > :after
ORDER BY name
LIMIT :size

-- name: set_display_name
UPDATE sns_topics SET display_name = :display_name WHERE topic_id = :topic_id

-- name: set_tags
UPDATE sns_topics SET tags = :tags WHERE topic_id = :topic_id

-- name: set_policy
UPDATE sns_topics SET policy = :policy, principals = :principals WHERE topic_id = :topic_id

-- name: delete_topic
DELETE FROM sns_topics WHERE topic_id = :topic_id

-- name: count_subscriptions
SELECT state, COUNT(*) AS n FROM sns_subscriptions
WHERE topic_id = :topic_id AND (state = 'confirmed' OR token_expires > :now)
GROUP BY state

-- name: put_subscription
INSERT INTO sns_subscriptions (subscription_id, topic_id, owner, subscriber, region, protocol, endpoint, state, token,
                               token_expires, signed, signed_end, created, filter_policy, filter_scope)
VALUES (:subscription_id, :topic_id, :owner, :subscriber, :region, :protocol, :endpoint, :state, :token,
        :token_expires, :signed, :signed_end, :created, :filter_policy, :filter_scope)

-- name: subscription
SELECT s.subscription_id, s.topic_id, s.owner, s.subscriber, s.protocol, s.endpoint, s.state, s.token, s.token_expires,
       s.signed, s.signed_end, s.filter_policy, s.filter_scope, t.account, t.region, t.name, t.display_name
FROM sns_subscriptions s
JOIN sns_topics t ON t.topic_id = s.topic_id
WHERE s.subscription_id = :subscription_id

-- name: subscription_of
SELECT s.subscription_id, s.topic_id, s.owner, s.subscriber, s.protocol, s.endpoint, s.state, s.token, s.token_expires,
       s.signed, s.signed_end, s.filter_policy, s.filter_scope, t.account, t.region, t.name, t.display_name
FROM sns_subscriptions s
JOIN sns_topics t ON t.topic_id = s.topic_id
WHERE s.topic_id = :topic_id AND s.protocol = :protocol AND s.endpoint = :endpoint

-- name: subscriptions_of_topic
SELECT s.subscription_id, s.topic_id, s.owner, s.subscriber, s.protocol, s.endpoint, s.state, s.token, s.token_expires,
       s.signed, s.signed_end, s.filter_policy, s.filter_scope, t.account, t.region, t.name, t.display_name
FROM sns_subscriptions s
JOIN sns_topics t ON t.topic_id = s.topic_id
WHERE s.topic_id = :topic_id AND s.subscription_id > :after AND (s.state = 'confirmed' OR s.token_expires > :now)
ORDER BY s.subscription_id
LIMIT :size

-- name: subscriptions_of_owner
SELECT s.subscription_id, s.topic_id, s.owner, s.subscriber, s.protocol, s.endpoint, s.state, s.token, s.token_expires,
       s.signed, s.signed_end, s.filter_policy, s.filter_scope, t.account, t.region, t.name, t.display_name
FROM sns_subscriptions s
JOIN sns_topics t ON t.topic_id = s.topic_id
WHERE s.owner = :owner AND s.region = :region AND s.subscription_id > :after
  AND (s.state = 'confirmed' OR s.token_expires > :now)
ORDER BY s.subscription_id
LIMIT :size

-- name: any_topic
SELECT 1 AS one FROM sns_topics WHERE account = :account LIMIT 1

-- name: any_subscription
SELECT 1 AS one FROM sns_subscriptions s JOIN sns_topics t ON t.topic_id = s.topic_id
WHERE s.owner = :owner AND s.state = 'confirmed' LIMIT 1

-- name: recipients
SELECT subscription_id, protocol, endpoint, filter_policy, filter_scope FROM sns_subscriptions
WHERE topic_id = :topic_id AND subscription_id > :after AND state = 'confirmed'
ORDER BY subscription_id
LIMIT :size

-- name: set_filter
UPDATE sns_subscriptions SET filter_policy = :filter_policy, filter_scope = :filter_scope
WHERE subscription_id = :subscription_id

-- name: prolong_token
UPDATE sns_subscriptions SET token_expires = :token_expires WHERE subscription_id = :subscription_id

-- name: confirm_subscription
UPDATE sns_subscriptions SET state = 'confirmed', signed = :signed, signed_end = :signed_end
WHERE subscription_id = :subscription_id

-- name: delete_subscription
DELETE FROM sns_subscriptions WHERE subscription_id = :subscription_id

-- name: count_ended
UPDATE sns_topics SET ended = ended + 1 WHERE topic_id = :topic_id

-- name: delete_expired
DELETE FROM sns_subscriptions WHERE subscription_id IN (
    SELECT subscription_id FROM sns_subscriptions
    WHERE topic_id = :topic_id AND state = 'pending' AND token_expires <= :now
    LIMIT :size
)

-- name: delete_subscriptions_of
DELETE FROM sns_subscriptions WHERE subscription_id IN (
    SELECT subscription_id FROM sns_subscriptions WHERE topic_id = :topic_id LIMIT :size
)

-- name: sms_attributes
SELECT attributes FROM sns_sms_attributes WHERE account = :account AND region = :region

-- name: put_sms_attributes
INSERT INTO sns_sms_attributes (account, region, attributes) VALUES (:account, :region, :attributes)
ON CONFLICT (account, region) DO UPDATE SET attributes = excluded.attributes

-- name: forget_sms_attributes
DELETE FROM sns_sms_attributes WHERE account = :account

-- name: forget_subscriptions_of_owner
DELETE FROM sns_subscriptions WHERE owner = :owner
