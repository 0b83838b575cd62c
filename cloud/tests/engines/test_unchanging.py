"""What is in no language stays as it is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marinelayer.engines.language.runs import letters
from marinelayer.engines.language.unchanging import kept
from marinelayer.ports import Run


@pytest.mark.parametrize(
    "word",
    [
        "https://example.org/the_house?no=light",
        "www.big-light.org",
        "john.light@street.example.com",
        "@CityOfSanDiego",
        "#TrashDay",
        "report.pdf",
        "example.com/light",
        "user_name",
    ],
)
def test_it_is_kept_without_the_marks_around_it(word: str) -> None:
    line = kept([Run(f"See ({word}), now.", 3)])
    assert line == [Run("See (", 3), Run(word, 3, kept=True), Run("), now.", 3)]


@pytest.mark.parametrize(
    "text", ["Fix the light.", "at 5:30 p.m. sharp", "It costs 1,234.50.", "me @ noon", "# 5", "end.Then"]
)
def test_words_are_not_kept(text: str) -> None:
    assert kept([Run(text)]) == [Run(text)]


@given(st.text(alphabet="ab@#./:_ \nwhtps", max_size=60), st.integers(0, 3))
def test_no_letter_is_lost(text: str, mark: int) -> None:
    line = kept([Run(text, mark), Run("kept", kept=True)])
    assert letters(line) == text + "kept"
    assert line[-1] == Run("kept", kept=True)


@pytest.mark.parametrize("piece", ["a.", "a@", "w", "_", "@", "#", "http://", "www."])
def test_no_text_of_100_kilobytes_keeps_it_for_long(piece: str) -> None:
    kept([Run((piece * 100_000)[:100_000])])
