"""Runs in Apertium's stream format, without Apertium."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marinelayer.engines.language.apertium_stream import decoded, encoded
from marinelayer.engines.language.runs import around_kept, joined, letters, lines_of, without_blanks
from marinelayer.ports import Run

words = st.text("añ漢 .^$/<>{}@\\*[]~\n\t'", max_size=20)
runs = st.builds(Run, words, st.integers(0, 3), st.booleans())


@given(st.lists(runs))
def test_the_stream_form_can_be_undone(line: list[Run]) -> None:
    """A pipeline that changed nothing would give back the same letters, but for what is kept, which it never sees."""
    received = encoded(line).replace(b"Zqx", b"")
    found = decoded(received, line)
    assert found is not None
    assert letters(found) == letters(line)
    assert [run for run in found if run.kept] == [run for run in line if run.kept]


@pytest.mark.parametrize("received", [b"casa.[]\0", b"[[k0]]Zqx[[/]] [[k0]]Zqx[[/]].[]\0", b"[k7].[]\0", b"[[k0.[]\0"])
def test_what_is_lost_or_doubled_is_seen(received: bytes) -> None:
    assert decoded(received, [Run("Scooter", kept=True)]) is None


def test_words_that_became_one_carry_the_first_mark() -> None:
    assert decoded(b"[[m2; m3]]fijarlo[[/]] [[m3]]hoy[[/]].[]\0", [Run("x", 2)]) == [
        Run("fijarlo", 2),
        Run(" "),
        Run("hoy", 3),
    ]


def test_a_blank_between_words_of_one_mark_is_theirs() -> None:
    assert joined([Run("a", 1), Run(" "), Run("b", 1), Run(" "), Run("c")]) == [Run("a b", 1), Run(" c")]


def test_blanks_that_a_pipeline_doubles_are_one_again_where_the_text_has_none() -> None:
    assert decoded(b"Soy  feliz.[]\0", [Run("I am happy")]) == [Run("Soy feliz")]
    assert decoded(b"Soy  feliz.[]\0", [Run("I am  happy")]) == [Run("Soy  feliz")]


@given(st.lists(st.builds(Run, st.text(" ab\n\r\u2028"), st.integers(0, 2), st.booleans())))
def test_lines_and_blanks_lose_nothing(text: list[Run]) -> None:
    lines = list(lines_of(text))
    assert letters(run for line in lines for run in line) == letters(text)
    for line in lines:
        before, middle, after = without_blanks(line)
        assert letters([*before, *middle, *after]) == letters(line)
        assert letters(before).strip() == letters(after).strip() == ""
        if middle and not middle[0].kept:
            assert not middle[0].text[:1].isspace()
        assert [run for piece in around_kept(line) for run in piece] == line
