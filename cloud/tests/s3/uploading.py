"""What tests of uploads in parts share: parts of the least size, their digests, and the beginning of an upload."""

import base64
from typing import Any

from marinelayer.services.s3.digests import ALGORITHMS

FIVE = 5 * 1024 * 1024
FIRST, LAST = b"1" * FIVE, b"2" * 1000


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def digest(name: str, data: bytes) -> bytes:
    made = ALGORITHMS[name].new()
    made.update(data)
    return made.digest()


async def begin(s3: Any, key: str = "big", **request: Any) -> Any:
    return (await s3("CreateMultipartUpload", Bucket="photos", Key=key, **request))["UploadId"]
