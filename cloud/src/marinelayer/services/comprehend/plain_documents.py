"""Documents that a request gives as bytes, of which plain text alone is read here; and what answers say of them."""

from __future__ import annotations

from typing import Any

from marinelayer.model.errors import OperationNotImplemented


def plain_text(data: bytes, operation: str) -> str:
    """The text of bytes that are plain text. Raises OperationNotImplemented for all else."""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text or text.startswith("%PDF-"):
        raise OperationNotImplemented(f"comprehend.{operation} reads plain text only: no PDF, Word or image files.")
    return text


def one_page(text: str) -> dict[str, Any]:
    """What an answer says of a document of plain text, which has one page."""
    return {
        "DocumentMetadata": {"Pages": 1, "ExtractedCharacters": [{"Page": 1, "Count": len(text)}]},
        "DocumentType": [{"Page": 1, "Type": "PLAIN_TEXT"}],
    }
