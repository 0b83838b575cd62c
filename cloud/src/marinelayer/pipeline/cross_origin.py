"""Requests of web pages from other origins: preflights, and the header fields that let a script see S3's answers.

Reads the rules of buckets through `ports.CorsRules`; what they say is `protocol.cors`. A preflight needs no signature:
browsers send none. Knows no steps of the path.
"""

from __future__ import annotations

from marinelayer.http import Request, Response
from marinelayer.model.errors import Refusal
from marinelayer.ports import CorsRules
from marinelayer.protocol.addresses import Hosts, address
from marinelayer.protocol.cors import Fields, answer_preflight, cors_fields, demand_origin
from marinelayer.protocol.refusals import MethodNotAllowed
from marinelayer.protocol.rest_xml import request_ids


class CrossOrigin:
    """CORS for the buckets of one cloud."""

    def __init__(self, rules: CorsRules, hosts: Hosts) -> None:
        self._rules = rules
        self._hosts = hosts

    async def fields(self, request: Request) -> Fields:
        """What the answer to a request of S3 with an Origin says to the browser, whatever else the answer is."""
        try:
            bucket, _ = address(request, self._hosts)
        except Refusal:
            return ()
        return () if bucket is None else await self.fields_of(bucket, request)

    async def fields_of(self, bucket: str, request: Request) -> Fields:
        """The same, of a request for a bucket however it is addressed."""
        rules = await self._rules.of(bucket)
        return cors_fields(rules, request.method, request.headers) if rules else ()

    async def preflight(self, request: Request) -> Response:
        """The answer to OPTIONS.

        Raises:
            MethodNotAllowed: it is for no bucket.
            BadRequest, AccessForbidden: see `answer_preflight`.
        """
        bucket, key = address(request, self._hosts)
        if bucket is None:
            raise MethodNotAllowed(Method=request.method, ResourceType="SERVICE")
        demand_origin(request.headers)
        rules = await self._rules.of(bucket)
        fields = answer_preflight(rules, request.headers, "BUCKET" if key is None else "OBJECT")
        return Response(status=200, headers=(*request_ids(request.id), *fields))
