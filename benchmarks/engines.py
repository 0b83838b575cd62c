"""What the engines can and what they cost: accuracy on labelled data, and time through the supervisor.

    python benchmarks/engines.py [--models DIR] [--data DIR] [--quick]

`--models` is the folder of model files, `--data` the evaluation data (`lid`, `sentiment`, `ocr`, `labels`,
`translate`); by default both are looked for in ../shared. A time is that of a whole call: the request's way to a warm
worker and back, one at a time. Nothing is downloaded. `--quick` takes every tenth item.
"""

from __future__ import annotations

import argparse
import asyncio
import csv
import json
import math
import resource
import statistics
import time
import tomllib
import xml.etree.ElementTree as ET
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import TypeVar

import marinelayer.engines.language as language_room
from marinelayer.engines.assembly import Engines, open_engines
from marinelayer.engines.vision.dimensions import decodable
from marinelayer.ports import Labels

Item = TypeVar("Item")
T = TypeVar("T")

VOC = {
    "aeroplane": "Airplane",
    "bicycle": "Bicycle",
    "bird": "Bird",
    "boat": "Boat",
    "bottle": "Bottle",
    "bus": "Bus",
    "car": "Car",
    "cat": "Cat",
    "chair": "Chair",
    "cow": "Cow",
    "diningtable": "Dining Table",
    "dog": "Dog",
    "horse": "Horse",
    "motorbike": "Motorcycle",
    "person": "Person",
    "pottedplant": "Potted Plant",
    "sheep": "Sheep",
    "sofa": "Couch",
    "train": "Train",
    "tvmonitor": "TV",
}
OTHER_LANGUAGES = {
    "arabic": "ar",
    "french": "fr",
    "german": "de",
    "hindi": "hi",
    "italian": "it",
    "portuguese": "pt",
    "spanish": "es",
}


