"""Temporary credentials: who gets them, whom they stand for, what they may, and how they end."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marinelayer.model.errors import AccessDenied, OperationNotImplemented, TokenInvalid
from marinelayer.security.facts import identity_facts
from marinelayer.security.policy.evaluate import decide
from marinelayer.security.requirement import NO_RESOURCE, Requirement
from marinelayer.security.session import Session
from marinelayer.services.iam.session_tokens import SessionTokens, account_in_key, key_of_account
from marinelayer.services.sts.errors import (
    InvalidAuthorizationMessageException,
    InvalidParameterValue,
    MalformedPolicyDocument,
    PackedPolicyTooLarge,
    ValidationError,
)
from marinelayer.storage.keyring import FileKeyring

ACCOUNT, OTHER = "320333787981", "111122223333"
READER = f"arn:aws:iam::{ACCOUNT}:role/reader"
ASSUMES = {"Effect": "Allow", "Action": "sts:*", "Resource": "*"}


def document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def trust(principal: Any, **more: Any) -> str:
    action = ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"]
    return document({"Effect": "Allow", "Principal": {"AWS": principal}, "Action": action, **more})


async def make(account: Any, name: str = "reader", principal: Any = ACCOUNT, **more: Any) -> str:
    condition = more.pop("Condition", {})
    policy = trust(principal, Condition=condition)
    made = await account.ask("CreateRole", RoleName=name, AssumeRolePolicyDocument=policy, **more)
    return made["Role"]["RoleId"]


async def assume(account: Any, by: Any, role: str = "reader", session: str = "s1", **more: Any) -> dict[str, Any]:
    arn = role if role.startswith("arn:") else f"arn:aws:iam::{ACCOUNT}:role/{role}"
    return await account.ask("AssumeRole", service="sts", by=by, RoleArn=arn, RoleSessionName=session, **more)


async def identity_of(account: Any, credentials: dict[str, Any]) -> Any:
    return await account.identities.by_access_key(credentials["AccessKeyId"], credentials["SessionToken"])


def may(identity: Any, action: str, on: str = "*") -> bool:
    return decide(identity, Requirement(action=action, resource=on), NO_RESOURCE, identity_facts(identity)).allowed


async def test_a_session_of_a_role_is_named_by_role_and_session(account: Any) -> None:
    role_id = await make(account, Path="/team/", Tags=[{"Key": "Dept", "Value": "parks"}, {"Key": "x", "Value": "y"}])
    key = await account.user("ann", document(ASSUMES))
    answer = await assume(account, key, "team/reader", Tags=[{"Key": "dept", "Value": "streets"}])
    assert answer["AssumedRoleUser"] == {
        "AssumedRoleId": f"{role_id}:s1",
        "Arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/reader/s1",
    }
    assert 0 < answer["PackedPolicySize"] < 10
    credentials = answer["Credentials"]
    assert credentials["AccessKeyId"].startswith("ASIA")
    assert credentials["Expiration"].timestamp() == account.clock.time // 1_000_000 + 3600
    identity = await identity_of(account, credentials)
    assert identity.secret_key == credentials["SecretAccessKey"]
    assert identity.principal.tags == {"dept": "streets", "x": "y"}
    facts = identity_facts(identity)
    assert facts["aws:principalarn"] == (f"arn:aws:iam::{ACCOUNT}:role/team/reader",)
    assert facts["aws:userid"] == (f"{role_id}:s1",)
    assert facts["aws:tokenissuetime"] == ("2021-04-01T00:00:00Z",)
    assert facts["aws:multifactorauthpresent"] == ("false",)
    assert facts["aws:principaltag/dept"] == ("streets",)
    told = await account.ask("GetCallerIdentity", service="sts", by=credentials)
    assert told == {
        "UserId": f"{role_id}:s1",
        "Account": ACCOUNT,
        "Arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/reader/s1",
    }


async def test_trust_in_an_account_needs_the_callers_own_permission_too(account: Any) -> None:
    await make(account)
    without, denied = await account.user("ann"), {"Effect": "Deny", "Action": "sts:AssumeRole", "Resource": READER}
    with pytest.raises(AccessDenied, match=r"is not authorized to perform: sts:AssumeRole on resource: .*:role/reader"):
        await assume(account, without)
    await assume(account, await account.user("bob", document({**ASSUMES, "Resource": READER})))
    with pytest.raises(AccessDenied):
        await assume(account, await account.user("eve", document(ASSUMES, denied)))


async def test_trust_in_a_user_is_enough_for_that_user_and_dies_with_it(account: Any) -> None:
    key = await account.user("ann")
    await make(account, principal=f"arn:aws:iam::{ACCOUNT}:user/ann")
    await assume(account, key)
    with pytest.raises(AccessDenied):
        await assume(account, await account.user("bob", document(ASSUMES)))
    await account.ask("DeleteAccessKey", UserName="ann", AccessKeyId=key)
    await account.ask("DeleteUser", UserName="ann")
    with pytest.raises(AccessDenied):
        await assume(account, await account.user("ann"))


async def test_across_accounts_both_sides_must_allow(account: Any) -> None:
    root = (await account.open(OTHER)).access_key_id
    await make(account, principal=OTHER)
    key = await account.user("ann", document(ASSUMES))
    with pytest.raises(AccessDenied):
        await assume(account, key)
    await account.ask("CreateUser", by=root, UserName="zoe")
    made = await account.ask("CreateAccessKey", by=root, UserName="zoe")
    zoe = made["AccessKey"]["AccessKeyId"]
    with pytest.raises(AccessDenied):
        await assume(account, zoe)
    await account.ask(
        "PutUserPolicy",
        by=root,
        UserName="zoe",
        PolicyName="p",
        PolicyDocument=document({**ASSUMES, "Resource": READER}),
    )
    assert (await assume(account, zoe))["AssumedRoleUser"]["Arn"].startswith(f"arn:aws:sts::{ACCOUNT}:")


async def test_who_is_not_told_of_a_role_can_not_tell_it_from_none(account: Any) -> None:
    await make(account, principal=OTHER)
    key = await account.user("ann", document(ASSUMES))
    messages: list[str] = []
    for name in ("reader", "absent", "path/reader"):
        with pytest.raises(AccessDenied) as refusal:
            await assume(account, key, name)
        messages.append(refusal.value.message.replace(name, "NAME"))
    assert len(set(messages)) == 1


async def test_root_assumes_no_role(account: Any) -> None:
    await make(account)
    with pytest.raises(AccessDenied, match="Roles may not be assumed by root accounts"):
        await assume(account, "")


@pytest.mark.parametrize(
    ("condition", "right", "wrong"),
    [
        ({"StringEquals": {"sts:ExternalId": "42"}}, {"ExternalId": "42"}, {"ExternalId": "43"}),
        ({"StringEquals": {"sts:ExternalId": "42"}}, {"ExternalId": "42"}, {}),
        ({"StringLike": {"sts:RoleSessionName": "${aws:username}"}}, {"session": "ann"}, {"session": "bob"}),
        ({"StringEquals": {"sts:SourceIdentity": "ann"}}, {"SourceIdentity": "ann"}, {"SourceIdentity": "bob"}),
        (
            {"StringEquals": {"aws:RequestTag/dept": "parks"}},
            {"Tags": [{"Key": "dept", "Value": "parks"}]},
            {"Tags": [{"Key": "dept", "Value": "streets"}]},
        ),
        (
            {"ForAllValues:StringEquals": {"aws:TagKeys": ["dept"]}},
            {"Tags": [{"Key": "dept", "Value": "parks"}]},
            {"Tags": [{"Key": "else", "Value": "parks"}]},
        ),
        (
            {"ForAnyValue:StringEquals": {"sts:TransitiveTagKeys": ["dept"]}},
            {"Tags": [{"Key": "dept", "Value": "p"}], "TransitiveTagKeys": ["dept"]},
            {"Tags": [{"Key": "dept", "Value": "p"}]},
        ),
    ],
)
async def test_a_trust_policy_sees_what_is_asked_for(
    account: Any, condition: dict[str, Any], right: dict[str, Any], wrong: dict[str, Any]
) -> None:
    await make(account, Condition=condition)
    key = await account.user("ann", document(ASSUMES))
    await assume(account, key, **right)
    with pytest.raises(AccessDenied):
        await assume(account, key, **wrong)


@pytest.mark.parametrize(
    ("more", "action"),
    [
        ({"Tags": [{"Key": "a", "Value": "b"}]}, "sts:TagSession"),
        ({"SourceIdentity": "ann"}, "sts:SetSourceIdentity"),
    ],
)
async def test_tags_and_source_identity_need_permissions_of_their_own(
    account: Any, more: dict[str, Any], action: str
) -> None:
    await make(account)
    key = await account.user("ann", document({**ASSUMES, "Action": "sts:AssumeRole"}))
    await assume(account, key)
    with pytest.raises(AccessDenied, match=action):
        await assume(account, key, **more)
    plain = document({"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "sts:AssumeRole"})
    await account.ask("CreateRole", RoleName="plain", AssumeRolePolicyDocument=plain)
    with pytest.raises(AccessDenied, match=action):
        await assume(account, await account.user("bob", document(ASSUMES)), "plain", **more)


async def test_a_session_lasts_as_long_as_was_asked_within_the_roles_limit(account: Any) -> None:
    await make(account, MaxSessionDuration=7200)
    key = await account.user("ann", document(ASSUMES))
    ends = (await assume(account, key, DurationSeconds=7200))["Credentials"]["Expiration"]
    assert ends.timestamp() == account.clock.time // 1_000_000 + 7200
    with pytest.raises(ValidationError, match="exceeds the MaxSessionDuration set for this role"):
        await assume(account, key, DurationSeconds=7201)


async def test_a_chained_session_lasts_an_hour_and_keeps_transitive_tags_and_source_identity(account: Any) -> None:
    await make(account, MaxSessionDuration=43200)
    await make(account, "second", principal=READER, MaxSessionDuration=43200)
    key = await account.user("ann", document(ASSUMES))
    tags = [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}]
    first = await assume(account, key, Tags=tags, TransitiveTagKeys=["A"], SourceIdentity="ann")
    assert first["SourceIdentity"] == "ann"
    again = await assume(account, first["Credentials"], "second")
    identity = await identity_of(account, again["Credentials"])
    assert identity.principal.tags == {"a": "1"}
    assert identity_facts(identity)["aws:sourceidentity"] == ("ann",)
    with pytest.raises(ValidationError, match="1 hour session limit for roles assumed by role chaining"):
        await assume(account, first["Credentials"], "second", DurationSeconds=3601)
    with pytest.raises(InvalidParameterValue, match="conflicts with a transitive tag key from the calling session"):
        await assume(account, first["Credentials"], "second", Tags=[{"Key": "A", "Value": "9"}])
    with pytest.raises(AccessDenied):
        await assume(account, first["Credentials"], "second", SourceIdentity="bob")


@pytest.mark.parametrize(
    "arn",
    ["arn:nothing-in-here-valid", "arn::b:::role/r", "arn:a::::role/r", "arn:a:::role/reader", "arn:a:a::aaaaaaaaaa:"],
)
async def test_what_is_no_roles_arn_is_told_before_anything_is_asked_about_it(account: Any, arn: str) -> None:
    key = await account.user("ann")
    with pytest.raises(ValidationError) as refusal:
        await assume(account, key, arn)
    assert refusal.value.message == f"{arn} is invalid"


async def test_a_session_policy_can_only_take_away(account: Any) -> None:
    policy = document({"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"})
    both = document({"Effect": "Allow", "Action": ["s3:PutObject", "s3:GetObject"], "Resource": "*"}, ASSUMES)
    key = await account.user("ann", both)
    token = await account.ask("GetFederationToken", service="sts", by=key, Name="fed", Policy=policy)
    identity = await identity_of(account, token["Credentials"])
    assert may(identity, "s3:GetObject")
    assert not may(identity, "s3:PutObject")
    await account.ask("PutUserPolicy", UserName="ann", PolicyName="given", PolicyDocument=document(ASSUMES))
    assert not may(await identity_of(account, token["Credentials"]), "s3:GetObject")


@pytest.mark.parametrize(
    ("more", "error", "words"),
    [
        ({"Policy": "{"}, MalformedPolicyDocument, "Syntax errors"),
        ({"Policy": " " * 2049}, ValidationError, "2048"),
        ({"Tags": [{"Key": "a", "Value": ""}, {"Key": "A", "Value": ""}]}, InvalidParameterValue, "Duplicate"),
        ({"Tags": [{"Key": "aws:a", "Value": ""}]}, InvalidParameterValue, "reserved"),
        ({"TransitiveTagKeys": ["a"]}, InvalidParameterValue, "transitive"),
        ({"SerialNumber": "arn:aws:iam::1:mfa/a", "TokenCode": "123456"}, AccessDenied, "MultiFactorAuthentication"),
        ({"ProvidedContexts": [{}]}, OperationNotImplemented, "ProvidedContexts"),
    ],
)
async def test_what_no_session_can_be_given_is_refused(
    account: Any, more: dict[str, Any], error: type[Exception], words: str
) -> None:
    await make(account)
    with pytest.raises(error, match=words):
        await assume(account, await account.user("ann", document(ASSUMES)), **more)


async def test_tags_that_fit_into_no_token_are_refused(account: Any) -> None:
    await make(account)
    key = await account.user("ann", document(ASSUMES))
    tags = [{"Key": f"{number}", "Value": account.ids.token(256)} for number in range(20)]
    assert (await assume(account, key, Tags=tags))["PackedPolicySize"] <= 100
    letters = "".join(map(chr, range(0x21, 0x7F)))
    chance = random.Random(1)
    tags = [{"Key": f"{number}", "Value": "".join(chance.choices(letters, k=256))} for number in range(20)]
    with pytest.raises(PackedPolicyTooLarge, match="% of allotted space"):
        await assume(account, key, Tags=tags)


async def test_a_session_ends_with_its_role_even_if_one_of_its_name_is_made(account: Any) -> None:
    await make(account)
    credentials = (await assume(account, await account.user("ann", document(ASSUMES))))["Credentials"]
    await identity_of(account, credentials)
    await account.ask("DeleteRole", RoleName="reader")
    with pytest.raises(TokenInvalid):
        await identity_of(account, credentials)
    await make(account)
    with pytest.raises(TokenInvalid):
        await identity_of(account, credentials)


async def test_a_session_of_a_user_is_the_user_and_ends_with_it(account: Any) -> None:
    key = await account.user("ann", document({"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}))
    credentials = (await account.ask("GetSessionToken", service="sts", by=key))["Credentials"]
    assert credentials["Expiration"].timestamp() == account.clock.time // 1_000_000 + 43_200
    identity, own = await identity_of(account, credentials), await account.identities.by_access_key(key)
    assert identity.principal == own.principal
    assert identity.policies == own.policies
    assert "aws:multifactorauthpresent" not in identity_facts(own)
    assert identity_facts(identity)["aws:multifactorauthpresent"] == ("false",)
    await account.ask("DeleteUserPolicy", UserName="ann", PolicyName="given")
    assert not may(await identity_of(account, credentials), "s3:GetObject")
    await account.ask("DeleteAccessKey", UserName="ann", AccessKeyId=key)
    await account.ask("DeleteUser", UserName="ann")
    with pytest.raises(TokenInvalid):
        await identity_of(account, credentials)


async def test_a_session_of_root_is_root_for_an_hour(account: Any) -> None:
    credentials = (await account.ask("GetSessionToken", service="sts", DurationSeconds=7200))["Credentials"]
    assert credentials["Expiration"].timestamp() == account.clock.time // 1_000_000 + 3600
    identity = await identity_of(account, credentials)
    assert identity.principal == (await account.caller()).principal
    assert may(identity, "s3:GetObject")


async def test_a_federated_user_may_nothing_without_a_policy_of_its_own(account: Any) -> None:
    token = await account.ask("GetFederationToken", service="sts", Name="fed")
    assert token["PackedPolicySize"] == 0
    assert token["FederatedUser"] == {
        "FederatedUserId": f"{ACCOUNT}:fed",
        "Arn": f"arn:aws:sts::{ACCOUNT}:federated-user/fed",
    }
    identity = await identity_of(account, token["Credentials"])
    assert not may(identity, "s3:GetObject")
    policy = document({"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"})
    token = await account.ask("GetFederationToken", service="sts", Name="fed", Policy=policy)
    identity = await identity_of(account, token["Credentials"])
    assert may(identity, "s3:GetObject")
    assert not may(identity, "s3:PutObject")


async def test_policies_can_revoke_what_was_issued_before_a_time(account: Any) -> None:
    revoked = {"DateLessThan": {"aws:TokenIssueTime": "2021-04-01T00:00:01Z"}}
    statements = (
        {"Effect": "Allow", "Action": "*", "Resource": "*"},
        {
            "Effect": "Deny",
            "Action": "*",
            "Resource": "*",
            "Condition": revoked,
        },
    )
    key = await account.user("ann", document(*statements))
    before = (await account.ask("GetSessionToken", service="sts", by=key))["Credentials"]
    account.clock.time += 2_000_000
    after = (await account.ask("GetSessionToken", service="sts", by=key))["Credentials"]
    assert not may(await identity_of(account, before), "s3:GetObject")
    assert may(await identity_of(account, after), "s3:GetObject")
    # Lasting keys have no time of issue.
    assert may(await account.identities.by_access_key(key), "s3:GetObject")


async def test_no_other_token_opens_a_session(account: Any) -> None:
    first = (await account.ask("GetSessionToken", service="sts"))["Credentials"]
    second = (await account.ask("GetSessionToken", service="sts"))["Credentials"]
    for token in (second["SessionToken"], "", "x", "ä", first["SessionToken"][:-4], first["SessionToken"] + "AAAA"):
        with pytest.raises(TokenInvalid):
            await account.identities.by_access_key(first["AccessKeyId"], token)
    assert await account.identities.by_access_key(first["AccessKeyId"]) is None


async def test_an_access_key_tells_its_account(account: Any) -> None:
    other = await account.open(OTHER)
    temporary = (await account.ask("GetSessionToken", service="sts", by=other.access_key_id))["Credentials"]
    for key, owner in (
        (account.root_key.access_key_id, ACCOUNT),
        (other.access_key_id, OTHER),
        (temporary["AccessKeyId"], OTHER),
    ):
        assert await account.ask("GetAccessKeyInfo", service="sts", AccessKeyId=key) == {"Account": owner}
    for key in ("AKIAABSENTABSENTABSE", "ASIAABSENTABSENTABSE", "ASIA1"):
        with pytest.raises(ValidationError, match="Invalid Access Key ID"):
            await account.ask("GetAccessKeyInfo", service="sts", AccessKeyId=key)


async def test_no_encoded_message_is_one_of_ours(account: Any) -> None:
    with pytest.raises(InvalidAuthorizationMessageException):
        await account.ask("DecodeAuthorizationMessage", service="sts", EncodedMessage="x")


_tags = st.dictionaries(st.text(min_size=1, max_size=8), st.text(max_size=8), max_size=5)


@given(
    st.builds(
        Session,
        kind=st.sampled_from(["role", "session-token", "federation-token"]),
        account=st.from_regex(r"[0-9]{12}", fullmatch=True),
        issuer=st.text(max_size=21),
        name=st.text(max_size=64),
        issued_at=st.integers(0, 2**53),
        expires_at=st.integers(0, 2**53),
        policy=st.none() | st.text(min_size=1, max_size=100),
        policy_arns=st.lists(st.text(max_size=9), max_size=3).map(tuple),
        tags=_tags,
        transitive=st.lists(st.text(max_size=9), max_size=3).map(tuple),
        source_identity=st.text(max_size=9),
        provider=st.text(max_size=9),
        claims=st.dictionaries(st.text(max_size=9), st.lists(st.text(max_size=9), max_size=2).map(tuple), max_size=3),
    )
)
def test_every_session_comes_back_from_its_token(tmp_path_factory: Any, session: Session) -> None:
    tokens = SessionTokens(_keyring(tmp_path_factory))
    issued = tokens.issue(session, _Ids())
    assert tokens.read(issued.access_key_id, issued.token) == (session, issued.secret)
    assert account_in_key(issued.access_key_id) == session.account
    other = key_of_account("ASIA" + "7" * 16, session.account)
    with pytest.raises(TokenInvalid):
        tokens.read(other, issued.token)


class _Ids:
    def aws(self, prefix: str, size: int = 21) -> str:
        return prefix + "A" * (size - len(prefix))

    def secret(self) -> str:
        return "s" * 40

    def token(self, size: int = 32) -> str:
        return "0" * size

    def ordered(self) -> str:
        return self.token()


_keyrings: list[FileKeyring] = []


def _keyring(tmp_path_factory: Any) -> FileKeyring:
    if not _keyrings:
        _keyrings.append(FileKeyring(tmp_path_factory.mktemp("keys") / "keys"))
    return _keyrings[0]
