-- Topics. `policy`: "" is the default policy. `principals`: JSON, {ARN: unique id} as they were when the policy was set.
-- `tags`: JSON, {key: value}. `ended`: how many subscriptions were ended. `topic_id` is never used again: a topic made
-- anew inherits no subscription.
CREATE TABLE sns_topics (
    topic_id        TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    account         TEXT COLLATE "C" NOT NULL,
    region          TEXT COLLATE "C" NOT NULL,
    name            TEXT COLLATE "C" NOT NULL,
    display_name    TEXT COLLATE "C" NOT NULL,
    policy          TEXT COLLATE "C" NOT NULL,
    principals      TEXT COLLATE "C" NOT NULL,
    tags            TEXT COLLATE "C" NOT NULL,
    ended           BIGINT           NOT NULL,
    created         BIGINT           NOT NULL,
    UNIQUE (account, region, name)
);

-- `owner`: the account that subscribed; `subscriber`: its principal's ARN. `state`: 'pending' or 'confirmed'.
-- `signed`: it was confirmed by a signed request. `signed_end`: only a signed request may end it.
CREATE TABLE sns_subscriptions (
    subscription_id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    topic_id        TEXT COLLATE "C" NOT NULL,
    owner           TEXT COLLATE "C" NOT NULL,
    subscriber      TEXT COLLATE "C" NOT NULL,
    region          TEXT COLLATE "C" NOT NULL,
    protocol        TEXT COLLATE "C" NOT NULL,
    endpoint        TEXT COLLATE "C" NOT NULL,
    state           TEXT COLLATE "C" NOT NULL,
    token           TEXT COLLATE "C" NOT NULL,
    token_expires   BIGINT           NOT NULL,
    signed          BIGINT           NOT NULL,
    signed_end      BIGINT           NOT NULL,
    created         BIGINT           NOT NULL,
    UNIQUE (topic_id, protocol, endpoint)
);
CREATE INDEX sns_subscriptions_by_topic ON sns_subscriptions (topic_id, subscription_id);
CREATE INDEX sns_subscriptions_by_owner ON sns_subscriptions (owner, region, subscription_id);
CREATE INDEX sns_subscriptions_pending ON sns_subscriptions (topic_id, token_expires) WHERE state = 'pending';
