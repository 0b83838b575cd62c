"""Metrics, analytics and Intelligent-Tiering configurations: each by its id, up to a thousand, in pages of a hundred."""

from typing import Any

import pytest

from marinelayer.services.s3.bucket import the_bucket
from marinelayer.services.s3.configurations import put_configuration

TIERS = [{"Days": 90, "AccessTier": "ARCHIVE_ACCESS"}, {"Days": 730, "AccessTier": "DEEP_ARCHIVE_ACCESS"}]
PLAIN: dict[str, dict[str, Any]] = {
    "Metrics": {},
    "Analytics": {"StorageClassAnalysis": {}},
    "IntelligentTiering": {"Status": "Enabled", "Tierings": TIERS},
}
KINDS = list(PLAIN)
TAG = {"Key": "team", "Value": "streets"}


async def put(s3: Any, kind: str, name: str = "one", **more: Any) -> None:
    document = {"Id": name, **PLAIN[kind], **more}
    await s3(f"PutBucket{kind}Configuration", Bucket="photos", Id=name, **{f"{kind}Configuration": document})


@pytest.mark.parametrize("kind", KINDS)
async def test_a_configuration_is_put_whole_shown_and_removed_by_its_id(s3: Any, kind: str) -> None:
    async def get() -> Any:
        return (await s3(f"GetBucket{kind}Configuration", Bucket="photos", Id="one"))[f"{kind}Configuration"]

    for operation in ("Get", "Delete"):
        with s3.refused("NoSuchConfiguration", "The specified configuration does not exist."):
            await s3(f"{operation}Bucket{kind}Configuration", Bucket="photos", Id="one")
    await put(s3, kind, Filter={"Prefix": "a/"})
    assert (await get())["Filter"] == {"Prefix": "a/"}
    await put(s3, kind)
    assert await get() == {"Id": "one", **PLAIN[kind]}
    await s3(f"DeleteBucket{kind}Configuration", Bucket="photos", Id="one")
    with s3.refused("NoSuchConfiguration"):
        await get()


@pytest.mark.parametrize("kind", KINDS)
async def test_lists_come_by_id_a_hundred_a_page(s3: Any, kind: str) -> None:
    empty = await s3(f"ListBucket{kind}Configurations", Bucket="photos")
    assert empty == {"IsTruncated": False, f"{kind}ConfigurationList": []}
    names = [f"n{number:03}" for number in range(201)]
    for name in reversed(names):
        await put(s3, kind, name)
    found: list[str] = []
    token: dict[str, str] = {}
    for left in (101, 1, 0):
        page = await s3(f"ListBucket{kind}Configurations", Bucket="photos", **token)
        found += [one["Id"] for one in page[f"{kind}ConfigurationList"]]
        assert page["IsTruncated"] == bool(left)
        assert page.get("ContinuationToken") == token.get("ContinuationToken")
        token = {"ContinuationToken": page["NextContinuationToken"]} if left else {}
    assert found == names
    with s3.refused("InvalidArgument", ArgumentName="continuation-token", ArgumentValue="n100"):
        await s3(f"ListBucket{kind}Configurations", Bucket="photos", ContinuationToken="n100")


async def test_a_token_leads_on_in_its_own_list_only(s3: Any) -> None:
    for number in range(101):
        await put(s3, "Metrics", f"n{number}")
    token = (await s3("ListBucketMetricsConfigurations", Bucket="photos"))["NextContinuationToken"]
    with s3.refused("InvalidArgument"):
        await s3("ListBucketAnalyticsConfigurations", Bucket="photos", ContinuationToken=token)


async def test_a_bucket_has_at_most_a_thousand_of_a_kind(s3: Any) -> None:
    bucket = await s3.tables.read(the_bucket, {"Bucket": "photos"})
    for number in range(1000):
        await s3.tables.write(put_configuration, bucket, "metrics", {"Id": f"n{number}"}, 1, f"n{number}")
    with s3.refused("TooManyConfigurations"):
        await put(s3, "Metrics", "one-more")
    await put(s3, "Metrics", "n7", Filter={"Prefix": "again"})
    await put(s3, "Analytics")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", ["", "a" * 65, "a b", "ü", "a/b"])
