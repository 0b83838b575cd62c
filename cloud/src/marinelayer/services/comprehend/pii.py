"""DetectPiiEntities and ContainsPiiEntities: what in a text identifies people.

Source: https://docs.aws.amazon.com/comprehend/latest/dg/how-pii.html. Offsets are in code points. AWS reads English
and Spanish only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from marinelayer.ports import Caller, PassageFinder
from marinelayer.services.comprehend.errors import check_size, engine_errors, unsupported
from marinelayer.services.operation import need, operation

if TYPE_CHECKING:
    from marinelayer.model.types import comprehend as wire

MOST_BYTES = 100_000


class Pii:
    """Finds what identifies people."""

    def __init__(self, finder: PassageFinder) -> None:
        self._finder = finder

    @operation("DetectPiiEntities", needs=need("comprehend:DetectPiiEntities"))
    async def detect(self, caller: Caller, request: wire.DetectPiiEntitiesRequest) -> wire.DetectPiiEntitiesResponse:
        """Each finding's type and place, in the text's order.

        Raises:
            TextSizeLimitExceededException: over 100 KB.
            UnsupportedLanguageException: neither English nor Spanish.
        """
        check_size(request["Text"], MOST_BYTES)
        return await self.document(request["Text"], language=request["LanguageCode"])

    @operation("ContainsPiiEntities", needs=need("comprehend:ContainsPiiEntities"))
    async def contains(
        self, caller: Caller, request: wire.ContainsPiiEntitiesRequest
    ) -> wire.ContainsPiiEntitiesResponse:
        """The types that are found, each with its highest score, the surest first. Raises as `detect`."""
        check_size(request["Text"], MOST_BYTES)
        found = await self.document(request["Text"], language=request["LanguageCode"])
        scores: dict[str, float] = {}
        for each in found["Entities"]:
            scores[each["Type"]] = max(each["Score"], scores.get(each["Type"], 0.0))
        surest = sorted(scores.items(), key=lambda pair: (-pair[1], pair[0]))
        return {"Labels": [{"Name": name, "Score": score} for name, score in surest]}

    async def document(self, text: str, *, language: str) -> Any:
        """`Entities` of one text, of any size. Raises UnsupportedLanguageException."""
        with engine_errors(), unsupported(language):
            found = await self._finder.passages(text, language)
        return {
            "Entities": [
                {"Score": each.score, "Type": each.kind, "BeginOffset": each.begin, "EndOffset": each.end}
                for each in found
            ]
        }
