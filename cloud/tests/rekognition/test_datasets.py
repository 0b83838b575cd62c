"""Datasets and projects of custom labels through boto3 and a real socket: entries, their changes, and their end."""

import json
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from .account import Account
from .city import City, code, line, place

Client = Callable[..., Any]


def lines_of(city: City, count: int = 20) -> list[str]:
    """Lines of pictures that are nowhere: datasets do not look at them."""
    return [line(city.bucket, f"{number:02}.jpg", "ab"[number % 2]) for number in range(count)]


def written(city: City, lines: list[str]) -> dict[str, Any]:
    key = f"{uuid.uuid4().hex}.manifest"
    city.s3.put_object(Bucket=city.bucket, Key=key, Body="\n".join(lines).encode())
    return place(city.bucket, key)


def sources(city: City, arn: str, **filters: Any) -> list[str]:
    answer = city.rekognition.list_dataset_entries(DatasetArn=arn, **filters)
    return [json.loads(entry)["source-ref"].rpartition("/")[2] for entry in answer["DatasetEntries"]]


def test_a_dataset_is_made_of_a_manifest_and_described(city: City) -> None:
    project = city.project()
    lines = [*lines_of(city), line(city.bucket, "plain.jpg"), '{"no": "picture"}']
    arn = city.dataset(project, "TRAIN", DatasetSource=written(city, lines), Tags={"purpose": "test"})
    told = city.rekognition.describe_dataset(DatasetArn=arn)["DatasetDescription"]
    assert told["Status"] == "CREATE_COMPLETE"
    assert told["StatusMessage"] == "The dataset was successfully created from the manifest file."
    assert told["DatasetStats"] == {"LabeledEntries": 20, "TotalEntries": 21, "TotalLabels": 2, "ErrorEntries": 1}
    (described,) = city.rekognition.describe_projects(ProjectNames=[project.split("/")[1]])["ProjectDescriptions"]
    assert described["Status"] == "CREATED"
    assert [(one["DatasetArn"], one["DatasetType"]) for one in described["Datasets"]] == [(arn, "TRAIN")]
    assert arn.startswith(f"{project.rpartition('/')[0]}/dataset/train/")
    assert city.rekognition.list_tags_for_resource(ResourceArn=arn)["Tags"] == {"purpose": "test"}
    with pytest.raises(ClientError) as refused:
        city.rekognition.create_dataset(ProjectArn=project, DatasetType="TRAIN")
    assert code(refused) == "ResourceAlreadyExistsException"
    copy = city.dataset(city.project(), "TEST", DatasetSource={"DatasetArn": arn})
    assert sources(city, copy) == sources(city, arn)
    assert city.idle(copy)["DatasetStats"] == told["DatasetStats"]


def test_entries_are_filtered_and_come_in_pages(city: City) -> None:
    lines = [*lines_of(city), line(city.bucket, "plain.jpg")]
    arn = city.dataset(city.project(), "TRAIN", DatasetSource=written(city, lines))
    everything = [f"{number:02}.jpg" for number in range(20)]
    assert sources(city, arn) == [*everything, "plain.jpg"]
    assert sources(city, arn, Labeled=True) == everything
    assert sources(city, arn, Labeled=False) == sources(city, arn, HasErrors=True) == ["plain.jpg"]
    assert sources(city, arn, ContainsLabels=["b", "none"]) == everything[1::2]
    assert sources(city, arn, SourceRefContains="1.jpg") == ["01.jpg", "11.jpg"]
    pages = city.rekognition.get_paginator("list_dataset_entries").paginate(
        DatasetArn=arn, ContainsLabels=["a"], PaginationConfig={"PageSize": 3}
    )
    sizes = [len(page["DatasetEntries"]) for page in pages]
    assert sum(sizes) == 10
    assert sizes[:3] == [3, 3, 3]
    labels = city.rekognition.list_dataset_labels(DatasetArn=arn, MaxResults=1)
    assert [one["LabelName"] for one in labels["DatasetLabelDescriptions"]] == ["a"]
    onward = city.rekognition.list_dataset_labels(DatasetArn=arn, MaxResults=1, NextToken=labels["NextToken"])
    assert [one["LabelName"] for one in onward["DatasetLabelDescriptions"]] == ["b"]
    assert "NextToken" not in onward
    with pytest.raises(ClientError) as refused:
        city.rekognition.list_dataset_entries(DatasetArn=arn, NextToken=labels["NextToken"])
    assert code(refused) == "InvalidPaginationTokenException"


