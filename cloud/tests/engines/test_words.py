"""A line's text says where its words end, its reader about where its letters are, its ink where exactly."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from marinelayer.engines.vision.quads import Quad, is_tall, part, turned
from marinelayer.engines.vision.words import Letter, Line, with_spaces, words

HIGH = 40
LETTER, GAP = 20, 4
"""Pixels: how wide a drawn letter is, and what parts it from the next."""


def box(left: float, right: float, top: float = 0, bottom: float = HIGH) -> Quad:
    return (left, top), (right, top), (right, bottom), (left, bottom)


def drawn(text: str, *, space: int = 20, margin: int = 10, sure: Sequence[float] = (), blank: bool = False) -> Line:
    """A line whose letters are black bars of 20 by 20 pixels on white, 10 below its top; its corners are pixels."""
    sizes = [space if letter == " " else LETTER + GAP for letter in text]
    picture = np.full((HIGH, sum(sizes) + 2 * margin, 3), 255, np.uint8)
    letters: list[Letter] = []
    at = margin
    for letter, size in zip(text, sizes, strict=True):
        if letter != " ":
            picture[10:30, at : at + LETTER] = 255 if blank else 0
            score = sure[len(letters)] if sure else 1.0
            letters.append(Letter(text=letter, score=score, middle=(at + LETTER / 2) / picture.shape[1]))
        at += size
    return Line(text=text, score=0.9, corners=box(0, picture.shape[1]), letters=letters, picture=picture)


def test_words_and_their_line_are_as_wide_and_high_as_their_ink() -> None:
    line, (no, go) = words(drawn("NO GO"))
    assert no.corners == pytest.approx(np.array(box(10, 10 + 2 * LETTER + GAP, 10, 30)))
    assert go.corners == pytest.approx(np.array(box(78, 78 + 2 * LETTER + GAP, 10, 30)))
    assert line.corners == pytest.approx(np.array(box(10, 78 + 2 * LETTER + GAP, 10, 30)))
    assert [line.text, no.text, go.text] == ["NO GO", "NO", "GO"]


def test_a_word_is_as_sure_as_its_own_letters() -> None:
    line, (no, go) = words(drawn("NO GO", sure=(1.0, 0.8, 0.5, 0.7)))
    assert (line.score, no.score, go.score) == pytest.approx((0.9, 0.9, 0.6))


def test_without_ink_that_stands_out_words_part_half_way_between_their_letters() -> None:
    line, (no, go) = words(drawn("NO GO", blank=True))
    assert no.corners[1] == go.corners[0]
    assert no.corners[1][0] == pytest.approx((34 + 10 + 78 + 10) / 2)
    assert (line.corners[0][1], line.corners[2][1]) == (0, HIGH)


def test_without_fitting_letters_they_are_spread_over_the_line() -> None:
    line = drawn("AB CD", blank=True)
    other = Line(text="WX YZ", score=line.score, corners=box(0, 50), letters=line.letters, picture=line.picture)
    _, (first, last) = words(other)
    assert (first.text, last.text) == ("WX", "YZ")
    assert first.corners[1][0] == last.corners[0][0] == pytest.approx(25)


def test_a_speck_far_above_a_word_is_none_of_it() -> None:
    line = drawn("NO GO")
    line.picture[0:2, 14:20] = 0
    _, (no, _) = words(line)
    assert no.corners[0][1] in (0, 10), "0: it is as near as an accent"
    tall = drawn("NO GO")
    higher = np.full((2 * HIGH, tall.picture.shape[1], 3), 255, np.uint8)
    higher[HIGH:] = tall.picture
    higher[2:4, 14:20] = 0
    far = Line(text="NO GO", score=1, corners=box(0, 1, 0, 2 * HIGH), letters=tall.letters, picture=higher)
    assert words(far)[1][0].corners[0][1] == HIGH + 10


def test_a_gap_as_wide_as_a_space_is_one() -> None:
    line = drawn("ABCD EF")
    unspaced = Line(text="ABCDEF", score=1, corners=line.corners, letters=line.letters, picture=line.picture)
    assert with_spaces(unspaced).text == "ABCD EF"


@pytest.mark.parametrize(
    ("read", "as_drawn"),
    [
        ("ABCDEF", "ABCDEF"),
        ("A B C D", "A B C D"),
        ("ABCD12", "ABCD 12"),
        ("ABC-DE", "ABC -DE"),
    ],
)
def test_what_is_no_space_stays(read: str, as_drawn: str) -> None:
    line = drawn(as_drawn)
    same = Line(text=read, score=1, corners=line.corners, letters=line.letters, picture=line.picture)
    assert with_spaces(same).text == read


def test_a_gap_in_low_ink_is_not_trusted() -> None:
    line = drawn("ABCD EF")
    low = line.picture[::2, ::2]
    same = Line(text="ABCDEF", score=1, corners=line.corners, letters=line.letters, picture=low)
    assert with_spaces(same).text == "ABCDEF"


def test_letters_that_all_stand_apart_are_one_word() -> None:
    line = drawn("E X I T")
    read = Line(text="EXIT", score=1, corners=line.corners, letters=line.letters, picture=line.picture)
    assert with_spaces(read).text == "EXIT"


def test_a_tall_line_runs_down_and_begins_at_the_right() -> None:
    tall = box(0, 10, 0, 100)
    assert is_tall(tall)
    assert not is_tall(box(0, 100))
    assert turned(tall, 1)[0] == (10, 0)
    assert turned(turned(tall, 1), 3) == tall


def test_a_part_of_a_turned_line_is_turned() -> None:
    downwards = turned(box(0, 10, 0, 100), 1)
    assert part(downwards, 0.5, 0, 1, 1) == ((10, 50), (10, 100), (0, 100), (0, 50))


@given(st.lists(st.text("abc", min_size=1, max_size=5), min_size=1, max_size=6), st.booleans())
def test_the_words_are_always_the_lines_and_in_their_order(texts: list[str], blank: bool) -> None:
    line, found = words(drawn(" ".join(texts), blank=blank))
    assert [word.text for word in found] == texts
    lefts = [word.corners[0][0] for word in found]
    assert lefts == sorted(lefts)
    assert line.corners[0][0] == lefts[0]
    if not blank:
        widths = [word.corners[1][0] - word.corners[0][0] for word in found]
        assert widths == pytest.approx([len(text) * LETTER + (len(text) - 1) * GAP for text in texts])
