"""Texts without what identifies people.

Source: https://docs.aws.amazon.com/comprehend/latest/APIReference/API_RedactionConfig.html. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

USUAL_MASK = "*"


def redacted(text: str, entities: Sequence[Mapping[str, Any]], config: Mapping[str, Any]) -> str:
    """The text with each entity of the wanted types masked letter by letter, or replaced by `[TYPE]`. Of entities that
    overlap, the earlier one is replaced whole, and of the later one what is left."""
    wanted = set(config.get("PiiEntityTypes") or ("ALL",))
    replacing = config.get("MaskMode", "MASK") == "REPLACE_WITH_PII_ENTITY_TYPE"
    mask = config.get("MaskCharacter", USUAL_MASK)
    pieces: list[str] = []
    end = 0
    for entity in sorted(entities, key=lambda one: (one["BeginOffset"], -one["EndOffset"])):
        if "ALL" not in wanted and entity["Type"] not in wanted:
            continue
        begin, stop = max(end, entity["BeginOffset"]), entity["EndOffset"]
        if begin >= stop:
            continue
        pieces.append(text[end:begin])
        pieces.append(f"[{entity['Type']}]" if replacing else mask * (stop - begin))
        end = stop
    return "".join(pieces) + text[end:]
