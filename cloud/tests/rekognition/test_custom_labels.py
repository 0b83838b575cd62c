"""Custom labels through boto3 and a real socket: a city teaches its cloud what a scooter on the pavement looks like."""

import json
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import boto3
import pytest
from botocore.exceptions import ClientError

from marinelayer.testing import LocalCloud, local_cloud

from ..engines.pavements import jpeg, pavement  # noqa: TID252 - the engines' tests draw them too
from .test_manifests import image_label

Client = Callable[..., Any]
SHARED = Path(__file__).resolve().parents[4] / "shared"
PER_LABEL = 20
THINGS = {"scooter": ("scooter",), "pavement": ()}


def line(bucket: str, key: str, *labels: str) -> str:
    """A picture's line in a manifest."""
    members: dict[str, Any] = {"source-ref": f"s3://{bucket}/{key}"}
    for number, label in enumerate(labels):
        members |= {f"l{number}": 0, f"l{number}-metadata": image_label(label)}
    return json.dumps(members)


def place(bucket: str, key: str) -> dict[str, Any]:
    return {"GroundTruthManifest": {"S3Object": {"Bucket": bucket, "Name": key}}}


def code(refused: pytest.ExceptionInfo[ClientError]) -> str:
    return refused.value.response.get("Error", {}).get("Code", "")


@dataclass
class City:
    """Somebody who trains: their clients and their bucket."""

    s3: Any
    rekognition: Any
    bucket: str
    eventually: Callable[[Callable[[], Any]], Any]

    def photograph(self, *, first: int, per_label: int = PER_LABEL) -> list[tuple[str, str]]:
        """Put drawn pictures of pavements into the bucket; their keys, and what they show."""
        taken: list[tuple[str, str]] = []
        for offset, (label, things) in enumerate(THINGS.items()):
            for number in range(first + 500 * offset, first + 500 * offset + per_label):
                self.s3.put_object(Bucket=self.bucket, Key=f"images/{number}.jpg", Body=jpeg(pavement(number, *things)))
                taken.append((f"images/{number}.jpg", label))
        return taken

    def manifest(self, key: str, taken: list[tuple[str, str]], **names: str) -> dict[str, Any]:
        """Write a manifest, with other names for some labels; where it is."""
        lines = [line(self.bucket, one, names.get(label, label)) for one, label in taken]
        self.s3.put_object(Bucket=self.bucket, Key=key, Body="\n".join(lines).encode())
        return place(self.bucket, key)

    def project(self) -> str:
        return self.rekognition.create_project(ProjectName=f"city-{uuid.uuid4().hex[:8]}")["ProjectArn"]

    def train(self, project: str, **request: Any) -> dict[str, Any]:
        """Train a version to the end of it; its description."""
        self.rekognition.create_project_version(
            ProjectArn=project,
            VersionName="v1",
            OutputConfig={"S3Bucket": self.bucket, "S3KeyPrefix": "results"},
            **request,
        )
        return self.settled(project, "TRAINING_IN_PROGRESS")

    def settled(self, project: str, leaving: str) -> dict[str, Any]:
        """The version's description once it has left a status."""
        waits = self.eventually(lambda: self._left(project, leaving))
        return cast("dict[str, Any]", waits)

    def _left(self, project: str, leaving: str) -> dict[str, Any] | None:
        (told,) = self.rekognition.describe_project_versions(ProjectArn=project, VersionNames=["v1"])[
            "ProjectVersionDescriptions"
        ]
        return None if told["Status"] == leaving else told

    def run(self, project: str, version: str) -> None:
        self.rekognition.start_project_version(ProjectVersionArn=version, MinInferenceUnits=1)
        assert self.settled(project, "STARTING")["Status"] == "RUNNING"

    def document(self, told: dict[str, Any]) -> str:
        found = told["S3Object"]
        return self.s3.get_object(Bucket=found["Bucket"], Key=found["Name"])["Body"].read().decode()

    def dataset(self, project: str, kind: str, **request: Any) -> str:
        """A dataset, when it is made."""
        arn = self.rekognition.create_dataset(ProjectArn=project, DatasetType=kind, **request)["DatasetArn"]
        self.idle(arn)
        return arn

    def idle(self, arn: str) -> dict[str, Any]:
        def look() -> dict[str, Any] | None:
            told = self.rekognition.describe_dataset(DatasetArn=arn)["DatasetDescription"]
            return None if told["Status"].endswith("IN_PROGRESS") else told

        return cast("dict[str, Any]", self.eventually(look))


