from __future__ import annotations

from typing import Any, cast

import pytest
from botocore.stub import Stubber
from twins import MemoryObjects

from getitdone.aws import Aws
from getitdone.checking import check
from getitdone.config import AwsSettings, ReportSettings, Settings
from getitdone.errors import NotOffered
from getitdone.loading import make_buckets


@pytest.fixture
def city(objects: MemoryObjects) -> MemoryObjects:
    make_buckets(Settings(), objects)
    objects.put(
        "gid-contacts",
        "contacts.csv",
        b"Name,Email,Phone,Department\nA,a@example.com,,trash\n",
        content_type="text/csv",
    )
    return objects


def states(objects: MemoryObjects, **sections: Any) -> dict[str, tuple[str, str]]:
    settings = Settings(aws=AwsSettings(region="us-east-1", endpoint_url="http://127.0.0.1:9"), **sections)
    aws = Aws(settings.aws)
    with Stubber(cast("Any", aws.sts)) as sts, Stubber(cast("Any", aws.sns)) as sns:
        sts.add_response("get_caller_identity", {"Arn": "arn:aws:iam::123456789012:root"})
        sns.add_response("list_topics", {"Topics": []})
        return {one.name: (one.state, one.detail) for one in check(settings, aws, objects)}


def test_a_city_as_it_should_be_passes(city: MemoryObjects) -> None:
    found = states(city)
    assert {state for state, _ in found.values()} == {"ok"}
    assert found["contacts"][1] == "1 people"
    assert found["report site"][1].startswith("http://cloud.test/gid-reports/index.html")


def test_a_public_contacts_object_fails(city: MemoryObjects) -> None:
    city.public_acls.add(("gid-contacts", "contacts.csv"))
    state, detail = states(city)["gid-contacts/contacts.csv is private"]
    assert (state, detail) == ("failed", "anyone can read it; its ACL grants something to a group")


def test_a_public_contacts_bucket_fails(city: MemoryObjects) -> None:
    city.policies["gid-contacts"] = '{"Statement":[{"Principal":"*"}]}'
    found = states(city)
    assert found["gid-contacts is private"] == ("failed", "its policy is public")
    assert found["gid-contacts/contacts.csv is private"][0] == "failed"


@pytest.mark.parametrize("bucket", ["gid-requests", "gid-images"])
def test_a_private_bucket_that_anyone_can_list_fails(
    city: MemoryObjects, bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(city, "stranger_may_list", lambda name: name == bucket)
    assert states(city)[f"{bucket} is private"] == ("failed", "anyone can list it")


def test_a_site_that_is_open_against_the_settings_is_told(city: MemoryObjects) -> None:
    closed = ReportSettings(publish="none")
    assert states(city, reports=closed)["report site"][0] == "warning"
    city.policies.clear()
    assert states(city, reports=closed)["report site"] == ("ok", "nothing is published yet")


def test_what_can_not_be_asked_is_said(city: MemoryObjects, monkeypatch: pytest.MonkeyPatch) -> None:
    def lacking(bucket: str) -> bool:
        raise NotOffered("not here", code="NotImplemented", operation="GetBucketPolicyStatus")

    monkeypatch.setattr(city, "policy_is_public", lacking)
    assert states(city)["gid-images is private"] == ("ok", "as far as we may look (not: GetBucketPolicyStatus)")


def test_a_missing_bucket_fails_and_missing_contacts_are_a_warning(city: MemoryObjects) -> None:
    city.buckets.discard("gid-images")
    del city.stored["gid-contacts", "contacts.csv"]
    found = states(city)
    assert found["bucket gid-images"][0] == "failed"
    assert found["contacts"][0] == "warning"
