"""The Range header of GetObject and HeadObject, and x-amz-copy-source-range. Pure.

Source: RFC 9110, section 14; https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html (one range only).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from marinelayer.protocol.refusals import InvalidArgument, InvalidRequest
from marinelayer.services.s3.errors import InvalidRange

# RFC 9110: range-unit "=" (first-pos "-" [last-pos] / "-" suffix-length)
# More digits than any size has are no range: Python refuses to read thousands of them.
_ONE_RANGE = re.compile(
    r"bytes\s*=\s*(?:(?P<first>[0-9]{1,40})\s*-\s*(?P<last>[0-9]{0,40})|-\s*(?P<suffix>[0-9]{1,40}))\s*", re.IGNORECASE
)
_COPY_RANGE = re.compile(r"bytes=([0-9]{1,40})-([0-9]{1,40})")


@dataclass(frozen=True, slots=True)
class ByteRange:
    """`length` bytes from `offset`, of an object of `size` bytes."""

    offset: int
    length: int
    size: int

    @property
    def content_range(self) -> str:
        """The Content-Range header."""
        return f"bytes {self.offset}-{self.offset + self.length - 1}/{self.size}"


def requested_range(header: str | None, size: int) -> ByteRange | None:
    """The range that `header` asks for of an object of `size` bytes; None for the whole object.

    What is no range, or several, is passed over as S3 does (RFC 9110 lets a server ignore the header).

    Raises:
        InvalidRange: no byte of the object lies in it.
    """
    match = _ONE_RANGE.fullmatch(header.strip()) if header else None
    if match is None:
        return None
    if match["suffix"] is not None:
        length = min(int(match["suffix"]), size)
        offset = size - length
    else:
        offset = int(match["first"])
        last = min(int(match["last"]), size - 1) if match["last"] else size - 1
        if match["last"] and int(match["last"]) < offset:
            return None
        length = last - offset + 1
    if length <= 0:
        raise InvalidRange(RangeRequested=header or "", ActualObjectSize=str(size))
    return ByteRange(offset, length, size)


def copied_range(header: str | None, size: int) -> ByteRange:
    """The bytes that UploadPartCopy takes of a source of `size` bytes: both ends must be given and lie in it.

    Raises:
        InvalidArgument: it is no such range, or ends behind the source.
        InvalidRequest: it begins there.
    """
    if header is None:
        return ByteRange(0, size, size)
    match = _COPY_RANGE.fullmatch(header.strip())
    if match is None or int(match[2]) < int(match[1]):
        raise InvalidArgument(
            "The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the "
            "zero-based offsets of the first and last bytes to copy",
            ArgumentName="x-amz-copy-source-range",
            ArgumentValue=header,
        )
    first, last = int(match[1]), int(match[2])
    if first >= size:
        raise InvalidRequest("The specified copy range is invalid for the source object size")
    if last >= size:
        raise InvalidArgument(
            f"Range specified is not valid for source object of size: {size}",
            ArgumentName="x-amz-copy-source-range",
            ArgumentValue=header,
        )
    return ByteRange(first, last - first + 1, size)
