"""A document that a request carries as bytes: what it is, and the text of its page.

Word files are read as Translate reads them, pictures by the engine that reads DetectText's; what Textract answered is
taken as it is. Documents have one page. PDF and TIFF files are not read here.

Source: https://docs.aws.amazon.com/comprehend/latest/dg/idp-inputs-sync.html, .../idp-inputs-sync-err.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from marinelayer.model.errors import AccessDenied, OperationNotImplemented
from marinelayer.ports import (
    BadDocumentError,
    BadImageError,
    Caller,
    Documents,
    ImageTooLargeError,
    ImageTooSmallError,
    TextReader,
)
from marinelayer.security.requirement import Requirement
from marinelayer.services.comprehend.errors import InvalidRequestException, engine_errors

PLAIN, WORD, IMAGE, UNREAD = "PLAIN_TEXT", "MS_WORD", "IMAGE", ""
DETECTED, ANALYSED = "TEXTRACT_DETECT_DOCUMENT_TEXT_JSON", "TEXTRACT_ANALYZE_DOCUMENT_JSON"
WORD_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
MOST_BYTES = {WORD: 10 << 20, IMAGE: 10 << 20, DETECTED: 1 << 20, ANALYSED: 1 << 20}
MOST_LETTERS = 10_000
"""Of a page."""
_PICTURES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")
_ARCHIVE = b"PK\x03\x04"
_UNREAD = (b"%PDF-", b"II*\0", b"MM\0*")
_REASONS = {
    "DOCUMENT_SIZE_EXCEEDED": "Document size is too large. Check the size of your file and resubmit the request.",
    "UNSUPPORTED_DOC_TYPE": "Document type is not supported. Check the file type and resubmit the request.",
    "PAGE_LIMIT_EXCEEDED": "Too many pages in the document. Check the number of pages in your file and resubmit the "
    "request.",
    "TEXTRACT_ACCESS_DENIED": "Access denied to Amazon Textract. Verify that your account has permission to use Amazon "
    "Textract API operations and resubmit the request.",
    "NOT_TEXTRACT_JSON": "Document is not Amazon Textract JSON format. Verify the format and resubmit the request.",
    "INVALID_DOCUMENT": "Invalid document. Check the file and resubmit the request.",
}
"""What is wrong with a document, as its InvalidRequestDetail says it, and AWS's words for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A document's one page: what the document is (a DocumentType), its text, and the ErrorCode with its message where
    the page can not be read."""

    kind: str
    text: str = ""
    error: str = ""
    message: str = ""

    @property
    def told(self) -> dict[str, Any]:
        """What an answer says of the document."""
        told: dict[str, Any] = {
            "DocumentMetadata": {"Pages": 1, "ExtractedCharacters": [{"Page": 1, "Count": len(self.text)}]},
            "DocumentType": [{"Page": 1, "Type": self.kind}],
        }
        if self.error:
            told["Errors"] = [{"Page": 1, "ErrorCode": self.error, "ErrorMessage": self.message}]
        return told


def invalid(reason: str) -> InvalidRequestException:
    """The refusal of a document, with AWS's members."""
    return InvalidRequestException(_REASONS[reason], Reason="INVALID_DOCUMENT", Detail=cast("Any", {"Reason": reason}))


def kind_of(data: bytes) -> str:
    """What a document is: a DocumentType, or UNREAD for what AWS reads and nothing here does.

    Raises:
        InvalidRequestException: it is none of those that Comprehend takes.
    """
    if data.startswith(_PICTURES):
        return IMAGE
    if data.startswith(_ARCHIVE):
        return WORD
    if data.startswith(_UNREAD):
        return UNREAD
    answer = _answer_of_textract(data)
    if answer is not None:
        return ANALYSED if "AnalyzeDocumentModelVersion" in answer else DETECTED
    try:
        text = data.decode()
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        raise invalid("UNSUPPORTED_DOC_TYPE")
    return PLAIN


def plain_page(data: bytes, operation: str) -> Page:
    """The page of plain text. Raises OperationNotImplemented for all other documents, and as `kind_of`."""
    if kind_of(data) != PLAIN:
        raise OperationNotImplemented(f"comprehend.{operation} reads plain text only here.")
    return Page(kind=PLAIN, text=data.decode())


