"""Buckets as websites, for anyone: index and error documents, redirections, and S3's pages for what goes wrong.

A website is read as a stranger reads the bucket: what is served is what GetObject gives to who has no credentials, by
the same decision. The REST address of the bucket knows nothing of it.

Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/WebsiteHosting.html
"""

from __future__ import annotations

from dataclasses import replace

from marinelayer.http import Headers, Request, Response
from marinelayer.model.errors import Refusal
from marinelayer.model.service import load_service
from marinelayer.model.supplements import WireError, wire_error
from marinelayer.ports import Caller, Calls, Websites
from marinelayer.protocol.call import Call
from marinelayer.protocol.dialect import dialect_of
from marinelayer.protocol.refusals import MethodNotAllowed
from marinelayer.protocol.website import (
    Configuration,
    Place,
    folder_redirect,
    object_redirect,
    redirect_all,
    routed,
)
from marinelayer.protocol.website_pages import error_fields, error_page, redirection

_ASKED = frozenset({"if-match", "if-none-match", "if-modified-since", "if-unmodified-since", "range"})
"""Headers by which a browser asks for less than the page. Nothing else that S3 knows is known to a website."""


class WebsitePages:
    """Answers requests for the pages of buckets."""

    def __init__(self, sites: Websites, calls: Calls) -> None:
        self._sites = sites
        self._calls = calls
        self._s3 = load_service("s3")

    async def answer(self, request: Request, place: Place, caller: Caller) -> Response:
        """The page, another in its stead, or where to look for it. `caller` is a stranger.

        Raises:
            Refusal: whatever keeps the page from being shown, caused by what kept the error document from it.
        """
        if request.method not in ("GET", "HEAD"):
            raise MethodNotAllowed(Method=request.method, ResourceType="OBJECT")
        configuration = await self._sites.of(place.bucket, place.region)
        elsewhere = redirect_all(configuration, place)
        if elsewhere is None and request.path == place.base:
            elsewhere = folder_redirect(replace(place, path=""))
        elsewhere = elsewhere or routed(configuration, place)
        if elsewhere is not None:
            return redirection(elsewhere, request_id=request.id)
        key, suffix = place.key, configuration["IndexDocument"]["Suffix"]
        try:
            return await self._object(request, place, key + suffix if key.endswith("/") or not key else key, caller)
        except Refusal as refusal:
            if await self._is_folder(place, key, suffix, caller):
                return redirection(folder_redirect(place), request_id=request.id)
            return await self._instead(refusal, configuration, request, place, caller)

    def refused(self, refusal: Refusal, request: Request) -> Response:
        """S3's own page of a refusal; with another one that caused it."""
        error = self._worded(refusal)
        if error.status == 304:
            return dialect_of(self._s3).write_error(self._s3, refusal, request_id=request.id)
        cause = refusal.__cause__
        nested = (self._worded(cause), cause.details) if isinstance(cause, Refusal) else None
        return error_page(error, refusal.details, request_id=request.id, nested=nested)

    async def _object(self, request: Request, place: Place, key: str, caller: Caller) -> Response:
        """An object as anyone gets it, or where it leads."""
        headers = Headers((name, value) for name, value in request.headers.pairs if name in _ASKED)
        call = Call(
            request=replace(request, query="", headers=headers),
            service=self._s3,
            operation=self._s3.operations["HeadObject" if request.method == "HEAD" else "GetObject"],
            payload=b"",
            bucket=place.bucket,
            key=key,
        )
        dialect = dialect_of(self._s3)
        output = await self._calls.call(caller, "s3", call.operation.name, dialect.parse(call))
        location = output.get("WebsiteRedirectLocation")
        if location is not None:
            return redirection(object_redirect(location, place), request_id=request.id)
        return dialect.write(call, output)

    async def _is_folder(self, place: Place, key: str, suffix: str, caller: Caller) -> bool:
        """Whether there is no such object, but a folder of that name with a page for anyone."""
        if not key or key.endswith("/") or await self._sites.has(place.bucket, key):
            return False
        try:
            await self._calls.call(caller, "s3", "HeadObject", {"Bucket": place.bucket, "Key": f"{key}/{suffix}"})
        except Refusal:
            return False
        return True

    async def _instead(
        self, refusal: Refusal, configuration: Configuration, request: Request, place: Place, caller: Caller
    ) -> Response:
        """What is shown where a page can not be: where a rule leads, or the website's own error document."""
        error = self._worded(refusal)
        elsewhere = routed(configuration, place, error.status)
        if elsewhere is not None:
            return redirection(elsewhere, request_id=request.id)
        document = configuration.get("ErrorDocument")
        if document is None or not 400 <= error.status < 500:
            raise refusal
        try:
            page = await self._object(replace(request, headers=Headers()), place, document["Key"], caller)
        except Refusal as nested:
            raise refusal from nested
        if page.status != 200:
            return page
        fields = error_fields(error.code, error.message, refusal.details)
        return replace(page, status=error.status, headers=(*page.headers, *fields))

    def _worded(self, refusal: Refusal) -> WireError:
        return wire_error(self._s3, refusal)
