"""Sessions for whom an OpenID Connect issuer vouches: only its own tokens, for known clients, as roles trust them."""

from __future__ import annotations

import base64
import json
import time
from pathlib import Path
from typing import Any, cast

import boto3
import pytest
from botocore.exceptions import ClientError
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from hypothesis import given
from hypothesis import strategies as st

from marinelayer.model.errors import AccessDenied
from marinelayer.security.facts import identity_facts
from marinelayer.security.identity import ANONYMOUS_IDENTITY
from marinelayer.security.web_identity import UnprovenTokenError, proven_claims, read_issuer_keys
from marinelayer.services.iam.errors import EntityAlreadyExists, InvalidInput, NoSuchEntity
from marinelayer.services.sts.errors import ExpiredTokenException, InvalidIdentityToken, ValidationError
from marinelayer.testing import local_cloud

ACCOUNT, ISSUER, URL = "320333787981", "https://issuer.example/realm", "issuer.example/realm"
PROVIDER = f"arn:aws:iam::{ACCOUNT}:oidc-provider/{URL}"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/web"
TAGS = "https://aws.amazon.com/tags"
SOURCE_IDENTITY = "https://aws.amazon.com/source_identity"
NOW = 1_617_235_200
RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)
EC = ec.generate_private_key(ec.SECP256R1())


def encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def number(value: int) -> str:
    return encoded(value.to_bytes((value.bit_length() + 7) // 8))


def jwks() -> str:
    r, e = RSA.public_key().public_numbers(), EC.public_key().public_numbers()
    keys = [
        {"kty": "RSA", "kid": "r", "n": number(r.n), "e": number(r.e)},
        {"kty": "EC", "kid": "e", "crv": "P-256", "x": encoded(e.x.to_bytes(32)), "y": encoded(e.y.to_bytes(32))},
        {"kty": "oct", "kid": "o", "k": "AAAA"},
    ]
    return json.dumps({ISSUER: {"keys": keys}})


def token(algorithm: str = "RS256", *, kid: str | None = None, header: Any = None, **claims: Any) -> str:
    """A token with these claims beside the usual ones; None leaves one out."""
    usual = {"iss": ISSUER, "sub": "ann", "aud": "client", "iat": NOW - 10, "exp": NOW + 600}
    chosen = {name: value for name, value in {**usual, **claims}.items() if value is not None}
    head = {"alg": algorithm, "kid": kid or algorithm[0].lower(), **(header or {})}
    signed = ".".join(encoded(json.dumps(each).encode()) for each in (head, chosen))
    if algorithm == "ES256":
        r, s = decode_dss_signature(EC.sign(signed.encode(), ec.ECDSA(SHA256())))
        signature = r.to_bytes(32) + s.to_bytes(32)
    else:
        signature = RSA.sign(signed.encode(), padding.PKCS1v15(), SHA256())
    return f"{signed}.{encoded(signature)}"


def trust(*further: str, **condition: Any) -> str:
    statement = {
        "Effect": "Allow",
        "Principal": {"Federated": PROVIDER},
        "Action": ["sts:AssumeRoleWithWebIdentity", *further],
        "Condition": condition,
    }
    return json.dumps({"Version": "2012-10-17", "Statement": statement})


@pytest.fixture
async def web(account: Any) -> Any:
    account.issuers.update(read_issuer_keys(jwks()))
    await account.ask("CreateOpenIDConnectProvider", Url=ISSUER, ClientIDList=["client"])
    await account.ask("CreateRole", RoleName="web", AssumeRolePolicyDocument=trust())
    return account


async def assume(account: Any, web_token: str, role: str = ROLE, **more: Any) -> dict[str, Any]:
    declared = account.sts["AssumeRoleWithWebIdentity"]
    asked = {"RoleArn": role, "RoleSessionName": "s1", "WebIdentityToken": web_token, **more}
    return await declared.run(account.caller_of(ANONYMOUS_IDENTITY), asked)


@pytest.mark.parametrize("algorithm", ["RS256", "ES256"])
async def test_who_is_vouched_for_gets_a_session_of_the_role(web: Any, algorithm: str) -> None:
    answer = await assume(web, token(algorithm, aud=["other", "client"]))
    assert answer["SubjectFromWebIdentityToken"] == "ann"
    assert (answer["Provider"], answer["Audience"]) == (PROVIDER, "client")
    credentials = answer["Credentials"]
    identity = await web.identities.by_access_key(credentials["AccessKeyId"], credentials["SessionToken"])
    assert identity.principal.arn == f"arn:aws:sts::{ACCOUNT}:assumed-role/web/s1"
    facts = identity_facts(identity)
    assert facts["aws:federatedprovider"] == (PROVIDER,)
    assert facts[f"{URL}:sub"] == ("ann",)
    assert facts[f"{URL}:aud"] == ("other", "client")


@pytest.mark.parametrize(
    ("given", "error", "words"),
    [
        ("", InvalidIdentityToken, "not a valid JWT"),
        ("a.b.c", InvalidIdentityToken, "not a valid JWT"),
        (token(iss="https://elsewhere.example"), InvalidIdentityToken, "verification key"),
        (token(kid="x"), InvalidIdentityToken, "verification key"),
        (token("none"), InvalidIdentityToken, "verification key"),
        (token("HS256", kid="r"), InvalidIdentityToken, "verification key"),
        (token("RS256", kid="e"), InvalidIdentityToken, "verification key"),
        (token(header={"crit": ["x"]}), InvalidIdentityToken, "claim"),
        (token()[:-8] + "AAAAAAAA", InvalidIdentityToken, "signature"),
        (token(sub=None), InvalidIdentityToken, "claim"),
        (token(exp=None), InvalidIdentityToken, "exp"),
        (token(exp="9999999999"), InvalidIdentityToken, "exp"),
        (token(exp=NOW - 300), ExpiredTokenException, "Token expired"),
        (token(nbf=NOW + 301), InvalidIdentityToken, "not valid yet"),
        (token(aud="stranger"), InvalidIdentityToken, "audience"),
        (token(azp="stranger"), InvalidIdentityToken, "audience"),
        (token(**{TAGS: []}), InvalidIdentityToken, "tags"),
        (token(**{TAGS: {"principal_tags": ["a"]}}), InvalidIdentityToken, "principal_tags"),
        (token(**{TAGS: {"principal_tags": {"Team": ["a", "b"]}}}), InvalidIdentityToken, "Team"),
        (token(**{TAGS: {"principal_tags": {"Team": 1}}}), InvalidIdentityToken, "Team"),
        (token(**{TAGS: {"principal_tags": {"Team": "a;b"}}}), InvalidIdentityToken, "Team"),
        (token(**{TAGS: {"principal_tags": {"": "a"}}}), InvalidIdentityToken, "tags"),
        (token(**{TAGS: {"principal_tags": {"aws:a": "a"}}}), InvalidIdentityToken, "aws:"),
        (token(**{TAGS: {"transitive_tag_keys": ["Team"]}}), InvalidIdentityToken, "transitive"),
        (token(**{TAGS: {"transitive_tag_keys": "Team"}}), InvalidIdentityToken, "transitive"),
        (token(**{TAGS: {"transitive_tag_keys": [1]}}), InvalidIdentityToken, "transitive"),
        (token(**{SOURCE_IDENTITY: "a"}), InvalidIdentityToken, "source identity"),
        (token(**{SOURCE_IDENTITY: ["ann"]}), InvalidIdentityToken, "source identity"),
    ],
)
async def test_no_other_token_opens_the_role(web: Any, given: str, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        await assume(web, given)


async def test_a_token_counts_for_five_minutes_after_it_ends(web: Any) -> None:
    await assume(web, token(exp=NOW - 299))


@pytest.mark.parametrize(
    "claims",
    [
        {TAGS: {"principal_tags": {"Team": ["red"], "Floor": ["2"]}, "transitive_tag_keys": ["Team"]}},
        {TAGS: {"principal_tags": {"Team": "red", "Floor": "2"}, "transitive_tag_keys": ["team"]}},
        {
            f"{TAGS}/principal_tags/Team": "red",
            f"{TAGS}/principal_tags/Floor": ["2"],
            f"{TAGS}/transitive_tag_keys": ["Team"],
        },
    ],
    ids=["nested", "nested without lists", "flattened"],
)
async def test_a_token_tags_its_session(web: Any, claims: dict[str, Any]) -> None:
    condition = {
        "StringEquals": {"aws:RequestTag/Team": "red"},
        "ForAllValues:StringEquals": {"aws:TagKeys": ["Team", "Floor"]},
    }
    document = trust("sts:TagSession", **condition)
    await web.ask("UpdateAssumeRolePolicy", RoleName="web", PolicyDocument=document)
    credentials = (await assume(web, token(**claims)))["Credentials"]
    identity = await web.identities.by_access_key(credentials["AccessKeyId"], credentials["SessionToken"])
    assert identity.session.inherited == {"Team": "red"}
    facts = identity_facts(identity)
    assert (facts["aws:principaltag/team"], facts["aws:principaltag/floor"]) == (("red",), ("2",))
    with pytest.raises(AccessDenied, match="Not authorized to perform sts:AssumeRoleWithWebIdentity"):
        await assume(web, token(**{f"{TAGS}/principal_tags/Team": "blue"}))


async def test_tags_need_a_trust_policy_that_lets_sessions_be_tagged(web: Any) -> None:
    tags = {f"{TAGS}/principal_tags/Team": "red"}
    with pytest.raises(AccessDenied, match="Not authorized to perform sts:TagSession"):
        await assume(web, token(**tags))
    await web.ask("UpdateAssumeRolePolicy", RoleName="web", PolicyDocument=trust("sts:TagSession"))
    await assume(web, token(**tags))
    await assume(web, token())


async def test_a_token_sets_a_source_identity_where_the_role_lets_it(web: Any) -> None:
    given = token(**{SOURCE_IDENTITY: "ann@example.com"})
    with pytest.raises(AccessDenied, match="Not authorized to perform sts:SetSourceIdentity"):
        await assume(web, given)
    only_ann = {"StringLike": {"sts:SourceIdentity": "ann@*"}}
    document = trust("sts:SetSourceIdentity", **only_ann)
    await web.ask("UpdateAssumeRolePolicy", RoleName="web", PolicyDocument=document)
    answer = await assume(web, given)
    assert answer["SourceIdentity"] == "ann@example.com"
    credentials = answer["Credentials"]
    identity = await web.identities.by_access_key(credentials["AccessKeyId"], credentials["SessionToken"])
    assert identity_facts(identity)["aws:sourceidentity"] == ("ann@example.com",)
    with pytest.raises(AccessDenied, match="Not authorized"):
        await assume(web, token(**{SOURCE_IDENTITY: "bob"}))


async def test_a_provider_must_be_the_accounts_own(web: Any) -> None:
    await web.open("111122223333")
    with pytest.raises(InvalidIdentityToken, match="No OpenIDConnect provider found"):
        await assume(web, token(), "arn:aws:iam::111122223333:role/web")
    await web.ask("DeleteOpenIDConnectProvider", OpenIDConnectProviderArn=PROVIDER)
    with pytest.raises(InvalidIdentityToken, match="No OpenIDConnect provider found"):
        await assume(web, token())


@pytest.mark.parametrize(
    ("condition", "allowed"),
    [
        ({"StringEquals": {f"{URL}:sub": "ann"}}, True),
        ({"StringEquals": {f"{URL}:sub": "bob"}}, False),
        ({"StringEquals": {f"{URL}:aud": "client"}}, True),
        ({"StringEquals": {"sts:RoleSessionName": "s1"}}, True),
        ({"StringEquals": {"aws:FederatedProvider": PROVIDER}}, True),
        ({"StringEquals": {"aws:PrincipalArn": PROVIDER}}, False),
    ],
)
async def test_the_roles_trust_policy_decides(web: Any, condition: dict[str, Any], *, allowed: bool) -> None:
    await web.ask("UpdateAssumeRolePolicy", RoleName="web", PolicyDocument=trust(**condition))
    if allowed:
        await assume(web, token())
        return
    with pytest.raises(AccessDenied, match="Not authorized to perform sts:AssumeRoleWithWebIdentity"):
        await assume(web, token())


async def test_a_role_that_trusts_others_or_is_not_there_lets_nobody_in(web: Any) -> None:
    statement = {"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "sts:*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": statement})
    await web.ask("CreateRole", RoleName="other", AssumeRolePolicyDocument=document)
    for name in ("other", "absent"):
        with pytest.raises(AccessDenied, match="Not authorized"):
            await assume(web, token(), f"arn:aws:iam::{ACCOUNT}:role/{name}")


async def test_a_session_is_no_longer_than_the_role_lets_it(web: Any) -> None:
    with pytest.raises(ValidationError, match="MaxSessionDuration"):
        await assume(web, token(), DurationSeconds=3601)


async def test_a_provider_is_made_shown_listed_changed_and_removed(account: Any) -> None:
    thumbprint = "a" * 40
    tags = [{"Key": "a", "Value": "b"}]
    asked = {"Url": ISSUER, "ClientIDList": ["one"], "ThumbprintList": [thumbprint], "Tags": tags}
    made = await account.ask("CreateOpenIDConnectProvider", **asked)
    assert made == {"OpenIDConnectProviderArn": PROVIDER, "Tags": tags}
    with pytest.raises(EntityAlreadyExists):
        await account.ask("CreateOpenIDConnectProvider", Url=ISSUER)
    named = {"OpenIDConnectProviderArn": PROVIDER}
    for _ in range(2):
        await account.ask("AddClientIDToOpenIDConnectProvider", **named, ClientID="two")
    await account.ask("RemoveClientIDFromOpenIDConnectProvider", **named, ClientID="one")
    shown = await account.ask("GetOpenIDConnectProvider", **named)
    assert (shown["Url"], shown["ClientIDList"], shown["ThumbprintList"]) == (URL, ["two"], [thumbprint])
    assert await account.ask("ListOpenIDConnectProviders") == {"OpenIDConnectProviderList": [{"Arn": PROVIDER}]}
    # AWS's own examples have thumbprints that are no hex digits; its model asks for 40 characters only.
    other = "3768084dfb3d2b68b7897bf5f565da8efEXAMPLE"
    await account.ask("UpdateOpenIDConnectProviderThumbprint", **named, ThumbprintList=[other, other])
    assert (await account.ask("GetOpenIDConnectProvider", **named))["ThumbprintList"] == [other]
    with pytest.raises(InvalidInput, match="fewer than 6"):
        await account.ask(
            "UpdateOpenIDConnectProviderThumbprint", **named, ThumbprintList=[f"{n:040}" for n in range(6)]
        )
    await account.ask("DeleteOpenIDConnectProvider", **named)
    for operation, more in (
        ("UpdateOpenIDConnectProviderThumbprint", {"ThumbprintList": [other]}),
        ("TagOpenIDConnectProvider", {"Tags": tags}),
        ("GetOpenIDConnectProvider", {}),
        ("DeleteOpenIDConnectProvider", {}),
        ("AddClientIDToOpenIDConnectProvider", {"ClientID": "one"}),
        ("RemoveClientIDFromOpenIDConnectProvider", {"ClientID": "one"}),
    ):
        with pytest.raises(NoSuchEntity, match="OpenIDConnect Provider not found for arn"):
            await account.ask(operation, **named, **more)


async def test_the_tags_of_a_provider_are_set_removed_listed_and_asked_for(account: Any) -> None:
    await account.ask("CreateOpenIDConnectProvider", Url=ISSUER)
    named = {"OpenIDConnectProviderArn": PROVIDER}
    await account.ask(
        "TagOpenIDConnectProvider", **named, Tags=[{"Key": "b", "Value": "1"}, {"Key": "a", "Value": "1"}]
    )
    await account.ask("TagOpenIDConnectProvider", **named, Tags=[{"Key": "B", "Value": "2"}])
    page = await account.ask("ListOpenIDConnectProviderTags", **named, MaxItems=1)
    assert (page["Tags"], page["IsTruncated"]) == ([{"Key": "B", "Value": "2"}], True)
    rest = await account.ask("ListOpenIDConnectProviderTags", **named, Marker=page["Marker"])
    assert (rest["Tags"], rest["IsTruncated"]) == ([{"Key": "a", "Value": "1"}], False)
    tagged = {"Condition": {"StringEquals": {"aws:ResourceTag/a": "1"}}}
    statement = {"Effect": "Allow", "Action": "iam:GetOpenIDConnectProvider", "Resource": PROVIDER, **tagged}
    bob = await account.user("bob", json.dumps({"Version": "2012-10-17", "Statement": statement}))
    await account.ask("GetOpenIDConnectProvider", by=bob, **named)
    await account.ask("UntagOpenIDConnectProvider", **named, TagKeys=["A", "c"])
    with pytest.raises(AccessDenied, match="iam:GetOpenIDConnectProvider"):
        await account.ask("GetOpenIDConnectProvider", by=bob, **named)


@pytest.mark.parametrize(
    "url", ["http://a.example", "https://", "https://a.example?q=1", "https://a.example:8443", "a"]
)
async def test_what_is_no_issuers_url_is_refused(account: Any, url: str) -> None:
    with pytest.raises(InvalidInput):
        await account.ask("CreateOpenIDConnectProvider", Url=url)


@pytest.mark.parametrize(
    "text",
    ["[]", "{", '{"http://a": {"keys": []}}', '{"https://a": []}', '{"https://a": {"keys": [{"kty": "oct"}]}}'],
)
def test_a_file_without_usable_keys_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        read_issuer_keys(text)


@given(
    st.text(alphabet=st.characters(codec="utf-8"), max_size=60) | st.from_regex(r"[\w-]{1,9}\.[\w-]{1,9}\.[\w-]{1,9}")
)
def test_whatever_is_sent_proves_nothing(text: str) -> None:
    with pytest.raises(UnprovenTokenError):
        proven_claims(text, read_issuer_keys(jwks()), NOW * 1_000_000)


def test_an_unsigned_request_gets_credentials_that_work(tmp_path: Path) -> None:
    keys, now = tmp_path / "issuers.json", int(time.time())
    keys.write_text(jwks())
    with local_cloud(account=ACCOUNT, oidc_keys=keys) as cloud:
        clients = {name: cast("Any", boto3).client(name, **cloud.client_arguments()) for name in ("iam", "sts")}
        clients["iam"].create_open_id_connect_provider(Url=ISSUER, ClientIDList=["client"])
        clients["iam"].create_role(RoleName="web", AssumeRolePolicyDocument=trust())
        asked = {"RoleArn": ROLE, "RoleSessionName": "s1"}
        given = token(iat=now, exp=now + 60)
        made = clients["sts"].assume_role_with_web_identity(**asked, WebIdentityToken=given)["Credentials"]
        arguments = cloud.client_arguments() | {
            "aws_access_key_id": made["AccessKeyId"],
            "aws_secret_access_key": made["SecretAccessKey"],
            "aws_session_token": made["SessionToken"],
        }
        clients["session"] = cast("Any", boto3).client("sts", **arguments)
        assert clients["session"].get_caller_identity()["Arn"] == f"arn:aws:sts::{ACCOUNT}:assumed-role/web/s1"
        with pytest.raises(ClientError, match="InvalidIdentityToken"):
            clients["sts"].assume_role_with_web_identity(**asked, WebIdentityToken=given[:-4] + "AAAA")
        for each in clients.values():
            each.close()
