"""Which permissions each operation needs: nothing that is served is without, and all of them are AWS's own.

AWS's service authorization reference is data of `security/service_authorization.toml`.
"""

import re
from pathlib import Path

import pytest

from marinelayer.security.authorization import actions, services
from marinelayer.services.operation import NoPermission, need

ROOT = Path(__file__).resolve().parents[3]
NARROWER = {
    "sns:getsubscriptionattributes",
    "sns:listsubscriptions",
    "sns:listtopics",
    "sns:setsubscriptionattributes",
    "sns:unsubscribe",
}
"""Actions that the reference knows no resource type for, and that are asked about the subscription's topic, so that
policies which name the topic count, or about all topics of the account (`arn:aws:sns:REGION:ACCOUNT:*`), as AWS's own
refusals name them."""

BARE = {"translate:TranslateText", "translate:TranslateDocument", "translate:StartTextTranslationJob"}
"""Actions that may name a resource, and are asked about none where the request names none."""
BY_ARN = re.compile(r"\$\{\w+\}")
"""A member of the input that is an ARN itself."""


@pytest.fixture(scope="module")
def table(reference):
    """Every served operation with what it may need: `(service, operation, demands)`."""
    return [
        (service, one, list(reference.demands(service, one)))
        for service in reference.SERVICES
        for one in reference.served(service).values()
    ]


def test_no_operation_is_without_permissions_but_for_a_reason(table):
    for service, one, demands in table:
        if isinstance(one.needs, NoPermission):
            assert one.needs.reason
        else:
            assert demands, f"{service}.{one.name} needs nothing"


def test_an_operation_that_would_need_nothing_is_found(reference):
    forgotten = reference.Served(name="ListTopics", needs=lambda _request, _caller: (), anonymous=False, does="")
    assert list(reference.demands("sns", forgotten)) == []
    declared = reference.Served(name="ListTopics", needs=need("sns:ListTopics"), anonymous=False, does="")
    assert [one.action for one in reference.demands("sns", declared)] == ["sns:ListTopics"]


def test_every_action_is_one_of_awss_reference(table):
    for _, one, demands in table:
        for demand in demands:
            known = actions().get(demand.action.lower())
            assert known is not None, f"{one.name}: {demand.action}"
            assert known.name == demand.action


def test_every_action_is_asked_about_a_resource_of_its_types(table):
    for _, one, demands in table:
        for demand in demands:
            known = actions()[demand.action.lower()]
            for resource in demand.resources:
                if resource == "*" or demand.action.lower() in NARROWER or BY_ARN.fullmatch(resource):
                    continue
                assert any(kind.fits(resource) for kind in known.on), f"{one.name}: {demand.action} on {resource}"
            assert not known.on or demand.resources != ("*",) or known.name in BARE, one.name


def test_every_condition_key_is_one_of_the_service_or_of_all(table):
    for service, one, demands in table:
        prefixes = {"s3" if service == "s3control" else service, "iam"}
        known = {_plain(key) for action in actions().values() for key in action.keys}
        for demand in demands:
            for key in demand.keys:
                assert _plain(key) in known, f"{one.name}: {key}"
                assert key.partition(":")[0] in prefixes | {"aws"}


def test_every_service_is_in_the_reference(reference):
    assert services() == set(reference.SERVICES) - {"s3control"}


def test_what_needs_no_signature_says_why(reference):
    for service in reference.SERVICES:
        for one in reference.served(service).values():
            if one.anonymous:
                assert reference.open_reason(service, one.name), f"{service}.{one.name}"


def test_the_page_has_a_line_for_every_action_of_every_operation(reference, table):
    lines = list(reference.permissions_page())
    for _, one, demands in table:
        for demand in demands:
            assert any(line.startswith(f"| `{one.name}` | `{demand.action}` |") for line in lines)


def test_templates_tell_types_of_resources_apart():
    (bucket,) = actions()["s3:listbucket"].on
    (one,) = actions()["s3:getobject"].on
    assert bucket.fits("arn:aws:s3:::gid-requests")
    assert not bucket.fits("arn:aws:s3:::gid-requests/k")
    assert one.fits("arn:aws:s3:::gid-requests/2019/k")
    assert not one.fits("arn:aws:s3:::gid-requests")
    assert "s3:prefix" in actions()["s3:listbucket"].keys
    assert actions()["sns:listtopics"].on == ()


def _plain(key):
    """A key without the tag's name that it may end in."""
    return key.lower().partition("/")[0]
