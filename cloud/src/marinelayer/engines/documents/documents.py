"""The Documents: documents to `documents_task`'s worker."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import aclosing
from typing import Any

from marinelayer.engines.language.runs import from_json, to_json
from marinelayer.engines.supervisor import Limits, Supervisor
from marinelayer.ports import EngineFailedError, Text


class DocumentEngine:
    """Takes documents apart and puts them together."""

    def __init__(self, supervisor: Supervisor) -> None:
        self._supervisor = supervisor

    async def texts(self, document: bytes, media_type: str) -> Sequence[Text]:
        """The texts in a document, in its order. Raises BadDocumentError, EngineFailedError."""
        header, _ = await self._ask({"do": "texts", "media_type": media_type}, document)
        return [from_json(text) for text in header["texts"]]

    async def with_texts(self, document: bytes, media_type: str, texts: Sequence[Text], language: str = "") -> bytes:
        """The document with other texts. Raises BadDocumentError, EngineFailedError."""
        new = [to_json(text) for text in texts]
        request = {"do": "write", "media_type": media_type, "texts": new, "language": language}
        _, written = await self._ask(request, document)
        return written

    async def _ask(self, request: Mapping[str, Any], document: bytes) -> tuple[Mapping[str, Any], bytes]:
        async def give(_: Mapping[str, Any]) -> bytes:
            return document

        told: tuple[Mapping[str, Any], bytes] | None = None
        async with aclosing(self._supervisor.converse(request, give)) as conversation:
            async for one in conversation:
                told = one
        if told is None:
            raise EngineFailedError("the worker told nothing")
        return told

    async def close(self) -> None:
        """End the worker."""
        await self._supervisor.close()


def open_documents() -> DocumentEngine:
    """Nothing starts here: the worker starts with its first document."""
    limits = Limits(workers=1, queue=64, deadline=20, memory=500 << 20, ceiling=2 << 30)
    return DocumentEngine(Supervisor("marinelayer.engines.documents.documents_task", limits=limits))
