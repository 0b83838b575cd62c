"""How mixed a text's sentiment is: whether one part of it praises and another blames.

A text is parted where clauses end: at marks and at words such as `but`. The weaker of the two sides, of the part that
is surest to praise and of another that is surest to blame, says how likely the whole is mixed. `BEND` was fitted on the
dev half of our own sentences (`benchmarks/evaluation/data/mixed.tsv`), half of which are mixed; `RISE` was lowered
until a twelfth of TweetEval's tweets are told to be mixed, since few texts are. docs/engines.md says what the other
half of the sentences gives. Pure.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

BEND, RISE = 3.2, 1.5
FLOOR = 0.02
LEAST_LETTERS = 3

_ENDS = r"[.;:!?¡¿,\n।،؛]+|\s[-–—]+\s"  # noqa: RUF001  # a dash as people write it
_BETWEEN = {
    "en": "but although though yet however while whereas except and nevertheless unfortunately sadly still until then",
    "es": "pero aunque mientras y e excepto salvo sino lástima desafortunadamente embargo",
    "fr": "mais malgré cependant pourtant quoique et malheureusement sauf quand",
    "de": "aber obwohl jedoch trotzdem doch und leider während außer",
    "it": "ma però anche tuttavia eppure e purtroppo mentre tranne",
    "pt": "mas embora porém contudo e infelizmente enquanto exceto",
    "ar": "لكن ولكن رغم ومع لكنه لكنها بينما الا إلا",
    "hi": "लेकिन मगर पर परन्तु परंतु किंतु किन्तु और हालांकि जबकि but lekin magar par aur",
}
_SPLIT = {
    language: re.compile(rf"{_ENDS}|(?<!\w)(?:{'|'.join(words.split())})(?!\w)", re.IGNORECASE)
    for language, words in _BETWEEN.items()
}

Shares = tuple[float, float, float]
"""Of negative, neutral and positive."""


def clauses(text: str, language: str) -> list[str]:
    """The parts of a text that say something of their own."""
    parts = (part.strip() for part in _SPLIT[language].split(text))
    return [part for part in parts if sum(letter.isalnum() for letter in part) >= LEAST_LETTERS]


def mixed(parts: Sequence[Shares]) -> float:
    """The share of MIXED (0-1) in a text whose clauses have the given shares; 0 where there are not two."""
    weaker = [min(one[2], other[0]) for n, one in enumerate(parts) for m, other in enumerate(parts) if n != m]
    if not weaker:
        return 0.0
    return 1 / (1 + math.exp(-BEND * math.log(max(weaker) + FLOOR) - RISE))
