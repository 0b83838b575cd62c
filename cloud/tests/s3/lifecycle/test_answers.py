"""What answers say of the rules that an object or an upload comes under."""

from datetime import UTC, datetime
from typing import Any

from .passing_days import EXPIRE, put, rule, versioning

FIRST_WINS = (("two", "logs/"), ("three", "log"), ("four", "l"))


async def test_answers_say_when_an_object_expires_and_by_which_rule(s3: Any) -> None:
    await put(s3, EXPIRE | {"ID": "a rule"}, rule(ID="later", Expiration={"Days": 9}))
    says = {"Expiration": 'expiry-date="Mon, 05 Apr 2021 00:00:00 GMT", rule-id="a%20rule"'}
    written = await s3("PutObject", Bucket="photos", Key="logs/1", Body=b"x")
    assert written.items() >= says.items()
    for operation in ("GetObject", "HeadObject"):
        assert (await s3(operation, Bucket="photos", Key="logs/1")).items() >= says.items()
    assert (await s3("CopyObject", Bucket="photos", Key="logs/2", CopySource="photos/logs/1")).items() >= says.items()
    assert (await s3.upload("logs/3", b"x")).items() >= says.items()
    other = await s3("PutObject", Bucket="photos", Key="other", Body=b"x")
    assert other["Expiration"] == 'expiry-date="Sun, 11 Apr 2021 00:00:00 GMT", rule-id="later"'
    await put(s3, EXPIRE | {"Status": "Disabled"})
    assert "Expiration" not in await s3("HeadObject", Bucket="photos", Key="logs/1")


async def test_of_rules_with_one_date_the_first_is_named(s3: Any) -> None:
    await put(s3, *[rule(ID=name, Filter={"Prefix": prefix}, Expiration={"Days": 9}) for name, prefix in FIRST_WINS])
    written = await s3("PutObject", Bucket="photos", Key="logs/1", Body=b"x")
    assert written["Expiration"].endswith('rule-id="two"')


async def test_only_the_current_version_asked_for_without_its_id_is_said_to_expire(s3: Any) -> None:
    await versioning(s3)
    await put(s3, EXPIRE)
    versions = [(await s3("PutObject", Bucket="photos", Key="logs/1", Body=b"x"))["VersionId"] for _ in range(2)]
    for version in versions:
        assert "Expiration" not in await s3("HeadObject", Bucket="photos", Key="logs/1", VersionId=version)
    assert "Expiration" in await s3("HeadObject", Bucket="photos", Key="logs/1")


async def test_answers_say_when_an_upload_is_given_up(s3: Any) -> None:
    await put(s3, rule(ID="parts", AbortIncompleteMultipartUpload={"DaysAfterInitiation": 2}))
    begun = await s3("CreateMultipartUpload", Bucket="photos", Key="k")
    listed = await s3("ListParts", Bucket="photos", Key="k", UploadId=begun["UploadId"])
    for said in (begun, listed):
        assert (said["AbortDate"], said["AbortRuleId"]) == (datetime(2021, 4, 4, tzinfo=UTC), "parts")
