"""Custom labels with boxes through boto3 and a real socket: a city teaches its cloud where scooters and mattresses lie."""

import json
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from typing import Any, cast

import boto3
import pytest
from PIL import Image

from marinelayer.testing import LocalCloud

from ..engines.pavements import Placed, jpeg, littered, moved  # noqa: TID252 - the engines' tests draw them too
from .city import City, Trained, line, place
from .test_manifests import box, boxes

SHOWN = (("scooter",), ("mattress",), ("scooter", "mattress"), ("mattress", "mattress"), ("scooter", "scooter"))
LABELS = ("mattress", "scooter")
LEARNT, TESTED = 20, 10
pytestmark = pytest.mark.timeout(900)
Corners = tuple[float, float, float, float]


def boxed_line(bucket: str, key: str, placed: Sequence[Placed], size: tuple[int, int]) -> str:
    """A picture's line in a manifest, as Ground Truth writes it."""
    annotations = [
        {"class_id": LABELS.index(thing), "left": x, "top": y, "width": right - x, "height": bottom - y}
        for thing, (x, y, right, bottom) in placed
    ]
    members = boxes(*annotations, **{"class-map": {str(n): label for n, label in enumerate(LABELS)}})
    members["bb"]["image_size"] = [{"width": size[0], "height": size[1], "depth": 3}]
    return json.dumps({**members, "source-ref": f"s3://{bucket}/{key}"})


def overlap(one: Corners, other: Corners) -> float:
    """Intersection over union."""
    width, height = (min(one[n + 2], other[n + 2]) - max(one[n], other[n]) for n in (0, 1))
    if width <= 0 or height <= 0:
        return 0.0
    first, second = ((box[2] - box[0]) * (box[3] - box[1]) for box in (one, other))
    return width * height / (first + second - width * height)


def fractions(placed: Placed, size: tuple[int, int]) -> Corners:
    left, top, right, bottom = placed[1]
    return left / size[0], top / size[1], right / size[0], bottom / size[1]


def corners(label: dict[str, Any]) -> Corners:
    found = label["Geometry"]["BoundingBox"]
    return found["Left"], found["Top"], found["Left"] + found["Width"], found["Top"] + found["Height"]


def photograph(city: City, *, first: int, count: int) -> dict[str, Any]:
    """Put drawn pavements into the bucket, with a manifest; where that is."""
    lines: list[str] = []
    for number in range(first, first + count):
        picture, placed = littered(number, *SHOWN[number % len(SHOWN)])
        city.s3.put_object(Bucket=city.bucket, Key=f"images/{number}.jpg", Body=jpeg(picture))
        lines.append(boxed_line(city.bucket, f"images/{number}.jpg", placed, picture.size))
    city.s3.put_object(Bucket=city.bucket, Key=f"{first}.manifest", Body="\n".join(lines).encode())
    return place(city.bucket, f"{first}.manifest")


@pytest.fixture(scope="module")
def very_patiently() -> Callable[[Callable[[], Any]], Any]:
    """As `patiently`, for what takes half a minute of a processor."""

    def wait(look: Callable[[], Any]) -> Any:
        deadline = time.monotonic() + 800
        while not (found := look()):
            assert time.monotonic() < deadline, "it did not come about"
            time.sleep(0.2)
        return found

    return wait


@pytest.fixture(scope="module")
def trained(cloud: LocalCloud, very_patiently: Callable[..., Any]) -> Iterator[Trained]:
    """A version that was trained by datasets of 20 pictures, tested by 10, and runs."""
    clients = [boto3.client(cast("Any", service), **cloud.client_arguments()) for service in ("s3", "rekognition")]
    city = City(*clients, bucket=f"city-{uuid.uuid4().hex[:12]}", eventually=very_patiently)
    city.s3.create_bucket(Bucket=city.bucket)
    project = city.project()
    train = city.dataset(project, "TRAIN", DatasetSource=photograph(city, first=0, count=LEARNT))
    city.dataset(project, "TEST", DatasetSource=photograph(city, first=100, count=TESTED))
    described = city.rekognition.list_dataset_labels(DatasetArn=train)["DatasetLabelDescriptions"]
    assert [one["LabelName"] for one in described] == list(LABELS)
    told = city.train(project)
    assert told["Status"] == "TRAINING_COMPLETED", told["StatusMessage"]
    city.run(project, told["ProjectVersionArn"])
    yield Trained(city, project, told["ProjectVersionArn"], told)
    for each in clients:
        each.close()


def detected(trained: Trained, picture: Image.Image, **request: Any) -> list[dict[str, Any]]:
    return trained.city.rekognition.detect_custom_labels(
        ProjectVersionArn=trained.version, Image={"Bytes": jpeg(picture)}, **request
    )["CustomLabels"]