def test_changes_replace_the_entries_of_their_pictures_and_add_others(city: City) -> None:
    arn = city.dataset(city.project(), "TRAIN", DatasetSource=written(city, lines_of(city, 4)))
    changes = [line(city.bucket, "01.jpg", "z"), line(city.bucket, "new.jpg", "a")]
    city.rekognition.update_dataset_entries(DatasetArn=arn, Changes={"GroundTruth": "\n".join(changes).encode()})
    assert city.idle(arn)["Status"] == "UPDATE_COMPLETE"
    assert sources(city, arn) == ["00.jpg", "01.jpg", "02.jpg", "03.jpg", "new.jpg"]
    assert sources(city, arn, ContainsLabels=["z"]) == ["01.jpg"]
    city.rekognition.update_dataset_entries(DatasetArn=arn, Changes={"GroundTruth": b"{}\n{}"})
    failed = city.idle(arn)
    assert (failed["Status"], failed["StatusMessageCode"]) == ("UPDATE_FAILED", "CLIENT_ERROR")
    assert failed["StatusMessage"] == "The manifest file has too many terminal errors."


def test_a_fifth_of_a_training_dataset_is_distributed(city: City) -> None:
    project = city.project()
    train = city.dataset(project, "TRAIN", DatasetSource=written(city, lines_of(city, 30)))
    test = city.dataset(project, "TEST")
    pair = [{"Arn": train}, {"Arn": test}]
    city.rekognition.distribute_dataset_entries(Datasets=pair)
    assert city.idle(train)["Status"] == city.idle(test)["Status"] == "UPDATE_COMPLETE"
    left, moved = sources(city, train), sources(city, test)
    assert (len(left), len(moved)) == (24, 6)
    assert sorted(left + moved) == [f"{number:02}.jpg" for number in range(30)]
    assert len(sources(city, test, ContainsLabels=["a"])) == 3
    with pytest.raises(ClientError) as refused:
        city.rekognition.distribute_dataset_entries(Datasets=pair)
    assert code(refused) == "InvalidParameterException"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "The manifest file extension or contents are invalid."),
        (b"nothing\nof the kind", "The manifest file extension or contents are invalid."),
        (b'{"source-ref":"s3://b/k"}\n{}', "The manifest file has too many terminal errors."),
    ],
)
def test_a_manifest_that_can_not_be_used_makes_no_dataset(city: City, content: bytes, message: str) -> None:
    city.s3.put_object(Bucket=city.bucket, Key="bad", Body=content)
    arn = city.dataset(city.project(), "TRAIN", DatasetSource=place(city.bucket, "bad"))
    told = city.idle(arn)
    assert (told["Status"], told["StatusMessage"], told["StatusMessageCode"]) == (
        "CREATE_FAILED",
        message,
        "CLIENT_ERROR",
    )
    with pytest.raises(ClientError) as refused:
        city.rekognition.list_dataset_entries(DatasetArn=arn)
    assert code(refused) == "ResourceNotReadyException"


def test_a_dataset_has_one_source_or_none(city: City) -> None:
    project = city.project()
    made = city.dataset(city.project(), "TRAIN")
    manifest = written(city, lines_of(city))
    for source in ({}, manifest | {"DatasetArn": made}, {"GroundTruthManifest": {}}):
        with pytest.raises(ClientError) as refused:
            city.rekognition.create_dataset(ProjectArn=project, DatasetType="TRAIN", DatasetSource=source)
        assert code(refused) == "InvalidParameterException"
    assert city.idle(city.dataset(project, "TRAIN"))["DatasetStats"]["TotalEntries"] == 0


def test_a_manifest_in_another_accounts_bucket_makes_no_dataset(city: City, other: Account) -> None:
    theirs = City(other.client("s3"), other.client("rekognition"), f"theirs-{uuid.uuid4().hex}", city.eventually)
    theirs.s3.create_bucket(Bucket=theirs.bucket)
    manifest = written(theirs, lines_of(theirs))
    statement = {
        "Effect": "Allow",
        "Principal": "*",
        "Action": "s3:GetObject",
        "Resource": f"arn:aws:s3:::{theirs.bucket}/*",
    }
    theirs.s3.delete_public_access_block(Bucket=theirs.bucket)
    policy = json.dumps({"Version": "2012-10-17", "Statement": statement})
    theirs.s3.put_bucket_policy(Bucket=theirs.bucket, Policy=policy)
    key = manifest["GroundTruthManifest"]["S3Object"]["Name"]
    assert city.s3.head_object(Bucket=theirs.bucket, Key=key)["ContentLength"] > 0
    project = city.project()
    with pytest.raises(ClientError) as refused:
        city.rekognition.create_dataset(ProjectArn=project, DatasetType="TRAIN", DatasetSource=manifest)
    assert code(refused) == "InvalidS3ObjectException"
    assert theirs.idle(theirs.dataset(theirs.project(), "TRAIN", DatasetSource=manifest))["Status"] == "CREATE_COMPLETE"


