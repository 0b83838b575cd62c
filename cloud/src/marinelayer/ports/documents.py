"""Documents whose text can be taken out, and put back. Ports only: nothing here does anything."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from marinelayer.ports.texts import Text


class BadDocumentError(Exception):
    """The document is not what its type says, or is larger than it may be when it is unpacked."""


class Documents(Protocol):
    """Documents by their media types: `text/plain`, `text/html`, Office Open XML's (docx, pptx, xlsx) and XLIFF's."""

    async def texts(self, document: bytes, media_type: str) -> Sequence[Text]:
        """The texts in a document, in its order, each a paragraph or a line. Raises BadDocumentError."""
        ...

    async def with_texts(self, document: bytes, media_type: str, texts: Sequence[Text], language: str = "") -> bytes:
        """The document with other texts, one for each that `texts` gave; all else stays, but for where the document
        says which language they are in: that is `language`. Raises BadDocumentError."""
        ...
