-- Which messages a subscription gets. filter_policy: JSON as it was set, '' for all. filter_scope: what the policy is
-- asked of, MessageAttributes or MessageBody; it may be set before there is a policy.
ALTER TABLE sns_subscriptions ADD COLUMN filter_policy TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE sns_subscriptions ADD COLUMN filter_scope TEXT COLLATE "C" NOT NULL DEFAULT 'MessageAttributes';
