"""Links to terminology files: whoever has one may fetch the file, for thirty minutes.

The link names its file in a seal that only this cloud can make. It is the permission, as AWS's presigned URL is.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import json
from dataclasses import dataclass

from marinelayer.http import Request, Response
from marinelayer.model.errors import AccessDenied, RequestExpired
from marinelayer.ports import Caller, Clock, Keyring, Tables
from marinelayer.services.translate.terminology_file import read, written
from marinelayer.services.translate.terminology_store import TerminologyFiles, TerminologyName, file_of

PATH = "/_marinelayer/terminology"
LASTS = 30 * 60 * 1_000_000
_PURPOSE = "translate: link"
_TYPES = {"CSV": "text/csv", "TSV": "text/tab-separated-values", "TMX": "application/xml", "": "text/plain"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Linked:
    """What a link leads to: the file in a format, or (format "") the warnings of its import."""

    name: TerminologyName
    form: str


class TerminologyLinks:
    """Makes links and follows them."""

    def __init__(self, tables: Tables, keyring: Keyring, clock: Clock) -> None:
        self._tables = tables
        self._keyring = keyring
        self._clock = clock
        self._files = TerminologyFiles(keyring)

    def link(self, caller: Caller, linked: Linked) -> str:
        """A URL at the address by which the caller reaches this cloud."""
        name = linked.name
        claims = [name.account, name.region, name.name, linked.form, self._clock.now() + LASTS]
        sealed = self._keyring.wrap(json.dumps(claims).encode(), _PURPOSE)
        return f"{caller.base_url}{PATH}?{base64.urlsafe_b64encode(sealed).decode().rstrip('=')}"

    async def follow(self, request: Request, _: Caller) -> Response:
        """GET /_marinelayer/terminology?TOKEN: the file.

        Raises:
            AccessDenied: the link was not made here.
            RequestExpired: it is older than thirty minutes.
            ResourceNotFoundException: the terminology is gone.
        """
        linked = self._linked(request.query)
        terminology, file, warnings = await self._tables.read(file_of, linked.name)
        stored = file if linked.form else warnings
        data = await asyncio.to_thread(self._file, linked, stored, terminology.form)
        suffix = linked.form.lower() if linked.form else "warnings.txt"
        headers = (
            ("content-type", _TYPES[linked.form]),
            ("content-disposition", f'attachment; filename="{linked.name.name}.{suffix}"'),
            ("x-content-type-options", "nosniff"),
            ("cache-control", "no-store"),
            ("x-amzn-requestid", request.id),
        )
        return Response(status=200, headers=headers, body=data)

    def _file(self, linked: Linked, stored: bytes, imported_as: str) -> bytes:
        data = self._files.unwrapped(linked.name, stored)
        if linked.form in ("", imported_as):
            return data
        return written(read(data, imported_as), linked.form)

    def _linked(self, token: str) -> Linked:
        try:
            sealed = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
            account, region, name, form, expires = json.loads(self._keyring.unwrap(sealed, _PURPOSE))
        except (ValueError, binascii.Error):
            raise AccessDenied from None
        if self._clock.now() > expires:
            raise RequestExpired
        return Linked(name=TerminologyName(account, region, name), form=form)