class Bench:
    """Runs the sections over one set of engines and prints what each found."""

    def __init__(self, engines: Engines, data: Path, step: int) -> None:
        self.engines = engines
        self.data = data
        self.step = step

    async def cold(self) -> None:
        """Seconds to load a worker, and its memory then."""
        for task, supervisor in self.engines.supervisors.items():
            if self.engines.describe()[task]["available"]:
                began = time.perf_counter()
                await supervisor.warm()
                took = time.perf_counter() - began
                row(f"{task}: cold start", f"{took:.2f} s", f"{resident(supervisor.pids[0]):.0f} MB")

    async def timed(self, call: Callable[[Item], Awaitable[T]], items: Iterable[Item]) -> tuple[list[T], str]:
        """The results one after the other, and the median and 95th percentile of their times."""
        results: list[T] = []
        times: list[float] = []
        for item in items:
            began = time.perf_counter()
            results.append(await call(item))
            times.append(1000 * (time.perf_counter() - began))
        ordered = sorted(times)
        return results, f"p50 {statistics.median(times):.1f} ms, p95 {ordered[int(len(ordered) * 0.95)]:.1f} ms"

    async def signs(self) -> None:
        """Words of drawn signs that are read letter for letter, and whose box overlaps the true one by half."""
        signs = json.loads((self.data / "ocr" / "signs.json").read_text())[:: self.step]
        pictures = [(self.data / "ocr" / sign["file"]).read_bytes() for sign in signs]
        read, took = await self.timed(self.engines.texts.read, pictures)
        right: Counter[int] = Counter()
        placed: Counter[int] = Counter()
        total: Counter[int] = Counter()
        for sign, texts, image in zip(signs, read, pictures, strict=True):
            width, height = picture_size(image)
            words = [(word.text, box_of(word.corners)) for line in texts.lines for word in line.words]
            for wanted in sign["words"]:
                total[sign["level"]] += 1
                same = [box for text, box in words if text == wanted["text"]]
                right[sign["level"]] += bool(same)
                true = box_of([(x / width, y / height) for x, y in wanted["quad"]])
                placed[sign["level"]] += any(overlap(box, true) >= 0.5 for box in same)
        for level in sorted(total):
            row(f"texts: word recall, signs of level {level}", share(right[level], total[level]))
        row("texts: word recall, all signs", share(right.total(), total.total()), took)
        row("texts: read and placed (IoU >= .5)", share(placed.total(), total.total()))

    async def photos(self) -> None:
        """Mean average precision at IoU .5 on VOC photos (all-points, difficult objects ignored), and what DetectLabels
        shows at its default threshold."""
        files = sorted((self.data / "labels" / "images").glob("*.jpg"))
        named, took = await self.timed(self.engines.labels.labels, [file.read_bytes() for file in files])
        truth = {file.stem: voc_objects(self.data / "labels" / "voc_xml" / f"{file.stem}.xml") for file in files}
        found = {file.stem: labels for file, labels in zip(files, named, strict=True)}
        precisions = [p for name in VOC.values() if (p := average_precision(name, found, truth)) is not None]
        row("labels: mAP50 on VOC photos", f"{100 * statistics.mean(precisions):.1f}", took)
        wanted = [(stem, name) for stem, objects in truth.items() for name in {name for name, _, _ in objects}]
        shown = {
            (stem, label.name) for stem, labels in found.items() for label in labels.labels if label.confidence >= 55
        }
        row("labels: named at MinConfidence 55", share(len(set(wanted) & shown), len(wanted)))

    async def languages(self) -> None:
        """Texts whose likeliest language is the right one, of the languages that can be told."""
        known = known_codes()
        for name in ("sentences", "word-pairs", "single-words"):
            with (self.data / "lid" / f"{name}.tsv").open(encoding="utf-8", newline="") as file:
                rows = [r for r in csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE) if r[0] in known]
            rows = rows[:: self.step]
            told, took = await self.timed(self.engines.languages.languages, [text for _, text in rows])
            right = sum(languages[0][0] == code for languages, (code, _) in zip(told, rows, strict=True))
            row(f"languages: {name}, {len({code for code, _ in rows})} languages", share(right, len(rows)), took)
        complaints = json.loads((self.data / "lid" / "complaints_311.json").read_text())
        for code, texts in complaints.items():
            told, _ = await self.timed(self.engines.languages.languages, texts)
            row(f"languages: 311 complaints, {code}", share(sum(t[0][0] == code for t in told), len(texts)))

    async def sentiments(self) -> None:
        """Macro recall and macro F1 over three classes, calibration error, and how often MIXED wins."""
        sets = {"TweetEval dev": ("tweeteval_val.tsv", "en"), "XLM-T dev, english": ("xlmt_english_val.tsv", "en")}
        sets |= {f"XLM-T dev, {name}": (f"xlmt_{name}_val.tsv", code) for name, code in OTHER_LANGUAGES.items()}
        means: list[float] = []
        for name, (file, language) in sets.items():
            if language not in self.engines.sentiments.languages:
                continue
            rows = (self.data / "sentiment" / file).read_text("utf-8").splitlines()[:: self.step]
            pairs = [(int(label), text) for label, _, text in (line.partition("\t") for line in rows)]
            seen, took = await self.timed(
                partial(self.engines.sentiments.score, language=language), [text for _, text in pairs]
            )
            shares = [(s.negative, s.neutral, s.positive) for s in seen]
            recall, f1 = macro([label for label, _ in pairs], [max(range(3), key=s.__getitem__) for s in shares])
            error = calibration_error([label for label, _ in pairs], shares)
            mixed = sum(s.mixed > max(three) for s, three in zip(seen, shares, strict=True)) / len(seen)
            row(
                f"sentiment: {name} ({seen[0].engine.name})",
                f"macro recall {100 * recall:.1f}, F1 {100 * f1:.1f}, ECE {error:.3f}, MIXED {100 * mixed:.1f}%",
                took,
            )
            means += [f1] if name.startswith("XLM-T") else []
        if len(means) > 1:
            row("sentiment: XLM-T dev, mean", f"macro F1 {100 * statistics.mean(means):.1f}")

    async def translations(self) -> None:
        """The chrF (n-grams of 1 to 6 characters, beta 2) against one reference, both ways."""
        for source, target, columns in (("en", "es", (0, 1)), ("es", "en", (1, 0))):
            if (source, target) not in self.engines.translator.pairs:
                row(f"translation: {source} to {target}", "no engine")
                continue
            for file in sorted((self.data / "translate").glob("eng-spa_*.tsv")):
                with file.open(encoding="utf-8", newline="") as lines:
                    pairs = list(csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))[:: self.step]
                texts = [pair[columns[0]] for pair in pairs]
                done, took = await self.timed(
                    partial(self.engines.translator.translate, source=source, target=target), texts
                )
                score = chrf([text for text, _ in done], [pair[columns[1]] for pair in pairs])
                row(
                    f"translation: {source} to {target}, {file.stem.partition('_')[2]}", f"chrF {100 * score:.1f}", took
                )


