"""Custom labels through boto3 and a real socket: a city teaches its cloud what a scooter on the pavement looks like."""

import json
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast

import boto3
import pytest
from botocore.exceptions import ClientError

from marinelayer.testing import LocalCloud, local_cloud

from ..engines.pavements import jpeg, pavement  # noqa: TID252 - the engines' tests draw them too
from .city import PER_LABEL, THINGS, City, Trained, code, place, teach

Client = Callable[..., Any]
SHARED = Path(__file__).resolve().parents[4] / "shared"


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
