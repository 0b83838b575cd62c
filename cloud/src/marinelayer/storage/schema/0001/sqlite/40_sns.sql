-- Topics. `policy`: "" is the default policy. `principals`: JSON, {ARN: unique id} as they were when the policy was set.
-- `tags`: JSON, {key: value}. `ended`: how many subscriptions were ended. `topic_id` is never used again: a topic made
-- anew inherits no subscription.
CREATE TABLE sns_topics (
    topic_id        TEXT    NOT NULL PRIMARY KEY,
    account         TEXT    NOT NULL,
    region          TEXT    NOT NULL,
    name            TEXT    NOT NULL,
    display_name    TEXT    NOT NULL,
    policy          TEXT    NOT NULL,
    principals      TEXT    NOT NULL,
    tags            TEXT    NOT NULL,
    ended           INTEGER NOT NULL,
    created         INTEGER NOT NULL,
    UNIQUE (account, region, name)
) STRICT, WITHOUT ROWID;

-- `owner`: the account that subscribed; `subscriber`: its principal's ARN. `state`: 'pending' or 'confirmed'.
-- `signed`: it was confirmed by a signed request. `signed_end`: only a signed request may end it.
CREATE TABLE sns_subscriptions (
    subscription_id TEXT    NOT NULL PRIMARY KEY,
    topic_id        TEXT    NOT NULL,
    owner           TEXT    NOT NULL,
    subscriber      TEXT    NOT NULL,
    region          TEXT    NOT NULL,
    protocol        TEXT    NOT NULL,
    endpoint        TEXT    NOT NULL,
    state           TEXT    NOT NULL,
    token           TEXT    NOT NULL,
    token_expires   INTEGER NOT NULL,
    signed          INTEGER NOT NULL,
    signed_end      INTEGER NOT NULL,
    created         INTEGER NOT NULL,
    UNIQUE (topic_id, protocol, endpoint)
) STRICT, WITHOUT ROWID;
CREATE INDEX sns_subscriptions_by_topic ON sns_subscriptions (topic_id, subscription_id);
CREATE INDEX sns_subscriptions_by_owner ON sns_subscriptions (owner, region, subscription_id);
CREATE INDEX sns_subscriptions_pending ON sns_subscriptions (topic_id, token_expires) WHERE state = 'pending';