@pytest.fixture
def city(client: Client, bucket: str, patiently: Callable[..., Any]) -> City:
    return City(client("s3"), client("rekognition"), bucket, patiently)


@pytest.fixture(scope="session")
def patiently() -> Callable[[Callable[[], Any]], Any]:
    """As `eventually`, for what takes a worker's start and some seconds of a processor that others want too."""

    def wait(look: Callable[[], Any]) -> Any:
        deadline = time.monotonic() + 240
        while not (found := look()):
            assert time.monotonic() < deadline, "it did not come about"
            time.sleep(0.1)
        return found

    return wait


@dataclass
class Trained:
    """A version that was trained on 20 + 20 pictures and tested by 20 + 20."""

    city: City
    project: str
    version: str
    told: dict[str, Any]


def teach(city: City, **names: str) -> Trained:
    project = city.project()
    told = city.train(
        project,
        TrainingData={"Assets": [city.manifest("train.manifest", city.photograph(first=0), **names)]},
        TestingData={"Assets": [city.manifest("test.manifest", city.photograph(first=100), **names)]},
    )
    return Trained(city, project, told["ProjectVersionArn"], told)


@pytest.fixture(scope="module")
def trained(cloud: LocalCloud, patiently: Callable[..., Any]) -> Iterator[Trained]:
    clients = [boto3.client(cast("Any", service), **cloud.client_arguments()) for service in ("s3", "rekognition")]
    city = City(*clients, bucket=f"city-{uuid.uuid4().hex[:12]}", eventually=patiently)
    city.s3.create_bucket(Bucket=city.bucket)
    taught = teach(city)
    city.run(taught.project, taught.version)
    yield taught
    for each in clients:
        each.close()


def found_scooters(trained: Trained, *, first: int, name: str = "scooter") -> tuple[int, int, int]:
    """How many of 20 pictures with a scooter it is found in, of how many without one, and 20."""
    counts = [
        sum(
            name
            in {
                label["Name"]
                for label in trained.city.rekognition.detect_custom_labels(
                    ProjectVersionArn=trained.version,
                    Image={"Bytes": jpeg(pavement(first + 500 * offset + number, *things))},
                )["CustomLabels"]
            }
            for number in range(PER_LABEL)
        )
        for offset, things in enumerate(THINGS.values())
    ]
    return counts[0], counts[1], PER_LABEL


def test_a_label_reaches_its_reported_f1_on_pictures_that_were_held_back(trained: Trained) -> None:
    assert trained.told["Status"] == "TRAINING_COMPLETED"
    assert trained.told["StatusMessage"] == "The model is ready to run."
    reported = trained.told["EvaluationResult"]["F1Score"]
    right, wrong, there = found_scooters(trained, first=2000)
    reached = 2 * right / (right + wrong + there)
    assert reported >= 0.9
    assert reached >= reported - 0.1  # of 40 pictures, each is worth 0.025


def test_what_was_trained_is_told_in_documents(trained: Trained) -> None:
    told, city = trained.told, trained.city
    summary = json.loads(city.document(told["EvaluationResult"]["Summary"]))
    assert summary["AggregatedEvaluationResults"]["F1Score"] == pytest.approx(told["EvaluationResult"]["F1Score"])
    assert summary["EvaluationDetails"]["NumberOfTrainingImages"] == 40
    assert summary["EvaluationDetails"]["NumberOfTestingImages"] == 40
    assert summary["EvaluationDetails"]["ProjectVersionArn"] == trained.version
    assert {one["Label"] for one in summary["LabelEvaluationResults"]} == {"scooter", "pavement"}
    statistics = json.loads(city.document(told["ManifestSummary"]))["statistics"]
    assert (statistics["training"]["valid_json_lines"], statistics["testing"]["use_case"]) == (40, "IMAGE_LEVEL_LABELS")
    testing = told["TestingDataResult"]
    (snapshot,) = testing["Output"]["Assets"]
    lines = [json.loads(one) for one in city.document(snapshot["GroundTruthManifest"]).splitlines()]
    assert len(lines) == 40
    named = trained.project.split("/")[1]
    assert snapshot["GroundTruthManifest"]["S3Object"]["Name"] == f"results/TestingGroundTruth-{named}-v1.json"
    assert testing["Validation"]["Assets"]
    assert told["OutputConfig"] == {"S3Bucket": city.bucket, "S3KeyPrefix": "results"}
    assert told["BaseModelVersion"].startswith("PP-OCRv6-small")


