"""Terms found in texts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marinelayer.ports import Run
from marinelayer.services.translate.terms import Term, Terms, capitalised


def applied(text: str, entries: dict[str, str], language: str = "en") -> str:
    runs, _ = Terms([Term(*entry) for entry in entries.items()], language).applied([Run(text)])
    return "".join(f"<{run.text}>" if run.kept else run.text for run in runs)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("the scooter is here", "the <patinete> is here"),
        ("Scooter, SCOOTER!", "<Patinete>, <PATINETE>!"),
        ("scooters scootered e-scooter", "scooters scootered e-<patinete>"),
        ("the electric scooter stands", "the <patinete eléctrico> stands"),
        ("Electric Scooter; electric Scooter", "<Patinete Eléctrico>; <patinete eléctrico>"),
        ("electric  scooter", "electric  <patinete>"),
        ("sCooter", "<patinete>"),
        ("", ""),
    ],
)
def test_terms_are_whole_words_the_longest_first_with_the_capitals_of_the_text(text: str, expected: str) -> None:
    assert applied(text, {"scooter": "patinete", "electric scooter": "patinete eléctrico"}) == expected


def test_the_entry_that_is_written_like_the_text_counts_before_others() -> None:
    assert applied("apple Apple", {"apple": "manzana", "Apple": "Apple"}) == "<manzana> <Apple>"


def test_terms_may_begin_and_end_with_signs() -> None:
    assert applied("C++ and C# in #311.", {"C++": "cpp", "#311": "el 311"}) == "<CPP> and C# in <el 311>."


def test_a_language_without_blanks_has_terms_within_its_lines() -> None:
    assert applied("请到图书馆来", {"图书": "book", "图书馆": "Library"}, "zh") == "请到<Library>来"
    assert applied("请到图书馆来", {"图书馆": "Library"}, "en") == "请到图书馆来"


def test_a_term_belongs_to_the_run_of_its_first_letter_and_goes_across_none_that_is_kept() -> None:
    terms = Terms([Term("city hall", "ayuntamiento")], "en")
    runs, found = terms.applied([Run("the "), Run("city", 1), Run(" hall is"), Run("", 2, kept=True), Run("x")])
    assert runs == [
        Run("the "),
        Run("ayuntamiento", 1, kept=True),
        Run(" is"),
        Run("", 2, kept=True),
        Run("x"),
    ]
    assert found == [Term("city hall", "ayuntamiento")]
    _, found = terms.applied([Run("city"), Run("", 2, kept=True), Run(" hall")])
    assert found == []


def test_capitals_follow_aws() -> None:
    assert capitalised("la consola", "console") == "la consola"
    assert capitalised("la consola", "Console") == "La Consola"
    assert capitalised("la consola", "CONSOLE") == "LA CONSOLA"
    assert capitalised("la consola", "coNsole") == "la consola"


@given(st.text("ab AB-éİß", max_size=30), st.dictionaries(st.text("abAB ", min_size=1), st.just("x"), max_size=4))
def test_what_is_no_term_stays_as_it_is(text: str, entries: dict[str, str]) -> None:
    runs, found = Terms([Term(*entry) for entry in entries.items()], "en").applied([Run(text)])
    assert sum(run.kept for run in runs) == len(found)
    assert sum(len(run.text) for run in runs if not run.kept) == len(text) - sum(len(term.source) for term in found)
