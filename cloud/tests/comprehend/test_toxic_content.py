"""DetectToxicContent over a fake of its port: AWS's shape, its limits and its errors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from marinelayer.model.errors import InternalError, OperationNotImplemented, Throttled
from marinelayer.ports import EngineBusyError, EngineUnavailableError
from marinelayer.services.comprehend.errors import (
    InvalidRequestException,
    TextSizeLimitExceededException,
    UnsupportedLanguageException,
)

from .test_comprehend import Ears, ask, ears

__all__ = ["ears"]


async def detect(ears: Ears, *texts: str, language: str = "en") -> list[dict[str, Any]]:
    segments = [{"Text": text} for text in texts]
    answer = await ask(ears, "DetectToxicContent", TextSegments=segments, LanguageCode=language)
    return answer["ResultList"]


async def test_each_text_has_its_labels_and_its_toxicity_in_its_place(ears: Ears) -> None:
    one, other = await detect(ears, "a" * 10, "b" * 40)
    assert one == {
        "Labels": [{"Name": "INSULT", "Score": 0.1}, {"Name": "PROFANITY", "Score": 0.25}],
        "Toxicity": 0.2,
    }
    assert other["Toxicity"] == 0.8
    assert ears.asked == [("a" * 10,), ("b" * 40,)]


async def test_ten_texts_are_taken_and_eleven_are_not(ears: Ears) -> None:
    assert len(await detect(ears, *["a"] * 10)) == 10
    with pytest.raises(InvalidRequestException, match="11 text segments"):
        await detect(ears, *["a"] * 11)
    assert len(ears.asked) == 10


async def test_a_text_over_a_kilobyte_is_refused_with_all_others(ears: Ears) -> None:
    await detect(ears, "é" * 500)
    with pytest.raises(TextSizeLimitExceededException) as refused:
        await detect(ears, "fine", "é" * 500 + "x")
    assert refused.value.message == (
        "Input text size exceeds limit. Max length of request text allowed is 1000 bytes while in this request the text "
        "size is 1001 bytes"
    )
    assert len(ears.asked) == 1


async def test_english_alone_is_supported(ears: Ears) -> None:
    with pytest.raises(UnsupportedLanguageException, match="es"):
        await detect(ears, "Hola", language="es")
    assert ears.asked == []


async def test_engine_errors_are_the_service_s(ears: Ears) -> None:
    ears.broken = "bad"
    with pytest.raises(InternalError):
        await detect(ears, "good", "bad")
    for error, refusal in (
        (EngineBusyError(), Throttled),
        (EngineUnavailableError("pull it"), OperationNotImplemented),
    ):
        ears.error = error
        with pytest.raises(refusal):
            await detect(ears, "good")


def test_without_a_model_it_says_which_to_pull(client: Callable[..., Any]) -> None:
    with pytest.raises(ClientError, match="marinelayer models pull MiniLMv2-toxic-jigsaw") as refused:
        client("comprehend").detect_toxic_content(TextSegments=[{"Text": "Maksim"}], LanguageCode="en")
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 501
