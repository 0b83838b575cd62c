"""An explanation says what the decision says, step by step, and what would change it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marinelayer.security.acl import canned_object_acl
from marinelayer.security.explanation import Explanation, explain
from marinelayer.security.identity import ANONYMOUS_IDENTITY, Identity
from marinelayer.security.payment import unpaid
from marinelayer.security.policy.examine import keys_asked
from marinelayer.security.requirement import NO_RESOURCE, PublicAccessBlock, ResourceAccess
from marinelayer.security.tree import as_json, tree

from .judging import (
    ACCOUNT_B,
    BOB_ARN,
    CANONICAL,
    EVERYONE,
    OBJECT,
    A,
    B,
    allow,
    bob,
    boundary,
    bucket,
    deny,
    judged,
    root,
    service,
    session,
    session_policy,
)

TLS = {"Bool": {"aws:SecureTransport": "true"}}
PUBLIC_OBJECT = canned_object_acl("public-read", CANONICAL[A], bucket_owner=CANONICAL[A])
OTHERS_OBJECT = canned_object_acl("private", CANONICAL[B], bucket_owner=CANONICAL[A])


def explained(
    identity: Identity, resource: ResourceAccess, action: str = "s3:GetObject", **facts: tuple[str, ...]
) -> Explanation:
    keys = {key.replace("_", ":", 1): values for key, values in facts.items()}
    return explain(identity, judged(identity, resource, action, facts=keys), resource, keys)


def step(explanation: Explanation, name: str) -> Any:
    return next(one for one in explanation.steps if one.name == name)


def test_the_steps_stand_in_the_order_of_the_evaluation() -> None:
    names = [one.name for one in explained(bob(), bucket()).steps]
    assert names == [
        "Explicit denies",
        "Public access block",
        "Bucket policy",
        "Identity policies",
        "Permissions boundary",
        "Session policies",
        "ACL",
    ]
    of_topics = [one.name for one in explained(bob(), ResourceAccess(account=A), "sns:Publish").steps]
    assert of_topics == [
        "Explicit denies",
        "Resource policy",
        "Identity policies",
        "Permissions boundary",
        "Session policies",
    ]
    of_nothing = [one.name for one in explained(bob(), NO_RESOURCE, "sns:ListTopics").steps]
    assert of_nothing == ["Explicit denies", "Identity policies", "Permissions boundary", "Session policies"]


def test_a_tree_names_who_what_and_the_statement_that_allows() -> None:
    text = tree(explained(bob(allow(Sid="Read")), bucket()))
    assert text.splitlines()[0] == f"ALLOWED: {BOB_ARN} may s3:GetObject on {OBJECT}"
    assert 'managed policy "readers", statement Read: allows it' in text
    assert "To allow it" not in text


def test_an_explicit_deny_is_named_before_what_allows() -> None:
    told = explained(bob(allow(Sid="Read"), deny(Sid="Never")), bucket())
    assert told.decision.outcome == "explicit-deny"
    assert step(told, "Explicit denies").verdict == "denies"
    assert step(told, "Identity policies").verdict == "allows"
    assert told.remedy.startswith('change statement Never of the managed policy "readers"')


@pytest.mark.parametrize(
    ("identity", "resource", "remedy"),
    [
        (bob(), bucket(), f"give {BOB_ARN} a policy that allows s3:GetObject on {OBJECT}."),
        (bob(allow(Sid="Tls", Condition=TLS)), bucket(), "meet the condition of statement Tls of the managed policy"),
        (bob(allow(), boundary=boundary(allow("s3:Put*"))), bucket(), 'let the permissions boundary "fence" allow'),
        (session(allow(), session_policies=session_policy(allow("s3:Put*"))), bucket(), "let the session's policies"),
        (bob(allow(), account=B), bucket(), f"let the bucket policy, of account {A}, allow"),
        (bob(account=B), bucket(allow(**ACCOUNT_B)), f"give arn:aws:iam::{B}:user/bob a policy"),
        (ANONYMOUS_IDENTITY, bucket(), "let the bucket policy allow s3:GetObject on"),
        (service(), bucket(), "let the bucket policy allow"),
        (root(A), bucket(object_acl=OTHERS_OBJECT), "let the account that owns the object grant it"),
        (
            ANONYMOUS_IDENTITY,
            bucket(allow(**EVERYONE), block=PublicAccessBlock(restrict_public_buckets=True)),
            "switch RestrictPublicBuckets off",
        ),
        (
            ANONYMOUS_IDENTITY,
            bucket(object_acl=PUBLIC_OBJECT, block=PublicAccessBlock(ignore_public_acls=True)),
            "switch IgnorePublicAcls off",
        ),
    ],
)
def test_a_refusal_says_how_it_would_be_allowed(identity: Identity, resource: ResourceAccess, remedy: str) -> None:
    told = explained(identity, resource)
    assert not told.decision.allowed
    assert remedy in told.remedy
    assert tree(told).splitlines()[-1] == f"To allow it: {told.remedy}"


def test_two_sides_that_both_lack_something_are_both_named() -> None:
    told = explained(bob(account=B), bucket())
    assert f"give arn:aws:iam::{B}:user/bob a policy" in told.remedy
    assert "let the bucket policy" in told.remedy


def test_who_must_pay_is_told_how() -> None:
    resource = bucket(allow(**ACCOUNT_B), requester_pays=True)
    identity = root(B)
    told = explain(identity, unpaid(judged(identity, resource)), resource, {})
    assert "x-amz-request-payer" in told.remedy


def test_a_condition_that_is_not_met_says_what_the_request_has() -> None:
    lacking = explained(bob(allow(Condition=TLS)), bucket())
    assert "Bool aws:SecureTransport true does not hold (the request has no such key)" in tree(lacking)
    wrong = explained(bob(allow(Condition=TLS)), bucket(), aws_securetransport=("false",))
    assert "Bool aws:SecureTransport true does not hold (the request has false)" in tree(wrong)


def test_statements_for_others_are_told_apart() -> None:
    policy = bucket(allow(Principal={"AWS": B}), allow(resource="arn:aws:s3:::bucket/other", **EVERYONE))
    text = tree(explained(bob(), policy))
    assert "bucket policy, statement 0: would allow it, but it is for other principals" in text
    assert "bucket policy, statement 1: would allow it, but it is for arn:aws:s3:::bucket/other" in text
    assert 'managed policy "readers": says nothing of s3:GetObject' in tree(explained(bob(allow("s3:Put*")), bucket()))


def test_an_acl_that_grants_is_named() -> None:
    told = explained(ANONYMOUS_IDENTITY, bucket(object_acl=PUBLIC_OBJECT))
    assert told.decision.allowed
    assert (step(told, "ACL").verdict, step(told, "ACL").says) == ("allows", "grants it to the public")
    off = explained(ANONYMOUS_IDENTITY, bucket(object_acl=PUBLIC_OBJECT, ownership="BucketOwnerEnforced"))
    assert step(off, "ACL").says == "switched off (BucketOwnerEnforced)"


def test_a_root_that_a_bucket_policy_denies_still_reaches_that_policy() -> None:
    shut = bucket(deny("s3:*", "*", **EVERYONE))
    assert explained(root(), shut, "s3:GetBucketPolicy").decision.allowed
    assert step(explained(root(), shut, "s3:GetBucketPolicy"), "Explicit denies").verdict == "silent"
    assert step(explained(root(), shut), "Explicit denies").verdict == "denies"


def test_programs_get_the_same_as_people() -> None:
    told = as_json(explained(bob(deny(Sid="Never")), bucket()))
    assert (told["outcome"], told["principal"]) == ("explicit-deny", BOB_ARN)
    (denying,) = told["steps"][0]["policies"][0]["statements"]
    assert denying == {"statement": "Never", "effect": "Deny", "applies": True, "why_not": ""}
    assert told["to_allow_it"]


def test_the_keys_that_a_policy_asks_for_are_those_of_conditions_and_variables() -> None:
    statement = allow(
        resource="arn:aws:s3:::home/${aws:username}/${aws:PrincipalTag/team, 'none'}/${*}",
        Condition={**TLS, "StringLike": {"s3:prefix": "${aws:userid}/*"}},
    )
    (policy,) = bob(statement).policies
    assert list(keys_asked(policy.text, "s3:PutObject")) == []
    assert list(keys_asked(policy.text, "s3:GetObject")) == [
        "aws:SecureTransport",
        "s3:prefix",
        "aws:userid",
        "aws:username",
    ]


# --- whatever the policies, it says what the decision says ----------------------------------------------------

_ACTIONS = st.sampled_from(["s3:GetObject", "s3:*", "s3:PutObject", "*"])
_RESOURCES = st.sampled_from([OBJECT, "*", "arn:aws:s3:::other/*", "arn:aws:s3:::bucket/${aws:username}"])
_CONDITIONS = st.sampled_from([{}, {"Condition": TLS}])
_STATEMENTS = st.builds(
    lambda made, action, resource, condition: made(action, resource, **condition),
    st.sampled_from([allow, deny]),
    _ACTIONS,
    _RESOURCES,
    _CONDITIONS,
)
_PRINCIPALS = st.sampled_from([EVERYONE, ACCOUNT_B, {"Principal": {"AWS": BOB_ARN}}])
_OF_BUCKETS = st.builds(lambda one, principal: {**one, **principal}, _STATEMENTS, _PRINCIPALS)


@given(
    st.lists(_STATEMENTS, max_size=3),
    st.lists(_OF_BUCKETS, max_size=3),
    st.lists(_STATEMENTS, max_size=2),
    st.sampled_from([A, B]),
    st.sampled_from([{}, {"aws:securetransport": ("true",)}, {"aws:securetransport": ("false",)}]),
)
def test_an_explanation_never_contradicts_the_decision(
    own: list[dict[str, Any]],
    of_bucket: list[dict[str, Any]],
    fence: list[dict[str, Any]],
    account: str,
    facts: dict[str, tuple[str, ...]],
) -> None:
    identity = bob(*own, account=account, **({"boundary": boundary(*fence)} if fence else {}))
    resource = bucket(*of_bucket)
    decision = judged(identity, resource, facts=facts)
    told = explain(identity, decision, resource, facts)
    assert (step(told, "Explicit denies").verdict == "denies") == (decision.outcome == "explicit-deny")
    assert bool(told.remedy) == (not decision.allowed)
    if decision.allowed:
        assert "allows" in {one.verdict for one in told.steps}
    elif decision.outcome == "implicit-deny" and account == A:
        assert (
            step(told, "Identity policies").verdict != "allows"
            or step(told, "Permissions boundary").verdict == "silent"
        )