def test_the_reported_f1_is_that_of_boxes_in_pictures_that_were_held_back(trained: Trained) -> None:
    told = trained.told
    assert told["BaseModelVersion"].startswith("PP-OCRv6-small")
    summary = json.loads(trained.city.document(told["EvaluationResult"]["Summary"]))
    assert summary["AggregatedEvaluationResults"]["F1Score"] == pytest.approx(told["EvaluationResult"]["F1Score"])
    assert "ConfusionMatrix" not in summary["AggregatedEvaluationResults"]
    thresholds = {one["Label"]: one["Metrics"]["Threshold"] for one in summary["LabelEvaluationResults"]}
    assert set(thresholds) == set(LABELS)
    # The same figure from what DetectCustomLabels answers about the testing pictures.
    reached: dict[str, float] = {}
    for label in LABELS:
        right = both = 0
        for number in range(100, 100 + TESTED):
            picture, placed = littered(number, *SHOWN[number % len(SHOWN)])
            there = [fractions(one, picture.size) for one in placed if one[0] == label]
            found = [corners(one) for one in detected(trained, picture) if one["Name"] == label]
            right += sum(any(overlap(box, true) >= 0.5 for box in found) for true in there)
            both += len(found) + len(there)
        reached[label] = 2 * right / both
    assert told["EvaluationResult"]["F1Score"] == pytest.approx(sum(reached.values()) / 2, abs=0.02)
    assert reached["mattress"] >= 0.8
    assert reached["scooter"] >= 0.5


def test_snapshots_are_manifests_with_the_boxes_that_were_found(trained: Trained) -> None:
    (snapshot,) = trained.told["TestingDataResult"]["Output"]["Assets"]
    lines = [json.loads(one) for one in trained.city.document(snapshot["GroundTruthManifest"]).splitlines()]
    assert len(lines) == TESTED
    kinds = [
        told["rekognition-custom-labels-evaluation-details"]
        for one in lines
        for told in one["rekognition-custom-labels-evaluation-0-metadata"]["objects"]
    ]
    there = sum(len(one["rekognition-custom-labels-training-0"]["annotations"]) for one in lines)
    assert sum(kind["is-true-positive"] + kind["is-false-negative"] for kind in kinds) == there
    statistics = json.loads(trained.city.document(trained.told["ManifestSummary"]))["statistics"]
    assert (statistics["training"]["use_case"], statistics["testing"]["valid_json_lines"]) == (
        "OBJECT_LOCALIZATION",
        TESTED,
    )


def test_a_thing_that_moves_takes_its_box_along_and_a_second_one_has_its_own(trained: Trained) -> None:
    for places in ([(0.3, 0.35)], [(0.7, 0.6)], [(0.25, 0.3), (0.72, 0.65)]):
        picture, placed = moved(7, "mattress", places)
        found = [corners(one) for one in detected(trained, picture) if one["Name"] == "mattress"]
        there = [fractions(one, picture.size) for one in placed]
        assert len(found) == len(there)
        assert all(any(overlap(box, true) >= 0.5 for box in found) for true in there)
    nothing, _ = moved(7, "mattress", [])
    assert [one for one in detected(trained, nothing) if one["Name"] == "mattress"] == []


def test_confidence_and_number_bound_what_is_told(trained: Trained) -> None:
    picture, _ = moved(7, "mattress", [(0.25, 0.3), (0.72, 0.65)])
    everything = detected(trained, picture, MinConfidence=0)
    sure = [one["Confidence"] for one in everything]
    assert sure == sorted(sure, reverse=True)
    assert detected(trained, picture, MinConfidence=0, MaxResults=1) == everything[:1]
    least = sure[1]
    assert detected(trained, picture, MinConfidence=least) == [one for one in everything if one["Confidence"] >= least]
    assert all("Polygon" not in one["Geometry"] for one in everything)


def test_a_copied_model_still_finds_boxes(trained: Trained) -> None:
    city = trained.city
    other = city.project()
    copied = city.rekognition.copy_project_version(
        SourceProjectArn=trained.project,
        SourceProjectVersionArn=trained.version,
        DestinationProjectArn=other,
        VersionName="v1",
        OutputConfig={"S3Bucket": city.bucket, "S3KeyPrefix": "copied"},
    )["ProjectVersionArn"]
    assert city.settled(other, "COPYING_IN_PROGRESS")["Status"] == "COPYING_COMPLETED"
    city.run(other, copied)
    picture, _ = moved(7, "mattress", [(0.3, 0.35)])
    told = detected(Trained(city, other, copied, {}), picture)
    assert told
    assert told == detected(trained, picture)


# --- what does not become a model -----------------------------------------------------------------------------


def test_lines_without_boxes_are_ignored_where_most_have_some(city: City) -> None:
    lines = [json.dumps({**boxes(box(n % 2)), "source-ref": f"s3://{city.bucket}/{n}"}) for n in range(3)]
    content = "\n".join([*lines, line(city.bucket, "plain.jpg", "Echo")]).encode()
    city.s3.put_object(Bucket=city.bucket, Key="mixed", Body=content)
    data = {"Assets": [place(city.bucket, "mixed")]}
    told = city.train(city.project(), TrainingData=data, TestingData=data)
    assert told["StatusMessage"] == "The manifest file contains too many invalid rows."  # no picture can be read
    statistics = json.loads(city.document(told["ManifestSummary"]))["statistics"]["training"]
    assert (statistics["use_case"], statistics["error_json_line_indices"]) == ("OBJECT_LOCALIZATION", [0, 1, 2])
    assert statistics["ignored_json_lines"] == 1
