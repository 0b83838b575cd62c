"""Topic policies: the default one, and reading one that is to be set.

Source: https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-language-api-permissions-reference.html.
"""

from __future__ import annotations

import json

from marinelayer.ports import Principals
from marinelayer.security.policy.document import MalformedPolicyError, PolicyDocument
from marinelayer.security.policy.validation import validate_policy
from marinelayer.security.requirement import ResourcePolicy
from marinelayer.services.sns.arns import TopicName
from marinelayer.services.sns.errors import InvalidParameter

POLICY_BYTES = 30 * 1024
OWNERS_ACTIONS = (
    "GetTopicAttributes",
    "SetTopicAttributes",
    "AddPermission",
    "RemovePermission",
    "DeleteTopic",
    "Subscribe",
    "ListSubscriptionsByTopic",
    "Publish",
)


def default_policy(topic: TopicName) -> str:
    """AWS's policy of a topic that was given none: only the owner's account may."""
    return json.dumps(
        {
            "Version": "2008-10-17",
            "Id": "__default_policy_ID",
            "Statement": [
                {
                    "Sid": "__default_statement_ID",
                    "Effect": "Allow",
                    "Principal": {"AWS": "*"},
                    "Action": [f"SNS:{action}" for action in OWNERS_ACTIONS],
                    "Resource": topic.arn,
                    "Condition": {"StringEquals": {"AWS:SourceOwner": topic.account}},
                }
            ],
        }
    )


def check_size(text: str) -> None:
    """Refuse a policy that is longer than AWS takes.

    Raises:
        InvalidParameter: it is.
    """
    if len(text.encode()) > POLICY_BYTES:
        raise InvalidParameter("Invalid parameter: Policy Error: the policy is longer than 30720 bytes")


async def read_policy(text: str, principals: Principals) -> ResourcePolicy:
    """The policy with the unique ids that its principals have now.

    Raises:
        InvalidParameter: it is too long, can not be compiled, or names a principal that does not exist.
    """
    check_size(text)
    try:
        policy = validate_policy(text, "resource")
    except MalformedPolicyError as error:
        raise InvalidParameter(f"Invalid parameter: Policy Error: {error}") from None
    named = _principal_arns(policy.document)
    found = await principals.unique_ids(named)
    if missing := [arn for arn in named if arn not in found]:
        raise InvalidParameter(f"Invalid parameter: Policy Error: PrincipalNotFound: {missing[0]}")
    return ResourcePolicy(text=text, principals=found)


def _principal_arns(document: PolicyDocument) -> list[str]:
    """The ARNs of users and roles; accounts, unique ids and `*` need no looking up."""
    names = {name for one in document.statements for name in (one.principals or {}).get("AWS", ())}
    return sorted(name for name in names if name.startswith("arn:") and not name.endswith(":root"))
