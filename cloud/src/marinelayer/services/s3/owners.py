"""How owners and initiators are shown: by canonical id or ARN, and by name where S3 still gives names.

Since 21 November 2025 S3 returns no DisplayName of an Owner ("End of support notice" of the operations that show one).
The `classic` defaults are those of the years when it did, so that programs written then find it; `current` ones have
none. Users who began an upload are still named, as in AWS's answers of February 2026.

Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_Owner.html and .../API_Initiator.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from marinelayer.ports import Principals


@dataclass(frozen=True, slots=True)
class Named:
    """The display names of those whom one answer shows, by canonical id; none where S3 gives none."""

    names: Mapping[str, str] = field(default_factory=dict[str, str])

    def owner(self, canonical_id: str) -> dict[str, str]:
        """An Owner, or the id and name of a CanonicalUser."""
        name = self.names.get(canonical_id)
        return {"ID": canonical_id, "DisplayName": name} if name else {"ID": canonical_id}

    def initiator(self, initiator: str, name: str) -> dict[str, str]:
        """An Initiator: an account by its canonical id, else a user by its ARN and `name`."""
        if not initiator.startswith("arn:"):
            return self.owner(initiator)
        return {"ID": initiator, "DisplayName": name}


class Owners:
    """Looks up what owners are called. Without `with_names` no account is called anything, as S3 does it today."""

    def __init__(self, principals: Principals, *, with_names: bool) -> None:
        self._principals = principals
        self._with_names = with_names

    async def named(self, canonical_ids: Iterable[str]) -> Named:
        """The names of accounts by their canonical ids; other ids are passed over."""
        if not self._with_names:
            return Named()
        return Named(await self._principals.display_names(set(canonical_ids)))
