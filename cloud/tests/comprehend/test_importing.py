"""Models that are imported, and the policies that let others do so, with boto3 over a real socket."""

import json
import subprocess
import sys
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest
from botocore.exceptions import ClientError

from marinelayer.outbox import Job
from marinelayer.ports import Tables
from marinelayer.services.comprehend.arns import ResourceName
from marinelayer.services.comprehend.ground import Ground
from marinelayer.services.comprehend.importing import IMPORT, Imports, import_model
from marinelayer.services.comprehend.models import forget_model
from marinelayer.services.comprehend.resources import Resource, put_resource, require_resource
from marinelayer.testing import LocalCloud

MARINELAYER = str(Path(sys.executable).with_name("marinelayer"))
ALLOWED = {"Effect": "Allow", "Action": "comprehend:ImportModel", "Resource": "*"}


def refused(call: Any, **request: Any) -> str:
    with pytest.raises(ClientError) as error:
        call(**request)
    return error.value.response["Error"]["Code"]


def policy(principal: Any, **further: Any) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": {**ALLOWED, "Principal": principal, **further}})


@pytest.fixture(scope="module")
def other(cloud: LocalCloud) -> tuple[str, dict[str, str]]:
    """Another account: its number, and the key of its root user."""
    number = f"7{uuid.uuid4().int % 10**11:011}"
    asked = [MARINELAYER, "account", "add", number, "--data", str(cloud.folder)]
    made = json.loads(subprocess.run(asked, capture_output=True, text=True, timeout=60, check=True).stdout)
    return number, {"AccessKeyId": made["access_key_id"], "SecretAccessKey": made["secret_access_key"]}


@pytest.fixture
def theirs(other: tuple[str, dict[str, str]], client: Callable[..., Any]) -> Any:
    return client("comprehend", other[1])


def settled(comprehend: Any, arn: str, eventually: Callable[..., Any]) -> dict[str, Any]:
    def ended() -> dict[str, Any] | None:
        answer = comprehend.describe_document_classifier(DocumentClassifierArn=arn)
        found = answer["DocumentClassifierProperties"]
        return found if found["Status"] not in {"SUBMITTED", "TRAINING"} else None

    return eventually(ended)


def test_a_policy_is_put_described_changed_by_its_revision_and_deleted(desk: Any) -> None:
    comprehend, model = desk.comprehend, desk.submit(b"x,y\n")
    describe, put, delete = (
        comprehend.describe_resource_policy,
        comprehend.put_resource_policy,
        comprehend.delete_resource_policy,
    )
    assert refused(describe, ResourceArn=model) == "ResourceNotFoundException"
    assert refused(delete, ResourceArn=model) == "ResourceNotFoundException"
    everyone, account = policy("*"), policy({"AWS": "444455556666"})
    first = put(ResourceArn=model, ResourcePolicy=everyone)["PolicyRevisionId"]
    one = describe(ResourceArn=model)
    assert (one["ResourcePolicy"], one["PolicyRevisionId"]) == (everyone, first)
    second = put(ResourceArn=model, ResourcePolicy=account, PolicyRevisionId=first)["PolicyRevisionId"]
    two = describe(ResourceArn=model)
    assert (two["ResourcePolicy"], two["PolicyRevisionId"], first != second) == (account, second, True)
    assert two["CreationTime"] == one["CreationTime"] <= one["LastModifiedTime"] <= two["LastModifiedTime"]
    assert refused(put, ResourceArn=model, ResourcePolicy=account, PolicyRevisionId=first) == "InvalidRequestException"
    assert refused(delete, ResourceArn=model, PolicyRevisionId=first) == "InvalidRequestException"
    found = comprehend.describe_document_classifier(DocumentClassifierArn=model)["DocumentClassifierProperties"]
    assert "ResourcePolicy" not in found
    delete(ResourceArn=model, PolicyRevisionId=second)
    assert refused(describe, ResourceArn=model) == "ResourceNotFoundException"
    assert refused(put, ResourceArn=model + "-other", ResourcePolicy=account) == "ResourceNotFoundException"


@pytest.mark.parametrize(
    "text",
    [
        "{}",
        "no policy",
        json.dumps({"Version": "2012-10-17", "Statement": ALLOWED}),
        policy({"AWS": "arn:aws:iam::111122223333:user/nobody-of-this-name"}),
    ],
)
def test_what_is_no_policy_of_a_model_is_refused(desk: Any, text: str) -> None:
    model = desk.submit(b"x,y\n")
    put = desk.comprehend.put_resource_policy
    assert refused(put, ResourceArn=model, ResourcePolicy=text) == "InvalidRequestException"
    create = {
        "DocumentClassifierName": "c-never",
        "DataAccessRoleArn": desk.role,
        "InputDataConfig": {"S3Uri": f"s3://{desk.bucket}/in/x.csv"},
        "LanguageCode": "en",
        "ModelPolicy": text,
    }
    assert refused(desk.comprehend.create_document_classifier, **create) == "InvalidRequestException"


