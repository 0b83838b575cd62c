"""Taking documents apart and putting them together, in a worker: strangers' files are unpacked in no other process."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marinelayer.engines.documents import html_document, office_document, plain_document, xliff_document
from marinelayer.engines.language.runs import Line, from_json, to_json
from marinelayer.engines.worker import Talk
from marinelayer.ports import BadDocumentError


class TakeApart:
    """`do` (`texts` or `write`), `media_type` and for `write` the new `texts` (runs, as JSON) and their `language` in;
    asks for the document. Tells the texts in a header, or the written document as bytes."""

    def converse(self, request: Mapping[str, Any], talk: Talk) -> Mapping[str, Any]:
        """Do what is asked with one document."""
        media_type = str(request["media_type"])
        document = talk.ask({})
        if request["do"] == "write":
            new = [from_json(text) for text in request["texts"]]
            talk.tell({}, written(document, media_type, new, str(request["language"])))
        else:
            talk.tell({"texts": [to_json(text) for text in texts(document, media_type)]}, b"")
        return {}


def texts(document: bytes, media_type: str) -> list[Line]:
    """The texts of a document. Raises BadDocumentError."""
    if media_type == "text/plain":
        return plain_document.texts(document)
    if media_type == "text/html":
        return html_document.texts(document)
    if media_type in office_document.FORMATS:
        return office_document.texts(document, media_type)
    if media_type == xliff_document.MEDIA_TYPE:
        return xliff_document.texts(document)
    raise BadDocumentError(f"Documents of the type {media_type} can not be read.")


def written(document: bytes, media_type: str, texts: list[Line], language: str = "") -> bytes:
    """The document with other texts, in `language`. Raises BadDocumentError."""
    if media_type == "text/plain":
        return plain_document.with_texts(document, texts)
    if media_type == "text/html":
        return html_document.with_texts(document, texts)
    if media_type == xliff_document.MEDIA_TYPE:
        return xliff_document.with_texts(document, texts, language)
    return office_document.with_texts(document, media_type, texts)


def open_task(_options: Mapping[str, Any]) -> TakeApart:
    """There is nothing to load."""
    return TakeApart()
