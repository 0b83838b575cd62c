"""Reading text in pictures: the share of words that are read letter for letter, and of those whose box overlaps the
true one by half.

Data (`ocr`): drawn signs at three levels (clean, skewed, hard), with words and quads.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import AsyncIterator

from evaluation.boxes import box_of, overlap
from evaluation.figures import Family, Figure, Row
from evaluation.measures import share
from evaluation.running import Bench
from marinelayer.engines.vision.dimensions import decodable

LEVELS = ("clean", "skewed", "hard")


async def measure(bench: Bench) -> AsyncIterator[Row]:
    """All signs."""
    signs = json.loads((bench.data / "ocr" / "signs.json").read_text("utf-8"))[:: bench.step]
    pictures = [(bench.data / "ocr" / sign["file"]).read_bytes() for sign in signs]
    read, timing = await bench.timed(bench.engines.texts.read, pictures)
    right: Counter[int] = Counter()
    placed: Counter[int] = Counter()
    total: Counter[int] = Counter()
    for sign, texts, image in zip(signs, read, pictures, strict=True):
        size = decodable(image)
        words = [(word.text, box_of(word.corners)) for line in texts.lines for word in line.words]
        for wanted in sign["words"]:
            total[sign["level"]] += 1
            same = [box for text, box in words if text == wanted["text"]]
            right[sign["level"]] += bool(same)
            true = box_of([(x / size.width, y / size.height) for x, y in wanted["quad"]])
            placed[sign["level"]] += any(overlap(box, true) >= 0.5 for box in same)
    engine = read[0].engine.name
    for level in sorted(total):
        yield _figure(engine, f"{LEVELS[level]} signs", "word recall", right[level], total[level])
    yield Figure(
        engine=engine,
        language="en",
        data="all signs",
        measure="word recall",
        interval=share(right.total(), total.total()),
        items=total.total(),
        timing=timing,
        note="items are words, items/s are pictures",
    )
    yield _figure(engine, "all signs", "read and placed (IoU .5)", placed.total(), total.total())


def _figure(engine: str, data: str, measure: str, part: int, whole: int) -> Figure:
    return Figure(engine=engine, language="en", data=data, measure=measure, interval=share(part, whole), items=whole)


FAMILY = Family(name="texts", title="Text in pictures", task="texts", folder="ocr", measure=measure)