def test_another_account_imports_what_the_policy_lets_it(
    desk: Any, material: Any, theirs: Any, other: tuple[str, dict[str, str]], eventually: Callable[..., Any]
) -> None:
    model = desk.trained(material.csv_of(material.complaints(15)))
    name = f"copy-{uuid.uuid4().hex[:8]}"
    asked = {"SourceModelArn": model, "ModelName": name, "VersionName": "v1"}
    assert refused(theirs.import_model, **asked) == "AccessDeniedException"
    put = desk.comprehend.put_resource_policy
    put(ResourceArn=model, ResourcePolicy=policy({"AWS": other[0]}, Action="comprehend:DescribeDocumentClassifier"))
    assert refused(theirs.import_model, **asked) == "AccessDeniedException"
    put(ResourceArn=model, ResourcePolicy=policy({"AWS": f"arn:aws:iam::{other[0]}:root"}))
    tags = [{"Key": "team", "Value": "streets"}]
    copy = theirs.import_model(**asked, Tags=tags)["ModelArn"]
    assert copy == f"arn:aws:comprehend:us-east-1:{other[0]}:document-classifier/{name}/version/v1"
    found, source = settled(theirs, copy, eventually), desk.described(model)
    assert (found["Status"], found["SourceModelArn"], found["VersionName"]) == ("TRAINED", model, "v1")
    for member in ("LanguageCode", "Mode", "ClassifierMetadata"):
        assert found[member] == source[member]
    assert theirs.list_tags_for_resource(ResourceArn=copy)["Tags"] == tags
    assert not {"InputDataConfig", "DataAccessRoleArn", "TrainingStartTime"} & set(found), "not what is the source's"
    assert refused(theirs.import_model, **asked) == "ResourceInUseException"
    read = theirs.describe_document_classifier
    assert refused(read, DocumentClassifierArn=model) == "AccessDeniedException", "it lets import, and nothing else"
    desk.comprehend.delete_resource_policy(ResourceArn=model)
    desk.comprehend.delete_document_classifier(DocumentClassifierArn=model)
    endpoint = theirs.create_endpoint(EndpointName=name, ModelArn=copy, DesiredInferenceUnits=1)["EndpointArn"]
    eventually(lambda: theirs.describe_endpoint(EndpointArn=endpoint)["EndpointProperties"]["Status"] == "IN_SERVICE")
    classes = theirs.classify_document(EndpointArn=endpoint, Text="a pothole in the asphalt")["Classes"]
    assert classes[0]["Name"] == "POTHOLE"


def test_a_model_made_with_a_policy_can_be_imported(desk: Any, material: Any, theirs: Any) -> None:
    rows = material.csv_of(material.complaints(10))
    model = desk.trained(rows, ModelPolicy=policy("*"))
    assert theirs.import_model(SourceModelArn=model)["ModelArn"].endswith(model.rpartition(":")[2])


def test_what_can_not_be_imported_is_refused(desk: Any, material: Any) -> None:
    model, broken = desk.trained(material.csv_of(material.complaints(10))), desk.submit(b"x,y\n")
    desk.described(broken)
    load = desk.comprehend.import_model
    assert refused(load, SourceModelArn=model) == "ResourceInUseException", "it has that name itself"
    assert refused(load, SourceModelArn=broken, ModelName="c-never") == "ResourceUnavailableException"
    assert refused(load, SourceModelArn=model + "-other", ModelName="c-never") == "ResourceNotFoundException"
    assert refused(load, SourceModelArn=model, ModelName="c-never", ModelKmsKeyId="k") == "NotImplemented"
    elsewhere = desk.client("comprehend", region_name="eu-west-1").import_model
    assert refused(elsewhere, SourceModelArn=model, ModelName="c-never") == "ResourceNotFoundException"


class Nothing:
    """Models' bytes, of which there are none; and a clock that stands."""

    async def load(self, resource: Resource) -> bytes:
        raise ValueError(resource.arn)

    def now(self) -> int:
        return 5_000_000


@pytest.mark.parametrize("how", ["forgotten", "without bytes"])
async def test_a_source_that_is_gone_when_it_is_to_be_copied_ends_the_import(tables: Tables, how: str) -> None:
    place = {"account": "1" * 12, "region": "us-east-1", "kind": "document-classifier"}
    source = Resource(
        name=ResourceName(**place, name="source"), label="source", status="TRAINED", created=1, document={"Id": "s"}
    )
    await tables.write(put_resource, source)
    copy = Resource(
        name=ResourceName(**place, name="copy"),
        label="copy",
        status="SUBMITTED",
        created=2,
        document={"Id": "c", "SourceModelArn": source.arn},
    )
    await tables.write(import_model, copy)
    if how == "forgotten":
        await tables.write(forget_model, source.arn, 3)
    nothing: Any = Nothing()
    ground = Ground(
        **dict.fromkeys(set(Ground.__annotations__) - {"tables", "clock"}, cast("Any", None)),
        tables=tables,
        clock=nothing,
    )
    job = Job(id=f"{IMPORT}/c", kind=IMPORT, group="g", payload=copy.arn.encode(), attempts=1)
    await Imports(ground, nothing).do(job)
    found = await tables.read(require_resource, copy.arn)
    assert (found.status, found.message, found.ended) == ("IN_ERROR", "The source model is no longer there.", 5_000_000)