def test_thresholds_decide_unless_a_confidence_is_asked_for(trained: Trained) -> None:
    detect = trained.city.rekognition.detect_custom_labels
    image = {"Bytes": jpeg(pavement(3000, "scooter"))}
    assert [one["Name"] for one in detect(ProjectVersionArn=trained.version, Image=image)["CustomLabels"]] == [
        "scooter"
    ]
    everything = detect(ProjectVersionArn=trained.version, Image=image, MinConfidence=0)["CustomLabels"]
    assert [one["Name"] for one in everything] == ["scooter", "pavement"]
    assert sum(one["Confidence"] for one in everything) == pytest.approx(100, abs=0.01)
    assert "Geometry" not in everything[0]
    limited = detect(ProjectVersionArn=trained.version, Image=image, MinConfidence=0, MaxResults=1)["CustomLabels"]
    assert limited == everything[:1]
    assert detect(ProjectVersionArn=trained.version, Image=image, MinConfidence=100)["CustomLabels"] == []


def test_a_picture_in_a_bucket_is_looked_at_as_the_caller(trained: Trained) -> None:
    city = trained.city
    detect = city.rekognition.detect_custom_labels
    city.s3.put_object(Bucket=city.bucket, Key="report.jpg", Body=jpeg(pavement(3001, "scooter")))
    image = {"S3Object": {"Bucket": city.bucket, "Name": "report.jpg"}}
    assert detect(ProjectVersionArn=trained.version, Image=image)["CustomLabels"][0]["Name"] == "scooter"
    with pytest.raises(ClientError) as refused:
        detect(ProjectVersionArn=trained.version, Image={"S3Object": {"Bucket": city.bucket, "Name": "none.jpg"}})
    assert code(refused) == "InvalidS3ObjectException"
    for content, expected in ((b"GIF89a", "InvalidImageFormatException"), (bytes(5 << 20), "ImageTooLargeException")):
        with pytest.raises(ClientError) as refused:
            detect(ProjectVersionArn=trained.version, Image={"Bytes": content})
        assert code(refused) == expected


def test_a_version_that_runs_or_is_of_a_name_is_in_use(trained: Trained) -> None:
    api = trained.city.rekognition
    for ask in (
        lambda: api.start_project_version(ProjectVersionArn=trained.version, MinInferenceUnits=1),
        lambda: api.delete_project_version(ProjectVersionArn=trained.version),
        lambda: api.delete_project(ProjectArn=trained.project),
        lambda: api.create_project(ProjectName=trained.project.split("/")[1]),
    ):
        with pytest.raises(ClientError) as refused:
            ask()
        assert code(refused) == "ResourceInUseException"


def test_swapped_labels_swap_the_answers_and_a_stopped_model_answers_nothing(city: City) -> None:
    swapped = teach(city, scooter="pavement", pavement="scooter")
    api, version = city.rekognition, swapped.version
    image = {"Bytes": jpeg(pavement(3000, "scooter"))}
    with pytest.raises(ClientError) as refused:
        api.detect_custom_labels(ProjectVersionArn=version, Image=image)
    assert code(refused) == "ResourceNotReadyException"
    api.start_project_version(ProjectVersionArn=version, MinInferenceUnits=2, MaxInferenceUnits=3)
    told = city.settled(swapped.project, "STARTING")
    assert (told["Status"], told["MinInferenceUnits"], told["MaxInferenceUnits"]) == ("RUNNING", 2, 3)
    assert found_scooters(swapped, first=2000, name="pavement")[0] >= PER_LABEL - 2
    assert found_scooters(swapped, first=2000, name="scooter")[0] <= 2
    assert api.stop_project_version(ProjectVersionArn=version)["Status"] == "STOPPING"
    assert city.settled(swapped.project, "STOPPING")["Status"] == "STOPPED"
    with pytest.raises(ClientError) as refused:
        api.stop_project_version(ProjectVersionArn=version)
    assert code(refused) == "ResourceInUseException"
    assert api.delete_project_version(ProjectVersionArn=version)["Status"] == "DELETING"
    assert api.describe_project_versions(ProjectArn=swapped.project)["ProjectVersionDescriptions"] == []
    assert api.delete_project(ProjectArn=swapped.project)["Status"] == "DELETING"
    with pytest.raises(ClientError) as refused:
        api.describe_project_versions(ProjectArn=swapped.project)
    assert code(refused) == "ResourceNotFoundException"


