"""A browser's form on its way in: its fields are read, the file in it flows on.

The fields before `file` say who signed the form and what it may upload, so that nothing of the file is read before
they are understood. What follows the file is read past, and the whole must be well-formed to its end before the file
may be believed. Knows no services but S3's POST Object.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field

from marinelayer.http import Body, Request, Response
from marinelayer.model.errors import ServiceError
from marinelayer.protocol.form_data import Data, Decoder, Event, PartEnd, PartStart, boundary_of
from marinelayer.protocol.post_object import FILENAME, as_put, with_final_key, write_posted
from marinelayer.protocol.refusals import InvalidArgument, MalformedPOSTRequest
from marinelayer.security.claim import Claim
from marinelayer.security.identity import Identity
from marinelayer.security.post_form import SizeLimits, read_form_claim, verify

MOST_FORM_DATA = 20 * 1024
"""Bytes that a form may have beside its file."""


class MaxPostPreDataLengthExceeded(ServiceError):
    """Your POST request fields preceding the upload file were too large."""

    status = 400


class IncorrectNumberOfFilesInPostRequest(ServiceError):
    """POST requires exactly one file upload per request."""

    status = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadForm:
    """A form that has been read as far as its file. `fields` have lower-case names and the final key; of a field that
    comes several times the values are joined by commas, as those of headers are. `claim` is None where the form is not
    signed."""

    request: Request
    bucket: str
    fields: Mapping[str, str] = field(repr=False)
    filename: str
    claim: Claim | None
    rest: AsyncIterator[Event]

    def proven(self, identity: Identity, now: int) -> PostedForm:
        """The form, once it is sure that `identity` signed it and that it keeps to its policy.

        Raises:
            Refusal: what `post_form.verify` raises.
        """
        limits = SizeLimits()
        if self.claim is not None:
            limits = verify(self.claim, self.fields, identity, bucket=self.bucket, now=now)
        put = as_put(self.request, self.fields, self.filename, _File(self.rest, limits))
        return PostedForm(form=self, identity=identity, put=put)


@dataclass(frozen=True, slots=True, kw_only=True)
class PostedForm:
    """A form with who signed it, and the PUT that it stands for, whose body is the file."""

    form: UploadForm
    identity: Identity
    put: Request

    @property
    def claim(self) -> Claim | None:
        """What the form is signed by."""
        return self.form.claim

    def answered(self, answer: Response) -> Response:
        """What the browser is answered when the PUT was answered with `answer`."""
        return write_posted(self.form.request, self.form.fields, self.form.bucket, answer)


async def read_form(request: Request, *, bucket: str) -> UploadForm:
    """Read the fields of a form that was posted to `bucket`.

    Raises:
        MalformedPOSTRequest: it is no form, or has a field that is no UTF-8.
        MaxPostPreDataLengthExceeded: its fields are too large.
        InvalidArgument: it has no file, or no key, or not all that a signature needs.
    """
    decoder = Decoder(boundary_of(request.headers.get("content-type") or ""))
    events = _events(request.body, decoder)
    found: dict[str, bytearray] = {}
    value = bytearray()
    async for event in events:
        if isinstance(event, Data):
            value += event.data
        elif isinstance(event, PartStart):
            name = event.name.lower()
            if name == "file":
                filename = FILENAME if event.filename is None else event.filename
                fields = with_final_key(_texts(found), filename)
                return UploadForm(
                    request=request,
                    bucket=bucket,
                    fields=fields,
                    filename=filename,
                    claim=read_form_claim(fields),
                    rest=events,
                )
            if name in found:
                found[name] += b","
            value = found.setdefault(name, bytearray())
    raise InvalidArgument("POST requires exactly one file upload per request.", ArgumentName="file", ArgumentValue="0")


def _texts(fields: Mapping[str, bytearray]) -> dict[str, str]:
    try:
        return {name: value.decode() for name, value in fields.items()}
    except UnicodeDecodeError:
        raise MalformedPOSTRequest from None


async def _events(body: Body, decoder: Decoder) -> AsyncIterator[Event]:
    """What the form says, while it has no more than it may beside its file."""
    of_the_file = 0
    in_file = False
    async for piece in body:
        for event in decoder.feed(piece):
            if isinstance(event, PartStart):
                in_file = event.name.lower() == "file"
            elif isinstance(event, Data) and in_file:
                of_the_file += len(event.data)
            _limit(decoder.consumed - of_the_file)
            yield event
        _limit(decoder.consumed - of_the_file)
    decoder.finish()


def _limit(size: int) -> None:
    if size > MOST_FORM_DATA:
        raise MaxPostPreDataLengthExceeded


class _File:
    """The file of a form (http.Body). Its length is known when the form has ended."""

    __slots__ = ("_limits", "_rest", "length", "trailers")

    def __init__(self, rest: AsyncIterator[Event], limits: SizeLimits) -> None:
        self._rest = rest
        self._limits = limits
        self.length: int | None = None
        self.trailers: Mapping[str, str] = {}

    async def __aiter__(self) -> AsyncIterator[bytes]:
        size = 0
        ended = False
        async for event in self._rest:
            if isinstance(event, Data) and not ended:
                size += len(event.data)
                self._limits.check_so_far(size)
                yield event.data
            elif isinstance(event, PartEnd):
                ended = True
            elif isinstance(event, PartStart) and event.name.lower() == "file":
                raise IncorrectNumberOfFilesInPostRequest
        self._limits.check(size)