async def test_an_id_is_letters_digits_dots_dashes_and_underscores(s3: Any, kind: str, name: str) -> None:
    await put(s3, kind, "Ab.9_-")
    with s3.refused("InvalidArgument", ArgumentName="id", ArgumentValue=name):
        await put(s3, kind, name)


async def test_a_document_has_the_id_that_the_request_names(s3: Any) -> None:
    for kind, code in (
        ("Metrics", "IdMismatch"),
        ("Analytics", "MalformedXML"),
        ("IntelligentTiering", "MalformedXML"),
    ):
        with s3.refused(code):
            await put(s3, kind, "one", Id="two")


@pytest.mark.parametrize("kind", KINDS)
async def test_a_filter_is_one_thing_or_a_conjunction_of_several(s3: Any, kind: str) -> None:
    for good in ({"Tag": TAG}, {"And": {"Prefix": "", "Tags": [TAG]}}, {"And": {"Tags": [TAG, {**TAG, "Key": "b"}]}}):
        await put(s3, kind, Filter=good)
    for bad in ({}, {"Prefix": "a", "Tag": TAG}, {"And": {}}, {"And": {"Prefix": "a"}}, {"And": {"Tags": [TAG]}}):
        with s3.refused("MalformedXML"):
            await put(s3, kind, Filter=bad)
    with s3.refused("InvalidTag"):
        await put(s3, kind, Filter={"And": {"Tags": [TAG, TAG]}})


async def test_metrics_of_access_points_are_not_there(s3: Any) -> None:
    arn = "arn:aws:s3:us-east-1:111122223333:accesspoint/ap"
    for chosen in ({"AccessPointArn": arn}, {"And": {"AccessPointArn": arn, "Prefix": "a"}}):
        with s3.refused("OperationNotImplemented"):
            await put(s3, "Metrics", Filter=chosen)


async def test_reports_go_to_a_bucket_by_its_arn(s3: Any) -> None:
    def export(arn: str) -> dict[str, Any]:
        destination = {"S3BucketDestination": {"Format": "CSV", "Bucket": arn}}
        return {"DataExport": {"OutputSchemaVersion": "V_1", "Destination": destination}}

    await put(s3, "Analytics", StorageClassAnalysis=export("arn:aws:s3:::photos"))
    for arn in ("photos", "arn:aws:s3:::"):
        with s3.refused("InvalidS3DestinationBucket"):
            await put(s3, "Analytics", StorageClassAnalysis=export(arn))


@pytest.mark.parametrize(
    ("tierings", "code", "message"),
    [
        ([], "MalformedXML", None),
        ([TIERS[0], TIERS[0]], "MalformedXML", None),
        (
            [{"Days": 89, "AccessTier": "ARCHIVE_ACCESS"}],
            "InvalidArgument",
            "Days specified in ARCHIVE_ACCESS tier should not be less than 90",
        ),
        ([{"Days": 179, "AccessTier": "DEEP_ARCHIVE_ACCESS"}], "InvalidArgument", None),
        ([{"Days": 731, "AccessTier": "ARCHIVE_ACCESS"}], "InvalidArgument", None),
    ],
)
async def test_tiers_come_once_each_and_within_their_days(s3: Any, tierings: Any, code: str, message: Any) -> None:
    with s3.refused(code, message):
        await put(s3, "IntelligentTiering", Tierings=tierings)


def test_boto3_puts_and_lists_configurations(client: Any, bucket: str) -> None:
    s3 = client("s3")
    for kind, method in (
        ("Metrics", "metrics"),
        ("Analytics", "analytics"),
        ("IntelligentTiering", "intelligent_tiering"),
    ):
        document = {"Id": "one", "Filter": {"And": {"Prefix": "a", "Tags": [TAG]}}, **PLAIN[kind]}
        name = f"{kind}Configuration"
        getattr(s3, f"put_bucket_{method}_configuration")(Bucket=bucket, Id="one", **{name: document})
        assert getattr(s3, f"get_bucket_{method}_configuration")(Bucket=bucket, Id="one")[name] == document
        listed = getattr(s3, f"list_bucket_{method}_configurations")(Bucket=bucket)
        assert (listed["IsTruncated"], listed[f"{name}List"]) == (False, [document])
        getattr(s3, f"delete_bucket_{method}_configuration")(Bucket=bucket, Id="one")
        assert f"{name}List" not in getattr(s3, f"list_bucket_{method}_configurations")(Bucket=bucket)