def test_a_dataset_goes_with_its_entries_and_then_its_project(city: City) -> None:
    project = city.project()
    arn = city.dataset(project, "TRAIN", DatasetSource=written(city, lines_of(city, 250)))
    with pytest.raises(ClientError) as refused:
        city.rekognition.delete_project(ProjectArn=project)
    assert code(refused) == "ResourceInUseException"
    city.rekognition.delete_dataset(DatasetArn=arn)

    def gone() -> bool:
        try:
            assert city.rekognition.describe_dataset(DatasetArn=arn)["DatasetDescription"]["Status"] == (
                "DELETE_IN_PROGRESS"
            )
        except ClientError as refused:
            return refused.response.get("Error", {}).get("Code") == "ResourceNotFoundException"
        return False

    city.eventually(gone)
    city.rekognition.delete_project(ProjectArn=project)


def test_a_project_without_a_test_dataset_is_tested_by_a_fifth_of_its_training(city: City) -> None:
    project = city.project()
    taken = city.photograph(first=0, per_label=10)
    city.dataset(project, "TRAIN", DatasetSource=city.manifest("all.manifest", taken))
    told = city.train(project)
    assert told["Status"] == "TRAINING_COMPLETED"
    assert told["TestingDataResult"]["Input"]["AutoCreate"] is True
    details = json.loads(city.document(told["EvaluationResult"]["Summary"]))["EvaluationDetails"]
    assert (details["NumberOfTrainingImages"], details["NumberOfTestingImages"]) == (16, 4)
    with pytest.raises(ClientError) as refused:
        city.rekognition.create_project_version(
            ProjectArn=project,
            VersionName="v2",
            OutputConfig={"S3Bucket": city.bucket},
            TrainingData={"Assets": []},
            TestingData={"AutoCreate": True},
        )
    assert code(refused) == "InvalidParameterException"


def test_projects_come_in_the_order_of_their_making(client: Client) -> None:
    api = client("rekognition", region_name="eu-south-2")
    made = [api.create_project(ProjectName=f"p{number}", Tags={"n": str(number)})["ProjectArn"] for number in range(3)]
    pages = api.get_paginator("describe_projects").paginate(PaginationConfig={"PageSize": 2})
    found = [[one["ProjectArn"] for one in page["ProjectDescriptions"]] for page in pages]
    assert found == [made[:2], made[2:]]
    assert [
        one["ProjectArn"] for one in api.describe_projects(ProjectNames=["p2", "p0", "none"])["ProjectDescriptions"]
    ] == [made[0], made[2]]
    assert api.list_tags_for_resource(ResourceArn=made[1])["Tags"] == {"n": "1"}
    api.tag_resource(ResourceArn=made[1], Tags={"n": "one", "m": ""})
    api.untag_resource(ResourceArn=made[1], TagKeys=["m", "none"])
    assert api.list_tags_for_resource(ResourceArn=made[1])["Tags"] == {"n": "one"}
    with pytest.raises(ClientError) as refused:
        api.tag_resource(ResourceArn=made[1], Tags={str(number): "" for number in range(50)})
    assert code(refused) == "ServiceQuotaExceededException"
    many = {str(number): "" for number in range(51)}
    with pytest.raises(api.exceptions.LimitExceededException):
        api.create_project(ProjectName="p3", Tags=many)
    with pytest.raises(api.exceptions.LimitExceededException):
        api.create_dataset(ProjectArn=made[0], DatasetType="TRAIN", Tags=many)
    (left,) = api.describe_projects(ProjectNames=["p0", "p3"])["ProjectDescriptions"]
    assert left["Datasets"] == []
    with pytest.raises(ClientError) as refused:
        api.create_project_version(
            ProjectArn=made[0],
            VersionName="v",
            OutputConfig={"S3KeyPrefix": "results"},
            TrainingData={"Assets": []},
            TestingData={"AutoCreate": True},
        )
    assert code(refused) == "InvalidParameterException"
    assert api.describe_project_versions(ProjectArn=made[0])["ProjectVersionDescriptions"] == []
    elsewhere = client("rekognition", region_name="eu-west-1")
    with pytest.raises(ClientError) as refused:
        elsewhere.delete_project(ProjectArn=made[1])
    assert code(refused) == "ResourceNotFoundException"
    for arn in made:
        api.delete_project(ProjectArn=arn)
    assert api.describe_projects()["ProjectDescriptions"] == []
