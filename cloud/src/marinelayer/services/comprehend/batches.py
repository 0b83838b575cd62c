"""Batches of documents: what is said of each, or why nothing can be.

Source: https://docs.aws.amazon.com/comprehend/latest/APIReference/API_BatchItemError.html. A batch is refused as a
whole for what concerns all its documents (their number, their language); a document that is too long, or on which an
engine broke, has an entry in ErrorList.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from marinelayer.model.errors import InternalError
from marinelayer.services.comprehend.errors import (
    BatchSizeLimitExceededException,
    TextSizeLimitExceededException,
    check_size,
)

MOST_DOCUMENTS = 25
MOST_BYTES = 5_000

Document = Callable[[str], Awaitable[Mapping[str, Any]]]
"""What is said of one text, as members of the answer."""


async def batch(texts: Sequence[str], document: Document) -> Mapping[str, Any]:
    """ResultList and ErrorList, each in the order of the documents, with their places from 0 (`Index`).

    Raises:
        BatchSizeLimitExceededException: over 25 documents.
        ServiceError: what `document` raises, but for errors of a single document.
    """
    if len(texts) > MOST_DOCUMENTS:
        raise BatchSizeLimitExceededException
    said = await asyncio.gather(*(_said(text, document) for text in texts))
    numbered = [{"Index": place, **each} for place, each in enumerate(said)]
    return {
        "ResultList": [each for each in numbered if "ErrorCode" not in each],
        "ErrorList": [each for each in numbered if "ErrorCode" in each],
    }


async def _said(text: str, document: Document) -> Mapping[str, Any]:
    try:
        check_size(text, MOST_BYTES)
        return await document(text)
    except TextSizeLimitExceededException as error:
        return {"ErrorCode": "TEXT_SIZE_LIMIT_EXCEEDED", "ErrorMessage": error.message}
    except InternalError as error:
        return {"ErrorCode": "INTERNAL_SERVER_ERROR", "ErrorMessage": error.message}
