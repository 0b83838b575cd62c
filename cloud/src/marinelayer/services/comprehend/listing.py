"""Pages of models, endpoints and jobs, and the filters of their lists.

Source: the filters of https://docs.aws.amazon.com/comprehend/latest/APIReference/: one at a time; what was submitted
before a time comes with the oldest first, all else with the newest.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from marinelayer.ports import Caller, Tables, Transaction
from marinelayer.services.comprehend.errors import InvalidFilterException, InvalidRequestException
from marinelayer.services.comprehend.resources import SQL, Resource, read_resource
from marinelayer.services.paging import ForgedTokenError, PageTokens

PAGE = 100
_NEVER = 2**62


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which resources a list is of: those that were created between two times (microseconds), and have a name, a
    status or a model where that is not ""."""

    name: str = ""
    status: str = ""
    model: str = ""
    above: int = -1
    below: int = _NEVER

    @property
    def oldest_first(self) -> bool:
        """Whether the list begins with the oldest."""
        return self.below != _NEVER


_MEMBERS = {
    "JobName": "name",
    "DocumentClassifierName": "name",
    "RecognizerName": "name",
    "JobStatus": "status",
    "Status": "status",
    "ModelArn": "model",
    "SubmitTimeAfter": "above",
    "CreationTimeAfter": "above",
    "SubmitTimeBefore": "below",
    "CreationTimeBefore": "below",
}


def read_filter(request: Mapping[str, Any]) -> Filter:
    """The filter of a request.

    Raises:
        InvalidFilterException: there is more than one in it.
    """
    given: Mapping[str, Any] = request.get("Filter") or {}
    if len(given) > 1:
        raise InvalidFilterException("Only one filter can be set at a time.")
    chosen = {_MEMBERS[member]: value for member, value in given.items()}
    for time in ("above", "below"):
        if time in chosen:
            chosen[time] = round(chosen[time].timestamp() * 1_000_000)
    return Filter(**chosen)


class Lists:
    """Pages through the resources of an account and region."""

    def __init__(self, tables: Tables, pages: PageTokens) -> None:
        self._tables = tables
        self._pages = pages

    def after(self, token: str | None, scope: str) -> str:
        """The position behind which a page starts. Raises InvalidRequestException for another list's token."""
        try:
            return self._pages.position(token, scope)
        except ForgedTokenError:
            raise InvalidRequestException("The NextToken is invalid.") from None

    def seal(self, position: str, scope: str) -> dict[str, str]:
        """The member of an output that tells where the next page starts."""
        return {"NextToken": self._pages.seal(position, scope)}

    async def page(
        self, caller: Caller, kind: str, request: Mapping[str, Any]
    ) -> tuple[Sequence[Resource], dict[str, str]]:
        """A page of the resources of a kind that the request's filter lets through, and its NextToken, if there is one.

        Raises:
            InvalidFilterException, InvalidRequestException
        """
        chosen = read_filter(request)
        scope = f"comprehend.{kind}/{caller.account}/{caller.region}/{chosen}"
        position = self.after(request.get("NextToken"), scope)
        most: int = request.get("MaxResults", PAGE)
        found: Sequence[Resource] = await self._tables.read(_page, caller, kind, chosen, position, most + 1)
        if len(found) <= most:
            return found, {}
        last = found[most - 1]
        return found[:most], self.seal(f"{last.created} {last.arn}", scope)


def _page(tx: Transaction, caller: Caller, kind: str, chosen: Filter, position: str, limit: int) -> Sequence[Resource]:
    at, _, arn = position.partition(" ")
    start = int(at) if at else (-1 if chosen.oldest_first else _NEVER)
    rows = tx.all(
        SQL.oldest_first if chosen.oldest_first else SQL.newest_first,
        account=caller.account,
        region=caller.region,
        kind=kind,
        above=chosen.above,
        below=chosen.below,
        at=start,
        arn=arn,
        name=chosen.name,
        status=chosen.status,
        model=chosen.model,
        n=limit,
    )
    return [read_resource(row) for row in rows]