# --- measures ----------------------------------------------------------------------------------------------------

Box = tuple[float, float, float, float]


def box_of(corners: Sequence[tuple[float, float]]) -> Box:
    """Left, top, right, bottom around the corners."""
    xs, ys = [x for x, _ in corners], [y for _, y in corners]
    return min(xs), min(ys), max(xs), max(ys)


def overlap(one: Box, other: Box) -> float:
    """Intersection over union."""
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    if width <= 0 or height <= 0:
        return 0.0
    areas = [(box[2] - box[0]) * (box[3] - box[1]) for box in (one, other)]
    return width * height / (sum(areas) - width * height)


def picture_size(image: bytes) -> tuple[int, int]:
    """Width and height in pixels."""
    found = decodable(image)
    return found.width, found.height


def voc_objects(file: Path) -> list[tuple[str, Box, bool]]:
    """Label, box as fractions, and whether it is marked difficult, of each object of a VOC annotation."""
    root = ET.parse(file).getroot()
    width, height = float(root.findtext("size/width", "1")), float(root.findtext("size/height", "1"))
    objects: list[tuple[str, Box, bool]] = []
    for each in root.iter("object"):
        left, top, right, bottom = (float(each.findtext(f"bndbox/{k}", "0")) for k in ("xmin", "ymin", "xmax", "ymax"))
        box = (left / width, top / height, right / width, bottom / height)
        objects.append((VOC[each.findtext("name", "")], box, each.findtext("difficult") == "1"))
    return objects


def average_precision(
    name: str, found: dict[str, Labels], truth: dict[str, list[tuple[str, Box, bool]]]
) -> float | None:
    """The area under the precision envelope for one label, None where no photo shows it."""
    total = sum(label == name and not difficult for objects in truth.values() for label, _, difficult in objects)
    if not total:
        return None
    located = [
        (confidence, stem, (box.left, box.top, box.left + box.width, box.top + box.height))
        for stem, labels in found.items()
        for label in labels.labels
        if label.name == name
        for box, confidence in label.boxes
    ]
    used: set[tuple[str, int]] = set()
    hits: list[bool] = []
    for _, stem, box in sorted(located, key=lambda each: -each[0]):
        overlaps = [(overlap(box, true), n) for n, (label, true, _) in enumerate(truth[stem]) if label == name]
        best, number = max(overlaps, default=(0.0, -1))
        if best >= 0.5 and truth[stem][number][2]:
            continue
        hits.append(best >= 0.5 and (stem, number) not in used)
        if best >= 0.5:
            used.add((stem, number))
    area, right, envelope = 0.0, sum(hits), 0.0
    for n in range(len(hits), 0, -1):
        envelope = max(envelope, right / n)
        if hits[n - 1]:
            area += envelope / total
            right -= 1
    return area


def macro(labels: Sequence[int], told: Sequence[int]) -> tuple[float, float]:
    """Mean recall and mean F1 over three classes."""
    recalls: list[float] = []
    scores: list[float] = []
    for number in range(3):
        hits = sum(a == b == number for a, b in zip(labels, told, strict=True))
        wanted, given = labels.count(number), told.count(number)
        recalls.append(hits / wanted if wanted else 0.0)
        scores.append(2 * hits / (wanted + given) if wanted + given else 0.0)
    return statistics.mean(recalls), statistics.mean(scores)


