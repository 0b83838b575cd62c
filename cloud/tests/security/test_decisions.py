"""AWS's documented evaluation cases: IAM User Guide, "Policy evaluation logic", "Permissions boundaries", "Cross-account
policy evaluation logic"; S3 User Guide, "How Amazon S3 authorizes a request", "Blocking public access"."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from marinelayer.security.acl import (
    NEEDED,
    canned_object_acl,
)
from marinelayer.security.identity import ANONYMOUS_IDENTITY, Identity, IdentityPolicy, Principal
from marinelayer.security.policy.document import MalformedPolicyError
from marinelayer.security.policy.evaluate import decide
from marinelayer.security.requirement import (
    NO_RESOURCE,
    Requirement,
    ResourceAccess,
    ResourcePolicy,
)

from .judging import (
    ACCOUNT_B,
    ALL,
    BOB_ARN,
    BUCKET,
    CANONICAL,
    EVERYONE,
    OBJECT,
    OTHER_EVERYONE,
    RECORDED,
    ROLE_ARN,
    ROOT_OF_A,
    SESSION_ARN,
    A,
    B,
    allow,
    allowed,
    bob,
    boundary,
    bucket,
    deny,
    document,
    judged,
    managed,
    root,
    service,
    session,
    session_policy,
)

# --- default deny ---------------------------------------------------------------------------------------------

NOBODYS = [
    bob(),
    bob(account=B),
    session(),
    session(account=B),
    service(),
    ANONYMOUS_IDENTITY,
    Identity(principal=Principal(kind="federated-user", account=A, arn=f"arn:aws:sts::{A}:federated-user/f")),
]
ACTIONS = [*NEEDED, "s3:CreateBucket", "s3:PutBucketPolicy", "sns:Publish", "iam:CreateUser", "marinelayer:ReadInbox"]


@pytest.mark.parametrize("identity", NOBODYS, ids=lambda one: f"{one.principal.kind} {one.principal.account}")
@pytest.mark.parametrize("action", ACTIONS)
def test_nobody_may_do_anything_by_default(identity: Identity, action: str) -> None:
    private = canned_object_acl("private", "c" * 64, bucket_owner=CANONICAL[A])
    for resource in (NO_RESOURCE, ResourceAccess(account=A), bucket(), bucket(object_acl=private)):
        for on in (OBJECT, BUCKET, "*"):
            decision = judged(identity, resource, action, on)
            assert decision.outcome == "implicit-deny"
            assert not decision.allowed
            assert decision.message


@pytest.mark.parametrize("action", ACTIONS)
def test_the_root_of_another_account_may_do_nothing_by_default(action: str) -> None:
    assert not allowed(root(B), bucket(), action)
    assert not allowed(root(B), ResourceAccess(account=A), action)


@pytest.mark.parametrize(
    "other",
    [
        allow("s3:PutObject"),
        allow("s3:GetObjectAcl"),
        allow("s3:GetObjec"),
        allow(resource="arn:aws:s3:::bucket/key2"),
        allow(resource="arn:aws:s3:::bucket"),
        allow(resource="arn:aws:s3:::Bucket/key"),
        allow(Condition={"StringEquals": {"aws:username": "alice"}}),
        allow(Condition={"Bool": {"aws:SecureTransport": "true"}}),
        {"Effect": "Allow", "NotAction": "s3:Get*", "Resource": "*"},
        {"Effect": "Allow", "Action": "s3:*", "NotResource": "arn:aws:s3:::bucket/*"},
    ],
)
def test_a_grant_of_something_else_grants_nothing(other: dict[str, Any]) -> None:
    facts = {"aws:username": ("bob",), "aws:securetransport": ("false",)}
    assert not allowed(bob(other), bucket(), facts=facts)


# --- one account ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "statement",
    [
        allow(),
        allow("s3:*"),
        allow("*", "*"),
        allow("S3:getobject"),
        allow("s3:Get?bject"),
        allow(resource="arn:aws:s3:::bucket/*"),
        allow(resource="arn:aws:s3:::*/k?y"),
        {"Effect": "Allow", "NotAction": "s3:Put*", "Resource": "*"},
        {"Effect": "Allow", "Action": "s3:*", "NotResource": "arn:aws:s3:::other/*"},
        allow(Condition={"StringEquals": {"aws:username": "bob"}}),
    ],
)
def test_an_identity_policy_grants_within_the_account(statement: dict[str, Any]) -> None:
    decision = judged(bob(statement), bucket(), facts={"aws:username": ("bob",)})
    assert decision.allowed
    assert decision.message == ""
    assert (decision.reasons[0].source, decision.reasons[0].effect) == ("identity policy readers", "allow")


def test_an_explicit_deny_wins_wherever_it_stands() -> None:
    granted = bob(allow())
    open_bucket = bucket(
        allow(**EVERYONE), object_acl=canned_object_acl("public-read", CANONICAL[A], bucket_owner=CANONICAL[A])
    )
    assert allowed(granted, open_bucket)
    denying = [
        (bob(allow(), deny()), open_bucket, "an identity-based policy"),
        (bob(allow(), boundary=boundary(ALL, deny())), open_bucket, "a permissions boundary"),
        (session(allow(), session_policies=session_policy(ALL, deny())), open_bucket, "a session policy"),
        (granted, bucket(allow(**EVERYONE), deny(**EVERYONE)), "a resource-based policy"),
        (root(), bucket(deny(**EVERYONE)), "a resource-based policy"),
    ]
    for identity, resource, where in denying:
        decision = judged(identity, resource)
        assert decision.outcome == "explicit-deny"
        assert decision.message.endswith(f" with an explicit deny in {where}")
        assert decision.reasons[-1].effect == "deny"


def test_a_deny_that_does_not_apply_changes_nothing() -> None:
    assert allowed(bob(allow(), deny("s3:PutObject"), deny(resource="arn:aws:s3:::other/*")), bucket())
    insecure = deny(Condition={"Bool": {"aws:SecureTransport": "false"}}, **EVERYONE)
    assert allowed(bob(allow()), bucket(insecure), facts={"aws:securetransport": ("true",)})
    assert not allowed(bob(allow()), bucket(insecure), facts={"aws:securetransport": ("false",)})


def test_the_accounts_root_may_everything_but_what_is_denied() -> None:
    assert allowed(root(), bucket())
    assert allowed(root(), NO_RESOURCE, "s3:CreateBucket")
    assert not allowed(root(), bucket(deny(**EVERYONE)))


@pytest.mark.parametrize("action", ["s3:GetBucketPolicy", "s3:PutBucketPolicy", "s3:DeleteBucketPolicy"])
def test_the_accounts_root_can_not_lock_itself_out_of_its_policy(action: str) -> None:
    locked = bucket(deny("s3:*", BUCKET, **EVERYONE))
    assert allowed(root(), locked, action, BUCKET)
    assert not allowed(root(B), locked, action, BUCKET)
    assert not allowed(bob(ALL), locked, action, BUCKET)


@pytest.mark.parametrize(
    "who", [EVERYONE, OTHER_EVERYONE, {"Principal": {"AWS": BOB_ARN}}, {"Principal": {"AWS": "AIDABOB"}}]
)
def test_a_resource_policy_that_names_the_user_grants_alone(who: dict[str, Any]) -> None:
    assert allowed(bob(), bucket(allow(**who)))
    assert not allowed(bob(), bucket(allow("s3:PutObject", **who)))


@pytest.mark.parametrize("who", [ROOT_OF_A, {"Principal": {"AWS": A}}, {"Principal": {"CanonicalUser": CANONICAL[A]}}])
def test_naming_the_account_only_delegates(who: dict[str, Any]) -> None:
    assert not allowed(bob(), bucket(allow(**who)))
    assert allowed(bob(allow()), bucket(allow(**who)))
    assert not allowed(bob(ALL), bucket(deny(**who))), "a denial of the account meets its users"


def test_a_re_created_user_inherits_nothing() -> None:
    named = {"Principal": {"AWS": BOB_ARN}}
    assert not allowed(bob(), bucket(allow(**named), principals={BOB_ARN: "AIDAFIRST"}))
    assert not allowed(bob(), bucket(allow(**named), principals={}))
    assert allowed(bob(ALL), bucket(deny(**named), principals={BOB_ARN: "AIDAFIRST"}))


def test_not_principal_spares_only_those_it_names() -> None:
    others = deny("s3:*", "*", NotPrincipal={"AWS": [BOB_ARN, f"arn:aws:iam::{A}:root"]})
    assert allowed(bob(ALL), bucket(others))
    assert allowed(root(), bucket(others))
    assert not allowed(session(ALL), bucket(others))
    only_account = deny("s3:*", "*", NotPrincipal={"AWS": A})
    assert not allowed(bob(ALL), bucket(only_account)), "the user must be named too"
    granting = allow(NotPrincipal={"AWS": A})
    assert not allowed(bob(), bucket(granting))
    assert allowed(ANONYMOUS_IDENTITY, bucket(granting))


def test_an_identity_policy_with_a_broken_text_stops_everything() -> None:
    broken = dataclasses.replace(bob(), policies=(IdentityPolicy(name="x", kind="inline", text="{"),))
    with pytest.raises(MalformedPolicyError):
        judged(broken, bucket())


# --- boundaries and session policies --------------------------------------------------------------------------


def test_a_boundary_intersects_and_never_grants() -> None:
    assert not allowed(bob(boundary=boundary(ALL)), bucket())
    assert allowed(bob(allow(), boundary=boundary(ALL)), bucket())
    outside = judged(bob(ALL, boundary=boundary(allow("s3:PutObject"))), bucket())
    assert outside.outcome == "implicit-deny"
    assert outside.message.endswith("because no permissions boundary allows the s3:GetObject action")


def test_a_session_policy_intersects_and_never_grants() -> None:
    assert not allowed(session(session_policies=session_policy(ALL)), bucket())
    assert allowed(session(allow(), session_policies=session_policy(ALL)), bucket())
    outside = judged(session(ALL, session_policies=session_policy(allow("s3:PutObject"))), bucket())
    assert outside.message.endswith("because no session policy allows the s3:GetObject action")


def test_a_resource_policy_that_names_the_user_is_not_limited_by_what_a_boundary_leaves_out() -> None:
    fenced = bob(boundary=boundary(allow("s3:PutObject")))
    assert allowed(fenced, bucket(allow(Principal={"AWS": BOB_ARN})))
    assert not allowed(bob(boundary=boundary(deny())), bucket(allow(Principal={"AWS": BOB_ARN})))


def test_a_grant_to_a_role_is_limited_by_boundary_and_session_but_one_to_the_session_is_not() -> None:
    to_role, to_session = {"Principal": {"AWS": ROLE_ARN}}, {"Principal": {"AWS": SESSION_ARN}}
    narrow = session_policy(allow("s3:PutObject"))
    assert allowed(session(), bucket(allow(**to_role)))
    assert not allowed(session(session_policies=narrow), bucket(allow(**to_role)))
    assert not allowed(session(boundary=boundary(allow("s3:PutObject"))), bucket(allow(**to_role)))
    assert allowed(session(session_policies=narrow), bucket(allow(**to_session)))
    assert not allowed(session(), bucket(allow(**to_role), principals={ROLE_ARN: "AROAOLD"}))


# --- two accounts ---------------------------------------------------------------------------------------------


def test_across_accounts_both_sides_are_needed() -> None:
    stranger, open_to_b = bob(account=B), bucket(allow(**ACCOUNT_B))
    assert not allowed(stranger, open_to_b)
    assert not allowed(bob(allow(), account=B), bucket())
    assert allowed(bob(allow(), account=B), open_to_b)
    assert allowed(root(B), open_to_b)
    assert not allowed(bob(allow(), account=B, boundary=boundary(allow("s3:PutObject"))), open_to_b)
    assert not allowed(bob(allow(), deny(), account=B), open_to_b)


def test_across_accounts_even_a_public_grant_needs_the_identitys_side() -> None:
    assert not allowed(bob(account=B), bucket(allow(**EVERYONE)))
    assert allowed(bob(allow(), account=B), bucket(allow(**EVERYONE)))


def test_anonymous_may_only_what_everyone_may() -> None:
    assert allowed(ANONYMOUS_IDENTITY, bucket(allow(**EVERYONE)))
    for who in (ROOT_OF_A, ACCOUNT_B, {"Principal": {"AWS": BOB_ARN}}, {"Principal": {"Service": "sns.amazonaws.com"}}):
        assert not allowed(ANONYMOUS_IDENTITY, bucket(allow(**who)))
    assert not allowed(ANONYMOUS_IDENTITY, bucket(allow(**EVERYONE), deny(**EVERYONE)))


def test_a_service_may_what_the_resource_grants_it() -> None:
    granting = bucket(allow(Principal={"Service": "sns.amazonaws.com"}))
    assert allowed(service(), granting)
    assert not allowed(service("s3.amazonaws.com"), granting)
    from_topic = {"ArnLike": {"aws:SourceArn": "arn:aws:sns:*:111111111111:alerts"}}
    conditional = bucket(allow(Principal={"Service": "sns.amazonaws.com"}, Condition=from_topic))
    assert allowed(service(), conditional, facts={"aws:sourcearn": (f"arn:aws:sns:us-east-1:{A}:alerts",)})
    assert not allowed(service(), conditional, facts={"aws:sourcearn": (f"arn:aws:sns:us-east-1:{B}:alerts",)})
    assert not allowed(service(), conditional)


# --- trust ----------------------------------------------------------------------------------------------------

ASSUME = {"Effect": "Allow", "Action": "sts:AssumeRole"}


def role(*statements: dict[str, Any]) -> ResourceAccess:
    return ResourceAccess(account=A, policy=ResourcePolicy(text=document(*statements), principals=RECORDED))


def test_a_role_is_assumed_by_trust_and_not_by_identity_policies_alone() -> None:
    may_assume = bob(allow("sts:AssumeRole", ROLE_ARN))
    assert not allowed(may_assume, ResourceAccess(account=A), "sts:AssumeRole", ROLE_ARN)
    assert not allowed(may_assume, role({**ASSUME, "Principal": {"AWS": B}}), "sts:AssumeRole", ROLE_ARN)
    assert allowed(may_assume, role({**ASSUME, "Principal": {"AWS": A}}), "sts:AssumeRole", ROLE_ARN)
    assert not allowed(bob(), role({**ASSUME, "Principal": {"AWS": A}}), "sts:AssumeRole", ROLE_ARN)
    assert allowed(bob(), role({**ASSUME, "Principal": {"AWS": BOB_ARN}}), "sts:AssumeRole", ROLE_ARN)
    assert allowed(
        service("lambda.amazonaws.com"),
        role({**ASSUME, "Principal": {"Service": "lambda.amazonaws.com"}}),
        "sts:AssumeRole",
        ROLE_ARN,
    )


# --- words ----------------------------------------------------------------------------------------------------


def test_an_accounts_own_users_are_told_why() -> None:
    assert judged(bob(), bucket()).message == (
        f"User: {BOB_ARN} is not authorized to perform: s3:GetObject on resource: "
        f'"{OBJECT}" because no identity-based policy allows the s3:GetObject action'
    )
    topic = f"arn:aws:sns:us-east-1:{A}:alerts"
    assert judged(bob(), ResourceAccess(account=A), "SNS:Publish", topic).message == (
        f"User: {BOB_ARN} is not authorized to perform: SNS:Publish on resource: {topic} "
        "because no identity-based policy allows the SNS:Publish action"
    )
    assert judged(bob(), NO_RESOURCE, "translate:TranslateText", "*").message == (
        f"User: {BOB_ARN} is not authorized to perform: translate:TranslateText "
        "because no identity-based policy allows the translate:TranslateText action"
    )
    assert judged(session(deny()), bucket()).message == (
        f"User: {SESSION_ARN} is not authorized to perform: s3:GetObject on resource: "
        f'"{OBJECT}" with an explicit deny in an identity-based policy'
    )


def test_strangers_are_told_nothing() -> None:
    for identity in (ANONYMOUS_IDENTITY, bob(account=B), root(B)):
        for resource in (bucket(), bucket(deny(**EVERYONE))):
            assert judged(identity, resource).message == "Access Denied"
    topic = f"arn:aws:sns:us-east-1:{A}:alerts"
    message = judged(root(B), ResourceAccess(account=A), "SNS:Publish", topic).message
    assert message == f"User: arn:aws:iam::{B}:root is not authorized to perform: SNS:Publish on resource: {topic}"


def test_the_reasons_tell_the_whole_way() -> None:
    identity = dataclasses.replace(
        bob(), policies=(managed(allow("s3:PutObject"), name="a"), managed(allow(Sid="Read"), name="b"))
    )
    decision = judged(identity, bucket(allow("s3:PutObject", **EVERYONE)))
    assert [(one.source, one.statement, one.effect) for one in decision.reasons] == [
        ("identity policy a", "", "no match"),
        ("identity policy b", "Read", "allow"),
        ("resource policy", "", "no match"),
        ("ACL", "", "allow"),  # its owner's account has all of it
    ]


def test_conditions_see_what_request_and_resource_say() -> None:
    tagged = allow(Condition={"StringEquals": {"s3:ExistingObjectTag/team": "${aws:PrincipalTag/team}"}})
    resource = bucket(context={"s3:existingobjecttag/team": ("harbor",)})
    assert allowed(bob(tagged), resource, facts={"aws:principaltag/team": ("harbor",)})
    assert not allowed(bob(tagged), resource, facts={"aws:principaltag/team": ("roads",)})
    assert not allowed(bob(tagged), bucket(), facts={"aws:principaltag/team": ("harbor",)})
    listing = allow("s3:ListBucket", BUCKET, Condition={"StringLike": {"s3:prefix": "home/${aws:username}/*"}})
    for prefix, outcome in (("home/bob/x", True), ("home/eve/x", False)):
        requirement = Requirement(action="s3:ListBucket", resource=BUCKET, context={"s3:prefix": (prefix,)})
        assert decide(bob(listing), requirement, bucket(), {"aws:username": ("bob",)}).allowed is outcome


@pytest.mark.parametrize("version", ["2012-10-17", "2008-10-17"])
def test_a_home_folder_by_variable_needs_the_newer_language(version: str) -> None:
    home = IdentityPolicy(
        name="home",
        kind="inline",
        text=document(allow(resource="arn:aws:s3:::bucket/${aws:username}/*"), version=version),
    )
    identity = dataclasses.replace(bob(), policies=(home,))
    facts = {"aws:username": ("bob",)}
    assert allowed(identity, bucket(), on="arn:aws:s3:::bucket/bob/x", facts=facts) is (version == "2012-10-17")
    assert not allowed(identity, bucket(), on="arn:aws:s3:::bucket/eve/x", facts=facts)
    assert not allowed(identity, bucket(), on="arn:aws:s3:::bucket/bob/x"), "no value, no match"


def test_a_missing_variable_spares_nothing_from_a_denial() -> None:
    fence = {"Effect": "Deny", "Action": "s3:*", "NotResource": "arn:aws:s3:::bucket/${aws:username}/*"}
    assert not allowed(bob(ALL, fence), bucket(), on="arn:aws:s3:::bucket/bob/x")
    assert allowed(bob(ALL, fence), bucket(), on="arn:aws:s3:::bucket/bob/x", facts={"aws:username": ("bob",)})
    generous = {"Effect": "Allow", "Action": "s3:*", "NotResource": "arn:aws:s3:::bucket/${aws:username}/*"}
    assert not allowed(bob(generous), bucket(), on="arn:aws:s3:::bucket/bob/x")


@pytest.mark.parametrize("resource", ["*", "arn:aws:s3:::*", "arn:aws:s3:*"])
def test_all_buckets_are_named_by_a_pattern_for_buckets_or_for_everything(resource: str) -> None:
    assert allowed(bob(allow("s3:ListAllMyBuckets", resource)), NO_RESOURCE, "s3:ListAllMyBuckets", "*")
    denied = bob(ALL, deny("s3:ListAllMyBuckets", resource))
    assert not allowed(denied, NO_RESOURCE, "s3:ListAllMyBuckets", "*")


@pytest.mark.parametrize("resource", ["arn:aws:s3:::bucket", "arn:aws:s3:::b*", "arn:aws:sns:*"])
def test_one_bucket_is_not_all_of_them(resource: str) -> None:
    assert not allowed(bob(allow("s3:ListAllMyBuckets", resource)), NO_RESOURCE, "s3:ListAllMyBuckets", "*")
    assert allowed(bob(ALL, deny("s3:ListAllMyBuckets", resource)), NO_RESOURCE, "s3:ListAllMyBuckets", "*")
    # Only that action: others without a resource are about nothing that has a name.
    assert not allowed(bob(allow("sns:ListTopics", "arn:aws:s3:::*")), NO_RESOURCE, "sns:ListTopics", "*")
