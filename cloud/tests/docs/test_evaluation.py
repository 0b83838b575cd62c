"""`make eval`: its measures, its tables, and that it says what it can not measure."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[3]
sys.path.append(str(ROOT / "benchmarks"))

from evaluation.families import FAMILIES  # noqa: E402  # it lies beside the packages
from evaluation.figures import Cost, Figure, Interval, Skipped  # noqa: E402
from evaluation.labels import surest  # noqa: E402
from evaluation.measures import (  # noqa: E402
    bootstrap,
    calibration_error,
    chrf,
    chrf_counts,
    coherence,
    macro_f1,
    macro_recall,
    mean_interval,
    mutual_information,
    purity,
    share,
)
from evaluation.running import Measured  # noqa: E402
from evaluation.tables import MarkError, replaced, table  # noqa: E402


def test_a_share_has_wilsons_interval() -> None:
    found = share(18, 18)
    assert (round(found.low, 3), round(found.value, 3), round(found.high, 3)) == (0.824, 1.0, 1.0)
    assert share(1, 10).low == pytest.approx(0.0179, abs=1e-4)


def test_of_labels_by_sentences_the_surest_that_the_data_know_counts() -> None:
    ranked = [{"name": name} for name in ("Vehicle", "Table", "Car")]
    assert surest(ranked) == "Dining Table"
    assert surest([{"name": "Pothole"}]) == ""


def test_a_bootstrap_holds_its_figure_and_narrows_with_more_items() -> None:
    random = np.random.default_rng(1)
    few, many = random.random(50) < 0.7, random.random(5000) < 0.7
    narrow = bootstrap(len(many), lambda numbers: float(many[numbers].mean()))
    wide = bootstrap(len(few), lambda numbers: float(few[numbers].mean()))
    assert narrow.low < narrow.value < narrow.high
    assert wide.high - wide.low > 5 * (narrow.high - narrow.low)
    assert narrow.value == many.mean()
    both = mean_interval([(50, lambda n: float(few[n].mean())), (5000, lambda n: float(many[n].mean()))])
    assert both.value == pytest.approx((few.mean() + many.mean()) / 2)


def test_measures_of_topics_do_not_mind_their_numbers() -> None:
    labels = np.array([0, 0, 0, 1, 1, 1, 2, 2, 2])
    assert mutual_information(labels, (labels + 1) % 3) == pytest.approx(1)
    assert mutual_information(np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1])) == pytest.approx(0, abs=1e-12)
    told = np.array([5, 5, 5, 5, 1, 1, 2, 2, 2])
    assert 0 < mutual_information(labels, told) < 1
    assert purity(labels, told) == pytest.approx(8 / 9)
    documents = [frozenset({"a", "b"}), frozenset({"a", "b"}), frozenset({"c"}), frozenset({"d"})]
    assert coherence([["a", "b"], ["a", "c"]], documents) == pytest.approx([1, -1])
    assert coherence([["c", "b", "a"]], documents) == pytest.approx([-1 / 3])


def test_a_centred_bootstrap_holds_a_figure_that_rises_with_items_that_come_twice() -> None:
    random = np.random.default_rng(1)
    labels, told = random.integers(0, 20, 200), random.integers(0, 20, 200)
    plain, centred = (
        bootstrap(200, lambda n: mutual_information(labels[n], told[n]), 100, centred=centred)
        for centred in (False, True)
    )
    assert plain.low > plain.value
    assert centred.low < centred.value < centred.high


def test_macro_measures_weigh_classes_alike() -> None:
    labels, told = np.array([0, 0, 0, 0, 1, 2]), np.array([0, 0, 0, 0, 1, 1])
    assert macro_recall(labels, told) == pytest.approx(2 / 3)
    assert macro_f1(labels, told) == pytest.approx((1 + 2 / 3 + 0) / 3)


def test_calibration_error_is_how_far_scores_are_from_what_comes_true() -> None:
    assert calibration_error([True, False] * 50, [0.5] * 100) == pytest.approx(0)
    assert calibration_error([True, False] * 50, [0.9] * 100) == pytest.approx(0.4)
    assert calibration_error([True, True], [1.0, 1.0]) == 0


def test_chrf_is_one_for_the_reference_and_falls_with_each_change() -> None:
    def score(text: str) -> float:
        return chrf(np.array([chrf_counts(text, "the dog eats the bone")]))

    assert score("the dog eats the bone") == pytest.approx(1)
    assert 1 > score("the dog eats a bone") > score("a cat sees a bone") > score("xxxx")


def _measured(*rows: Figure | Skipped) -> Measured:
    return Measured(family=FAMILIES[0], rows=rows, cost=Cost(cold=1.5, loaded=100, worked=120))


def test_a_table_holds_figures_costs_notes_and_what_was_skipped() -> None:
    figure = Figure(
        engine="E",
        language="en",
        data="D",
        measure="accuracy",
        interval=Interval(value=0.9, low=0.85, high=0.95, method="Wilson"),
        items=100,
        note="read me",
    )
    text = table(_measured(figure, Skipped(what="es", reason="no engine")))
    assert "| E | en | D | accuracy | 90.0 (85.0-95.0, Wilson) | 100 |  |  |" in text
    assert "- D: read me" in text
    assert "1.50 s" in text
    assert "- Not measured: es: no engine" in text


def test_a_document_keeps_all_but_what_stands_between_the_marks() -> None:
    document = "a\n<!-- eval:x -->\nold\n<!-- end:x -->\nb\n<!-- eval:y -->\nkept\n<!-- end:y -->\n"
    new = replaced(document, [("x", r"new \1")])
    assert new == "a\n<!-- eval:x -->\n\nnew \\1\n\n<!-- end:x -->\nb\n<!-- eval:y -->\nkept\n<!-- end:y -->\n"
    assert replaced(new, [("x", r"new \1")]) == new
    with pytest.raises(MarkError, match="eval:z"):
        replaced(document, [("z", "")])


def test_the_document_has_a_place_for_each_family() -> None:
    document = (ROOT / "docs" / "engines.md").read_text("utf-8")
    replaced(document, [(family.name, "") for family in FAMILIES])


def said_by(*arguments: str | Path) -> str:
    command = [sys.executable, str(ROOT / "benchmarks" / "engines.py"), *map(str, arguments)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def test_without_data_and_models_it_says_what_it_skips(tmp_path: Path) -> None:
    said = said_by("languages", "labels", "--quick", "--data", tmp_path, "--models", tmp_path / "none")
    assert "Not measured: Languages: no data: there is no folder lid" in said
    assert "Not measured: Labels: no engine: PicoDet-S-416-COCO is not installed" in said


def test_it_measures_what_is_there(tmp_path: Path) -> None:
    folder = tmp_path / "lid"
    folder.mkdir()
    for name in ("sentences", "word-pairs", "single-words"):
        lines = [
            "es\tHay basura por todas partes de la calle.",
            "en\tThere is trash all along the road.",
            "zu\tngiyabonga",
        ]
        (folder / f"{name}.tsv").write_text("\n".join(lines) + "\n", "utf-8")
    (folder / "complaints_311.json").write_text(json.dumps({"en": ["Hay basura por todas partes."]}), "utf-8")
    said = said_by("languages", "--data", tmp_path)
    assert "| py3langid + CLD2 + marinelayer-letter-runs | 2 languages | sentences | accuracy | 100.0 (" in said
    assert "| py3langid + CLD2 + marinelayer-letter-runs | en | 311 complaints | accuracy | 0.0 (" in said
