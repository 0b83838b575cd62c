"""What custom entity recognizers find: in a text at an endpoint, and in those of a job.

Source: https://docs.aws.amazon.com/comprehend/latest/APIReference/API_DetectEntities.html. Offsets are in code points.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from marinelayer.ports import EntityRecognizer, Passage, Tables
from marinelayer.services.comprehend.endpoints import model_in_service
from marinelayer.services.comprehend.errors import check_size, engine_errors
from marinelayer.services.comprehend.model_files import ModelFiles
from marinelayer.services.comprehend.resources import Resource

MOST_BYTES = 5_000
"""Guidelines and quotas, "Custom entity recognition": of a plain text that is looked at at once."""


class Recognizing:
    """Asks trained recognizers."""

    def __init__(self, tables: Tables, recognizer: EntityRecognizer, files: ModelFiles) -> None:
        self._tables = tables
        self._recognizer = recognizer
        self._files = files

    async def at_endpoint(self, endpoint_arn: str, text: str) -> list[dict[str, Any]]:
        """The `Entities` that the model at an endpoint finds.

        Raises:
            TextSizeLimitExceededException: over 5,000 bytes.
            ResourceUnavailableException: there is no such endpoint, or it is not in service.
        """
        check_size(text, MOST_BYTES)
        model = await self._tables.read(model_in_service, endpoint_arn)
        with engine_errors():
            (found,) = await self.entities(model, [text])
        return found

    async def entities(self, model: Resource, texts: Sequence[str]) -> list[list[dict[str, Any]]]:
        """For each text its `Entities`. Raises EngineBusyError and EngineFailedError."""

        async def weights() -> bytes:
            return await self._files.load(model)

        # Bytes are never changed under their name, so that an engine may keep them by it.
        found = await self._recognizer.recognize(str(model.blob_id), weights, texts)
        return [shown_entities(text, passages) for text, passages in zip(texts, found, strict=True)]


def shown_entities(text: str, passages: Sequence[Passage]) -> list[dict[str, Any]]:
    """What an answer says of the entities in a text."""
    return [
        {
            "Score": each.score,
            "Type": each.kind,
            "Text": text[each.begin : each.end],
            "BeginOffset": each.begin,
            "EndOffset": each.end,
        }
        for each in passages
    ]
