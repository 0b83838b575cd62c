"""A line's text says where its words end; its pieces say where its letters are."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marinelayer.engines.vision.words import Piece, Quad, runs_down, turned, words


def box(left: float, right: float, top: float = 0, bottom: float = 10) -> Quad:
    return (left, top), (right, top), (right, bottom), (left, bottom)


def piece(text: str, corners: Quad, score: float = 1.0) -> Piece:
    return Piece(text=text, score=score, corners=corners)


def test_pieces_that_are_words_stay_where_they_are() -> None:
    found = words(piece("NO PARKING", box(0, 100)), [piece("NO", box(0, 20), 0.8), piece("PARKING", box(30, 100))])
    assert [(word.text, word.corners, word.score) for word in found] == [
        ("NO", box(0, 20), 0.8),
        ("PARKING", box(30, 100), 1.0),
    ]


def test_a_word_that_came_apart_is_joined() -> None:
    parts = [piece("M", box(0, 10)), piece("ON", box(15, 35)), piece("FRI", box(50, 80))]
    assert [(word.text, word.corners) for word in words(piece("MON FRI", box(0, 80)), parts)] == [
        ("MON", box(0, 35)),
        ("FRI", box(50, 80)),
    ]


def test_a_piece_that_holds_two_words_is_divided() -> None:
    found = words(piece("NO GO", box(0, 40)), [piece("NOGO", box(0, 40))])
    assert [(word.text, word.corners) for word in found] == [("NO", box(0, 20)), ("GO", box(20, 40))]


def test_without_fitting_pieces_letters_are_spread_over_the_line() -> None:
    found = words(piece("AB CD", box(0, 50)), [piece("something else", box(0, 1))])
    assert [(word.text, word.corners) for word in found] == [("AB", box(0, 20)), ("CD", box(30, 50))]


def test_text_that_runs_down_begins_at_the_right() -> None:
    tall = box(0, 10, 0, 100)
    assert runs_down(tall)
    assert not runs_down(box(0, 100))
    assert turned(tall)[0] == (10, 0)


@given(st.lists(st.text("abc", min_size=1, max_size=5), min_size=1, max_size=6), st.data())
def test_the_words_are_always_the_lines(texts: list[str], data: st.DataObject) -> None:
    line = " ".join(texts)
    joined = "".join(texts)
    cuts = sorted(data.draw(st.sets(st.integers(1, max(1, len(joined) - 1)), max_size=5)))
    bounds = [0, *(cut for cut in cuts if cut < len(joined)), len(joined)]
    parts = [piece(joined[a:b], box(a, b)) for a, b in pairwise(bounds)]
    found = words(piece(line, box(0, len(joined))), parts)
    assert [word.text for word in found] == texts
    widths = [word.corners[1][0] - word.corners[0][0] for word in found]
    assert widths == pytest.approx([len(text) for text in texts])
