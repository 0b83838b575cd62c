"""Objects in archives: which can not be read until they are restored, and what answers say of their restores. Pure.

Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/restoring-objects.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any

from marinelayer.ports import Row
from marinelayer.protocol.refusals import InvalidArgument
from marinelayer.protocol.times import http_date
from marinelayer.services.s3.conditions import moment
from marinelayer.services.s3.lifecycle_rules import DAY, SECOND, Days

ARCHIVED = frozenset({"GLACIER", "DEEP_ARCHIVE"})
"""Storage classes whose objects can not be read without a restore."""

TIERS = ("Bulk", "Standard", "Expedited")
"""The retrieval tiers, the fastest last."""
_HERE: Mapping[str, int] = {"Expedited": SECOND, "Standard": 5 * SECOND, "Bulk": 10 * SECOND}
_HOUR = DAY // 24
_AWS: Mapping[tuple[str, str], int] = {
    ("GLACIER", "Expedited"): _HOUR // 12,
    ("GLACIER", "Standard"): 4 * _HOUR,
    ("GLACIER", "Bulk"): 12 * _HOUR,
    ("DEEP_ARCHIVE", "Standard"): 12 * _HOUR,
    ("DEEP_ARCHIVE", "Bulk"): 48 * _HOUR,
}
"""How long S3's retrievals take at most, or about so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Restoring:
    """A restore under way: how many days its copy is to stay, its tier, and the random token that its job knows."""

    days: int
    tier: str
    token: str

    @property
    def text(self) -> str:
        """As it is stored."""
        return json.dumps(asdict(self))


@lru_cache(maxsize=256)
def read_restoring(text: str) -> Restoring:
    """A restore from where it is stored."""
    return Restoring(**json.loads(text))


def retrieval_time(days: Days, storage_class: str, tier: str) -> int:
    """How long a restore takes, in microseconds: seconds in days of AWS's length; AWS's part of a day in others."""
    return _HERE[tier] if days.length == DAY else _AWS[storage_class, tier] * days.length // DAY


def restore_header(restoring: Restoring | None, until: int | None) -> str | None:
    """What GetObject and HeadObject say of a version's restore; None where there is none."""
    if restoring is not None:
        return 'ongoing-request="true"'
    if until is None:
        return None
    return f'ongoing-request="false", expiry-date="{http_date(moment(until))}"'


def restore_status(row: Row) -> dict[str, Any]:
    """What a listing says of the restore of an entry, as a member of it."""
    if row["restoring"] is not None:
        return {"RestoreStatus": {"IsRestoreInProgress": True}}
    if row["restored_until"] is None:
        return {}
    return {"RestoreStatus": {"IsRestoreInProgress": False, "RestoreExpiryDate": moment(row["restored_until"])}}


def tells_restores(request: Mapping[str, Any]) -> bool:
    """Whether a listing is asked for the restores of its entries.

    Raises:
        InvalidArgument: it is asked for something else.
    """
    asked: Sequence[str] = request.get("OptionalObjectAttributes") or ()
    for name in asked:
        if name != "RestoreStatus":
            raise InvalidArgument(
                "Invalid attribute name specified.",
                ArgumentName="x-amz-optional-object-attributes",
                ArgumentValue=name,
            )
    return bool(asked)