def test_with_an_image_model_it_is_learnt_by_that_and_says_so(patiently: Callable[..., Any]) -> None:
    if not (SHARED / "models").is_dir():
        pytest.skip(f"no model files: {SHARED / 'models'} is not there")
    with local_cloud(models=SHARED / "models") as running:
        clients = [boto3.client(cast("Any", one), **running.client_arguments()) for one in ("s3", "rekognition")]
        city = City(*clients, bucket="city", eventually=patiently)
        city.s3.create_bucket(Bucket="city")
        taught = teach(city)
        assert taught.told["BaseModelVersion"].startswith("MobileNetV2-ImageNet")
        assert taught.told["EvaluationResult"]["F1Score"] >= 0.9
        city.run(taught.project, taught.version)
        right, wrong, there = found_scooters(taught, first=2000)
        assert 2 * right / (right + wrong + there) >= taught.told["EvaluationResult"]["F1Score"] - 0.1
        for each in clients:
            each.close()


# --- what does not become a model -----------------------------------------------------------------------------


def test_what_is_wrong_with_the_pictures_stops_training_and_is_told(city: City) -> None:
    taken = city.photograph(first=0, per_label=3)
    city.s3.put_object(Bucket=city.bucket, Key="images/0.jpg", Body=b"no picture")
    broken = city.manifest("train.manifest", [*taken, ("images/none.jpg", "scooter")])
    told = city.train(
        city.project(),
        TrainingData={"Assets": [broken]},
        TestingData={"Assets": [city.manifest("test.manifest", taken)]},
    )
    assert told["Status"] == "TRAINING_FAILED"
    assert told["StatusMessage"] == "The manifest file contains too many invalid rows."
    assert "EvaluationResult" not in told
    statistics = json.loads(city.document(told["ManifestSummary"]))["statistics"]["training"]
    assert statistics["error_json_line_indices"] == [0, 6]
    assert [error["code"] for error in statistics["errors"]] == ["ERROR_TOO_MANY_INVALID_ROWS_IN_MANIFEST"]
    (validated,) = told["TrainingDataResult"]["Validation"]["Assets"]
    lines = [json.loads(one) for one in city.document(validated["GroundTruthManifest"]).splitlines()]
    assert lines[0]["cl-errors"][0]["code"] == "ERROR_INVALID_IMAGE"
    assert "cl-errors" not in lines[1]
    with pytest.raises(ClientError) as refused:
        city.rekognition.start_project_version(ProjectVersionArn=told["ProjectVersionArn"], MinInferenceUnits=1)
    assert code(refused) == "ResourceInUseException"


def test_one_label_is_not_enough_and_no_permission_is_none(city: City, client: Client) -> None:
    taken = [one for one in city.photograph(first=0, per_label=2) if one[1] == "scooter"]
    data = {"Assets": [city.manifest("one.manifest", taken)]}
    told = city.train(city.project(), TrainingData=data, TestingData=data)
    assert (told["Status"], told["StatusMessage"]) == ("TRAINING_FAILED", "The manifest file has too few labels.")

    name = f"trainer-{uuid.uuid4().hex[:8]}"
    client("iam").create_user(UserName=name)
    document = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "rekognition:*", "Resource": "*"}}
    client("iam").put_user_policy(UserName=name, PolicyName="p", PolicyDocument=json.dumps(document))
    key = client("iam").create_access_key(UserName=name)["AccessKey"]
    trainer = City(client("s3"), client("rekognition", key), city.bucket, city.eventually)
    told = trainer.train(trainer.project(), TrainingData=data, TestingData=data)
    assert (told["Status"], told["StatusMessage"]) == ("TRAINING_FAILED", "The S3 bucket permissions are incorrect.")
    with pytest.raises(ClientError) as refused:
        trainer.rekognition.create_dataset(
            ProjectArn=trainer.project(), DatasetType="TRAIN", DatasetSource=place(city.bucket, "one.manifest")
        )
    assert code(refused) == "InvalidS3ObjectException"


# --- datasets -------------------------------------------------------------------------------------------------


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
    elsewhere = client("rekognition", region_name="eu-west-1")
    with pytest.raises(ClientError) as refused:
        elsewhere.delete_project(ProjectArn=made[1])
    assert code(refused) == "ResourceNotFoundException"
    for arn in made:
        api.delete_project(ProjectArn=arn)
    assert api.describe_projects()["ProjectDescriptions"] == []
