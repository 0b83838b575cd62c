"""Targeted sentiment: how a sentence speaks of a target that is given (macro F1 over negative, neutral and positive,
beside that of the whole sentence's sentiment), and which mentions, types, groups and sentiments are found unasked.

Data (`targets`): test files of MAMS (restaurants' reviews whose targets differ) and NewsMTSC (people and organisations
in the news), whose train files taught the head; and of what it never saw the like of: SemEval 2014's laptops (its
restaurants are of the kind of MAMS's) and the tweets of Dong et al., 2014. MIXED is no class of theirs; the likeliest
of the other three is what counts. Mentions are measured on sentences of our own (`data/targets.tsv`, its test half).
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np

from evaluation.figures import Family, Figure, Interval, Row, Skipped, Timing
from evaluation.measures import bootstrap, calibration_error, macro_f1, share
from evaluation.running import Bench
from marinelayer.ports import Sentiment, TargetGroup

ENGINE = "marinelayer-targets-en"
CLASSES = {"negative": 0, "neutral": 1, "positive": 2}
LETTERS = {"N": "NEGATIVE", "U": "NEUTRAL", "P": "POSITIVE", "M": "MIXED"}
_MARK = re.compile(r"\[([^\]|]*)\|([A-Z_]+)\|([NUPM])\|(\d+)\]")

Target = tuple[str, int, int, int]
"""A text, where in it the target begins and ends (code points), and its class."""


async def measure(bench: Bench) -> AsyncIterator[Row]:
    """Each set that is there, and our own sentences."""
    for name, (file, read) in SETS.items():
        path = bench.data / "targets" / file
        if not path.is_file():
            yield Skipped(what=name, reason=f"no data: there is no {file}")
            continue
        async for row in _given(bench, name, read(path)[:: bench.step]):
            yield row
    async for row in _ours(bench):
        yield row


async def _given(bench: Bench, name: str, items: Sequence[Target]) -> AsyncIterator[Row]:
    async def towards(item: Target) -> Sentiment:
        seen = await bench.engines.targets.towards(*item[:3])
        return seen or await bench.engines.sentiments.score(item[0], "en")

    found, timing = await bench.timed(towards, items)
    whole = [await bench.engines.sentiments.score(item[0], "en") for item in items]
    labels = np.array([item[3] for item in items])
    shares, plain = _shares(found), _shares(whole)
    told, sure = shares.argmax(1), shares.max(1)
    flat, right = plain.argmax(1), shares.argmax(1) == labels
    f1 = bootstrap(len(items), lambda numbers: macro_f1(labels[numbers], told[numbers]))
    yield _figure(name, "macro F1 towards the target", f1, len(items), timing=timing)
    beside = bootstrap(len(items), lambda numbers: macro_f1(labels[numbers], flat[numbers]))
    yield _figure(name, "macro F1 of the whole sentence's sentiment", beside, len(items))
    error = bootstrap(len(items), lambda numbers: calibration_error(right[numbers], sure[numbers]), draws=200)
    yield _figure(name, "calibration error", error, len(items), percent=False)


def _shares(seen: Sequence[Sentiment]) -> np.ndarray:
    """Of negative, neutral and positive, without what is mixed."""
    shares = np.array([(each.negative, each.neutral, each.positive) for each in seen])
    return shares / shares.sum(1, keepdims=True)


# --- our own sentences ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Marked:
    """A mention as it is marked or found: its type, sentiment and group."""

    kind: str
    sentiment: str
    group: int


Mentions = dict[tuple[int, int], Marked]
"""Mentions by their place in code points."""


def unmarked(text: str) -> tuple[str, Mentions]:
    """The text without its marks, and what they mark."""
    plain, found, after = "", Mentions(), 0
    for mark in _MARK.finditer(text):
        plain += text[after : mark.start()]
        found[len(plain), len(plain) + len(mark[1])] = Marked(mark[2], LETTERS[mark[3]], int(mark[4]))
        plain, after = plain + mark[1], mark.end()
    return plain + text[after:], found


async def _ours(bench: Bench, part: str = "test") -> AsyncIterator[Row]:
    with Path(__file__).with_name("data").joinpath("targets.tsv").open(encoding="utf-8", newline="") as lines:
        rows = [row for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE) if row["part"] == part]
    marked = [unmarked(row["marked"]) for row in rows]

    async def find(text: str) -> Mentions:
        return _mentions(await bench.engines.targets.targets(text, "en"))

    found, timing = await bench.timed(find, [text for text, _ in marked])
    pairs = [(one, wanted) for one, (_, wanted) in zip(found, marked, strict=True)]
    same = [(one[place], wanted[place]) for one, wanted in pairs for place in one.keys() & wanted.keys()]
    given, wanted = sum(len(one) for one, _ in pairs), sum(len(one) for _, one in pairs)
    data = f"our sentences ({len(rows)})"
    yield _figure(data, "precision of mentions", share(len(same), given), given, timing=timing)
    yield _figure(data, "recall of mentions", share(len(same), wanted), wanted)
    told = [(one, other) for one, other in same if one.kind != "OTHER"]
    right = sum(one.kind == other.kind for one, other in told)
    yield _figure(data, "right types, where not OTHER", share(right, len(told)), len(told))
    right = sum(one.kind == other.kind for one, other in same)
    yield _figure(data, "right types", share(right, len(same)), len(same))
    right = sum(one.sentiment == other.sentiment for one, other in same)
    yield _figure(data, "right sentiments of four", share(right, len(same)), len(same))
    joined, apart = (_joined([pair[n] for pair in pairs]) for n in (0, 1))
    both = len(joined & apart)
    yield _figure(data, "precision of pairs in a group", share(both, len(joined)), len(joined))
    yield _figure(data, "recall of pairs in a group", share(both, len(apart)), len(apart))


def _mentions(groups: Sequence[TargetGroup]) -> Mentions:
    found = Mentions()
    for number, group in enumerate(groups):
        for one in group.mentions:
            found[one.begin, one.end] = Marked(one.kind, _likeliest(one.sentiment), number)
    return found


def _likeliest(seen: Sentiment) -> str:
    shares = {"POSITIVE": seen.positive, "NEGATIVE": seen.negative, "NEUTRAL": seen.neutral, "MIXED": seen.mixed}
    return max(shares, key=shares.__getitem__)


def _joined(texts: Sequence[Mentions]) -> set[tuple[int, tuple[int, int], tuple[int, int]]]:
    """Pairs of mentions of one group: the text's number and both places."""
    return {
        (number, *pair)
        for number, mentions in enumerate(texts)
        for pair in combinations(sorted(mentions), 2)
        if mentions[pair[0]].group == mentions[pair[1]].group
    }


