"""Regions of interest: more than half of a shape in one of them, by area."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marinelayer.services.rekognition.errors import InvalidParameterException
from marinelayer.services.rekognition.regions import Point, area, clipped, in_a_region, read_regions


def box(left: float, top: float, width: float, height: float) -> list[Point]:
    return [(left, top), (left + width, top), (left + width, top + height), (left, top + height)]


WORD = box(0.4, 0.4, 0.2, 0.1)
SHARE = st.floats(0, 1)


@given(SHARE)
def test_a_word_counts_from_more_than_half(share: float) -> None:
    part = area(clipped(box(0, 0, 0.4 + 0.2 * share, 1), WORD))
    assert part == pytest.approx(share * area(WORD), abs=1e-9)
    if abs(share - 0.5) > 1e-6:
        assert in_a_region(WORD, [box(0, 0, 0.4 + 0.2 * share, 1)]) == (share > 0.5)


@given(SHARE, SHARE, st.floats(0.01, 1), st.floats(0.01, 1))
def test_boxes_share_what_boxes_share(left: float, top: float, width: float, height: float) -> None:
    across = max(0.0, min(left + width, 0.6) - max(left, 0.4))
    down = max(0.0, min(top + height, 0.5) - max(top, 0.4))
    assert area(clipped(box(left, top, width, height), WORD)) == pytest.approx(across * down, abs=1e-9)


@given(st.permutations(range(4)).filter(lambda order: order in ([0, 1, 2, 3], [3, 2, 1, 0], [1, 2, 3, 0])))
def test_it_is_the_same_whichever_way_the_corners_go_round(order: list[int]) -> None:
    assert in_a_region([WORD[n] for n in order], [box(0, 0, 0.55, 1)])
    assert not in_a_region([WORD[n] for n in order], [box(0, 0, 0.45, 1)])


def test_a_hollow_region_does_not_hold_what_is_in_its_hollow() -> None:
    horseshoe = [(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.7, 1.0), (0.7, 0.3), (0.3, 0.3), (0.3, 1.0), (0.0, 1.0)]
    assert not in_a_region(WORD, [horseshoe])
    assert in_a_region(box(0.05, 0.4, 0.2, 0.1), [horseshoe])
    assert in_a_region(box(0.2, 0.05, 0.6, 0.1), [horseshoe])


def test_each_region_is_looked_at_alone() -> None:
    halves = [box(0.4, 0.4, 0.1, 0.1), box(0.5, 0.4, 0.1, 0.1)]
    assert not in_a_region(WORD, halves)
    assert in_a_region(WORD, [*halves, box(0.4, 0.4, 0.15, 0.1)])


def test_what_has_no_area_is_where_its_middle_is() -> None:
    line = [(0.4, 0.4), (0.6, 0.4), (0.6, 0.4), (0.4, 0.4)]
    assert in_a_region(line, [box(0.45, 0.3, 0.1, 0.2)])
    assert not in_a_region(line, [box(0.55, 0.3, 0.1, 0.2)])


@pytest.mark.parametrize("points", [1, 2, 11])
def test_a_polygon_has_three_to_ten_points(points: int) -> None:
    with pytest.raises(InvalidParameterException):
        read_regions([{"Polygon": [{"X": 0.1 * n, "Y": 0.1} for n in range(points)]}])