class GivenDocuments:
    """Reads documents."""

    def __init__(self, documents: Documents, reader: TextReader) -> None:
        self._documents = documents
        self._reader = reader

    async def page(self, caller: Caller, data: bytes, config: Mapping[str, Any], operation: str) -> Page:
        """A document's page, read as a DocumentReaderConfig says, as `operation` of the caller.

        Raises:
            InvalidRequestException: it is no such document, too large, or has more pages; the caller may not have
                pictures read (`textract:DetectDocumentText`); or the configuration lacks its FeatureTypes.
            OperationNotImplemented: it is a PDF or a TIFF file, or tables or forms are to be looked for.
        """
        _check(config)
        kind = kind_of(data)
        if kind == UNREAD:
            raise OperationNotImplemented(f"comprehend.{operation} reads no PDF or TIFF files here.")
        if len(data) > MOST_BYTES.get(kind, len(data)):
            raise invalid("DOCUMENT_SIZE_EXCEEDED")
        if kind == PLAIN:
            return Page(kind=kind, text=data.decode())
        if kind == IMAGE:
            page = await self._of_image(caller, data, config, operation)
        else:
            page = Page(kind=kind, text=_lines(data) if kind != WORD else await self._of_word(data))
        if len(page.text) > MOST_LETTERS:
            message = f"Too many text characters on the page ({MOST_LETTERS:,} characters maximum)."
            return Page(kind=kind, text=page.text, error="PAGE_CHARACTERS_EXCEEDED", message=message)
        return page

    async def _of_word(self, data: bytes) -> str:
        with engine_errors():
            try:
                texts = await self._documents.texts(data, WORD_TYPE)
            except BadDocumentError:
                raise invalid("INVALID_DOCUMENT") from None
        return "\n".join("".join(run.text for run in text) for text in texts)

    async def _of_image(self, caller: Caller, data: bytes, config: Mapping[str, Any], operation: str) -> Page:
        if config.get("DocumentReadAction") == "TEXTRACT_ANALYZE_DOCUMENT":
            raise OperationNotImplemented(f"comprehend.{operation} looks for no tables or forms here.")
        try:
            await caller.demand(Requirement(action="textract:DetectDocumentText", resource="*"))
        except AccessDenied:
            raise invalid("TEXTRACT_ACCESS_DENIED") from None
        with engine_errors():
            try:
                seen = await self._reader.read(data)
            except ImageTooLargeError:
                raise invalid("DOCUMENT_SIZE_EXCEEDED") from None
            except (BadImageError, ImageTooSmallError) as error:
                return Page(kind=IMAGE, error="TEXTRACT_BAD_PAGE", message=str(error))
        return Page(kind=IMAGE, text="\n".join(line.text for line in seen.lines))


def _check(config: Mapping[str, Any]) -> None:
    if config.get("DocumentReadAction") == "TEXTRACT_ANALYZE_DOCUMENT" and not config.get("FeatureTypes"):
        raise InvalidRequestException("FeatureTypes are required for TEXTRACT_ANALYZE_DOCUMENT.")


def _answer_of_textract(data: bytes) -> Mapping[str, Any] | None:
    """The document as an answer of Textract's, None where it is not even meant to be one."""
    if len(data) > MOST_BYTES[DETECTED] or not data.lstrip().startswith(b"{"):
        return None
    try:
        answer = json.loads(data)
    except (ValueError, RecursionError):
        return None
    return answer if "Blocks" in answer and "DocumentMetadata" in answer else None


def _lines(data: bytes) -> str:
    """The lines of an answer of Textract's. Raises InvalidRequestException."""
    answer = _answer_of_textract(data) or {}
    try:
        blocks: Sequence[Mapping[str, Any]] = answer["Blocks"]
        pages = {int(block.get("Page", 1)) for block in blocks} | {int(answer["DocumentMetadata"]["Pages"])}
        lines = [str(block["Text"]) for block in blocks if block["BlockType"] == "LINE"]
    except (KeyError, TypeError, ValueError, AttributeError):
        raise invalid("NOT_TEXTRACT_JSON") from None
    if max(pages) > 1:
        raise invalid("PAGE_LIMIT_EXCEEDED")
    return "\n".join(lines)