# --- the sets -------------------------------------------------------------------------------------------------


def mams(file: Path) -> list[Target]:
    """Targets of MAMS."""
    found: list[Target] = []
    for sentence in ET.fromstring(file.read_text("utf-8")):  # our own copy
        terms = [dict(term.attrib) for term in sentence.find("aspectTerms") or ()]
        text = sentence.findtext("text") or ""
        found += [(text, int(term["from"]), int(term["to"]), CLASSES[term["polarity"]]) for term in terms]
    return found


def news(file: Path) -> list[Target]:
    """Targets of NewsMTSC."""
    rows = [json.loads(line) for line in file.read_text("utf-8").splitlines() if line.strip()]
    return [
        (row["sentence_normalized"], one["from"], one["to"], round(one["polarity"] / 2) - 1)
        for row in rows
        for one in row["targets"]
    ]


def three_lines(file: Path) -> list[Target]:
    """Targets of files with a sentence in which `$T$` stands for the target, the target, and -1, 0 or 1."""
    lines = file.read_text("utf-8").splitlines()
    found: list[Target] = []
    for sentence, target, polarity in zip(lines[::3], lines[1::3], lines[2::3], strict=True):
        begin = sentence.index("$T$")
        text = sentence.replace("$T$", target.strip(), 1)
        found.append((text, begin, begin + len(target.strip()), int(polarity) + 1))
    return found


SETS: dict[str, tuple[str, Callable[[Path], list[Target]]]] = {
    "MAMS test": ("mams_test.xml", mams),
    "NewsMTSC test": ("news_test.jsonl", news),
    "SemEval 2014 restaurants test": ("restaurants_test.seg", three_lines),
    "SemEval 2014 laptops test": ("laptops_test.seg", three_lines),
    "tweets (Dong et al.) test": ("tweets_test.seg", three_lines),
}


def _figure(
    data: str,
    measured: str,
    interval: Interval,
    items: int,
    *,
    timing: Timing | None = None,
    percent: bool = True,
) -> Figure:
    return Figure(
        engine=ENGINE,
        language="en",
        data=data,
        measure=measured,
        interval=interval,
        items=items,
        timing=timing,
        percent=percent,
    )


FAMILY = Family(name="targets", title="Targeted sentiment", task="targets", folder="targets", measure=measure)
