from __future__ import annotations

import pytest

from marinelayer.protocol.refusals import InvalidArgument
from marinelayer.security.acl import (
    ALL_USERS,
    AUTHENTICATED_USERS,
    LOG_DELIVERY,
    acl_by_headers,
    acl_reach,
    canned_bucket_acl,
    canned_object_acl,
    checked_grants,
    is_public,
    read_permission,
)
from marinelayer.security.identity import Principal
from marinelayer.security.refusals import UnresolvableGrantByEmailAddress
from marinelayer.security.requirement import Acl, Grant, Permission, ResourceAccess

OWNER, BUCKET_OWNER = "a" * 64, "b" * 64
FULL = Grant(grantee=OWNER, permission="FULL_CONTROL")


def grants(*pairs: tuple[str, Permission]) -> tuple[Grant, ...]:
    return tuple(Grant(grantee=who, permission=what) for who, what in pairs)


@pytest.mark.parametrize(
    ("name", "more"),
    [
        ("private", grants()),
        ("public-read", grants((ALL_USERS, "READ"))),
        ("public-read-write", grants((ALL_USERS, "READ"), (ALL_USERS, "WRITE"))),
        ("authenticated-read", grants((AUTHENTICATED_USERS, "READ"))),
        ("log-delivery-write", grants((LOG_DELIVERY, "WRITE"), (LOG_DELIVERY, "READ_ACP"))),
    ],
)
def test_the_canned_acls_of_a_bucket(name: str, more: tuple[Grant, ...]) -> None:
    assert canned_bucket_acl(name, OWNER) == Acl(owner=OWNER, grants=(FULL, *more))


@pytest.mark.parametrize(
    ("name", "more"),
    [
        ("private", grants()),
        ("public-read", grants((ALL_USERS, "READ"))),
        ("public-read-write", grants((ALL_USERS, "READ"), (ALL_USERS, "WRITE"))),
        ("authenticated-read", grants((AUTHENTICATED_USERS, "READ"))),
        ("bucket-owner-read", grants((BUCKET_OWNER, "READ"))),
        ("bucket-owner-full-control", grants((BUCKET_OWNER, "FULL_CONTROL"))),
        ("aws-exec-read", grants()),
    ],
)
def test_the_canned_acls_of_an_object(name: str, more: tuple[Grant, ...]) -> None:
    assert canned_object_acl(name, OWNER, bucket_owner=BUCKET_OWNER) == Acl(owner=OWNER, grants=(FULL, *more))


def test_the_owner_of_bucket_and_object_is_granted_once() -> None:
    assert canned_object_acl("bucket-owner-full-control", OWNER, bucket_owner=OWNER).grants == (FULL,)


@pytest.mark.parametrize("name", ["private-read", "Public-Read", "", "bucket-owner-read"])
def test_an_unknown_canned_acl_is_an_invalid_argument(name: str) -> None:
    with pytest.raises(InvalidArgument) as caught:
        canned_bucket_acl(name, OWNER)
    assert caught.value.details == {"ArgumentName": "x-amz-acl", "ArgumentValue": name}


def test_log_delivery_is_no_acl_of_objects() -> None:
    with pytest.raises(InvalidArgument):
        canned_object_acl("log-delivery-write", OWNER, bucket_owner=OWNER)


def test_headers_grant_what_they_say_and_nothing_else() -> None:
    assert acl_by_headers({"x-amz-acl": "public-read"}, OWNER) is None
    headers = {
        "x-amz-grant-read": f'uri="{ALL_USERS}", id="{BUCKET_OWNER}"',
        "x-amz-grant-full-control": f"id={OWNER}",
        "x-amz-grant-write-acp": f'ID="{OWNER}",id="{OWNER}"',
    }
    assert acl_by_headers(headers, OWNER) == Acl(
        owner=OWNER,
        grants=grants((OWNER, "FULL_CONTROL"), (ALL_USERS, "READ"), (BUCKET_OWNER, "READ"), (OWNER, "WRITE_ACP")),
    )


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ('uri="http://example.com/group"', "Invalid group uri"),
        ("bob", "Argument format not recognized"),
        ("id=", "Argument format not recognized"),
        ("name=bob", "Argument format not recognized"),
        ("", "Argument format not recognized"),
    ],
)
def test_a_grantee_that_can_not_be_is_refused(value: str, message: str) -> None:
    with pytest.raises(InvalidArgument, match=message):
        acl_by_headers({"x-amz-grant-read": value}, OWNER)


def test_a_grantee_by_e_mail_address_is_nobody_on_record() -> None:
    with pytest.raises(UnresolvableGrantByEmailAddress):
        acl_by_headers({"x-amz-grant-read": 'emailAddress="bob@example.com"'}, OWNER)


def test_an_acl_has_a_hundred_grants_at_most() -> None:
    many = [Grant(grantee=f"{number:064d}", permission="READ") for number in range(101)]
    assert len(checked_grants(many[:100] + many[:100])) == 100
    with pytest.raises(InvalidArgument):
        checked_grants(many)


def test_a_permission_is_read_by_its_name() -> None:
    assert read_permission("READ_ACP") == "READ_ACP"
    with pytest.raises(InvalidArgument):
        read_permission("read")


@pytest.mark.parametrize(
    ("name", "public"),
    [("private", False), ("public-read", True), ("authenticated-read", True), ("log-delivery-write", False)],
)
def test_an_acl_is_public_if_it_grants_to_everyone(name: str, public: bool) -> None:
    assert is_public(canned_bucket_acl(name, OWNER)) is public


def test_the_log_delivery_group_is_the_log_service() -> None:
    resource = ResourceAccess(account="1" * 12, bucket_acl=canned_bucket_acl("log-delivery-write", OWNER))
    logs = Principal(kind="service", arn="logging.s3.amazonaws.com")
    assert acl_reach("s3:putobject", logs, resource) == "direct"
    assert acl_reach("s3:putobject", Principal(kind="service", arn="sns.amazonaws.com"), resource) is None
    assert acl_reach("s3:putobject", Principal(kind="anonymous"), resource) is None


def test_an_empty_grantee_is_nobody() -> None:
    resource = ResourceAccess(account="1" * 12, bucket_acl=Acl(owner=OWNER, grants=grants(("", "FULL_CONTROL"))))
    assert acl_reach("s3:listbucket", Principal(kind="anonymous"), resource) is None
