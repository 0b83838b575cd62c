"""One protocol's way to read inputs and to write outputs and errors.

`dialect_of` gives the dialect in which a request must be answered. A dialect's parsers and writers are compiled from
the model on an operation's first use and kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from marinelayer.http import Response
from marinelayer.model.errors import Refusal
from marinelayer.model.service import Service
from marinelayer.protocol.call import Call


class Dialect(Protocol):
    """Reads and writes one protocol. Stateless."""

    def parse(self, call: Call) -> dict[str, Any]:
        """The operation's input in botocore's member names: texts, numbers, booleans, bytes, aware UTC datetimes,
        lists and dicts; the member that streams is the call's Body. Unknown members are ignored, as AWS does.

        Raises:
            Refusal: the input can not be read, or breaks a constraint of the model.
        """
        ...

    def write(self, call: Call, output: Mapping[str, Any]) -> Response:
        """The answer. Members that are None or missing are left out; unknown ones are an error of ours.

        Raises:
            KeyError: the output has a member that the model lacks.
        """
        ...

    def write_error(
        self,
        service: Service,
        refusal: Refusal,
        *,
        request_id: str,
        resource: str = "",
        host_id: str = "",
        head: bool = False,
    ) -> Response:
        """The error document with status and headers; without a body where `head`. `resource` is the request's raw
        path, which S3 repeats."""
        ...