def calibration_error(labels: Sequence[int], shares: Sequence[tuple[float, float, float]]) -> float:
    """Expected calibration error of the likeliest class, in ten bins."""
    bins: dict[int, list[tuple[float, bool]]] = defaultdict(list)
    for label, three in zip(labels, shares, strict=True):
        best = max(three)
        bins[min(9, int(best * 10))].append((best, three.index(best) == label))
    return sum(abs(sum(sure - right for sure, right in each)) for each in bins.values()) / len(labels)


def chrf(done: Sequence[str], references: Sequence[str]) -> float:
    """Popovic 2015: the F-score (beta 2) of character n-grams, counted over the whole set, averaged over n = 1 to 6."""
    precisions: list[float] = []
    recalls: list[float] = []
    for n in range(1, 7):
        common = ours = theirs = 0
        for text, reference in zip(done, references, strict=True):
            one, other = grams(text, n), grams(reference, n)
            common, ours, theirs = common + (one & other).total(), ours + one.total(), theirs + other.total()
        precisions.append(common / max(ours, 1))
        recalls.append(common / max(theirs, 1))
    precision, recall = statistics.mean(precisions), statistics.mean(recalls)
    return 5 * precision * recall / (4 * precision + recall) if precision + recall else 0.0


def grams(text: str, n: int) -> Counter[str]:
    """The runs of `n` characters, without blanks."""
    plain = "".join(text.split())
    return Counter(plain[start : start + n] for start in range(len(plain) - n + 1))


def known_codes() -> set[str]:
    """The languages that the identifier can tell."""
    file = Path(language_room.__file__ or "").with_name("languages.toml")
    return set(tomllib.loads(file.read_text("utf-8"))["codes"])


def share(part: int, whole: int) -> str:
    """A share with its Wilson interval at 95%."""
    p, z = part / whole, 1.96
    centre, spread = p + z * z / (2 * whole), z * math.sqrt(p * (1 - p) / whole + z * z / (4 * whole * whole))
    low, high = ((centre + sign * spread) / (1 + z * z / whole) for sign in (-1, 1))
    return f"{100 * p:.1f}% ({100 * low:.1f}-{100 * high:.1f}) of {whole}"


def resident(pid: int) -> float:
    """Megabytes that a process holds."""
    pages = int(Path(f"/proc/{pid}/statm").read_text("ascii").split()[1])
    return pages * resource.getpagesize() / 1e6


def row(name: str, *values: str) -> None:
    """One line of the table."""
    print(f"| {name} | {' | '.join(values)} |", flush=True)


def main() -> None:
    """The command line."""
    shared = Path(__file__).resolve().parents[2] / "shared"
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", type=Path, default=shared / "models")
    parser.add_argument("--data", type=Path, default=shared / "data" / "engines")
    parser.add_argument("--quick", action="store_true")
    arguments = parser.parse_args()
    models = arguments.models if arguments.models.is_dir() else None
    asyncio.run(run(models, arguments.data, 10 if arguments.quick else 1))


async def run(models: Path | None, data: Path, step: int) -> None:
    """Every section whose engines and data are there."""
    engines = open_engines(models, workers=1)
    bench = Bench(engines, data, step)
    sections = {
        "ocr": ("texts", bench.signs),
        "labels": ("labels", bench.photos),
        "lid": ("languages", bench.languages),
        "sentiment": ("sentiment", bench.sentiments),
        "translate": ("translation", bench.translations),
    }
    there = {folder for folder in sections if (data / folder).is_dir()}
    try:
        await bench.cold()
        for folder, (task, section) in sections.items():
            if folder not in there:
                row(task, f"no data: {data / folder} is not there")
            elif not engines.describe()[task]["available"]:
                row(task, "no engine: " + "; ".join(engines.describe()[task]["missing"]))
            else:
                await section()
    finally:
        await engines.close()


if __name__ == "__main__":
    main()
