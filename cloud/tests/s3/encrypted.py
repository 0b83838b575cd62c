"""What tests of encryption share: bytes to encrypt, the ways to, customers' keys, and what lies on the disk."""

import base64
import hashlib
import os
from collections.abc import Awaitable, Mapping
from pathlib import Path
from typing import Any

from marinelayer.ports import Statement

SMALL = b"a street light is broken; " * 40
LARGE = os.urandom(1000) + b"a street light is broken; " * 100_000
PART = os.urandom(5 * 1024 * 1024)
MARKER = b"the quick brown fox that nobody may find"


def with_key(letter: str, prefix: str = "SSECustomer") -> dict[str, str]:
    """The parameters of a customer's key."""
    key = letter.encode() * 32
    return {
        f"{prefix}Algorithm": "AES256",
        f"{prefix}Key": base64.b64encode(key).decode(),
        f"{prefix}KeyMD5": base64.b64encode(hashlib.md5(key).digest()).decode(),
    }


A, B, FROM_A = with_key("a"), with_key("b"), with_key("a", "CopySourceSSECustomer")
KMS = {"ServerSideEncryption": "aws:kms"}
NAMED = {**KMS, "SSEKMSKeyId": "testkey-1"}
DUAL = {"ServerSideEncryption": "aws:kms:dsse"}
WAYS: dict[str, dict[str, Any]] = {"SSE-S3": {}, "SSE-C": A, "aws:kms": KMS, "a named key": NAMED, "dsse": DUAL}
FROM_WAYS: dict[str, dict[str, Any]] = {way: FROM_A if way == "SSE-C" else {} for way in WAYS}


def to_read(way: str) -> dict[str, Any]:
    return A if way == "SSE-C" else {}


def everything_on(disk: Path) -> bytes:
    return b"\0".join(path.read_bytes() for path in sorted(disk.rglob("*")) if path.is_file())


async def take(answer: Awaitable[Mapping[str, Any]], got: list[bytes]) -> None:
    """Read an answer's body, noting what came before it broke."""
    async for piece in (await answer)["Body"]:
        got.append(piece)  # noqa: PERF401 - what came before the break is kept


async def blobs(s3: Any) -> list[dict[str, Any]]:
    statement = Statement("blobs", "SELECT * FROM blobs ORDER BY blob_id")
    return [dict(row) for row in await s3.tables.read(lambda tx: tx.all(statement))]
