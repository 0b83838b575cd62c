"""Colours have names, and pictures of any shape have looks."""

import numpy as np
import pytest

from marinelayer.engines.vision.colors import named_colors, nearest
from marinelayer.engines.vision.properties import looks


def test_every_named_colour_is_nearest_to_itself() -> None:
    colors = named_colors()
    assert len(colors) == 138
    assert len({color.simplified for color in colors}) == 12
    assert nearest(np.array([[color.rgb for color in colors]], np.uint8)).ravel().tolist() == list(range(len(colors)))


@pytest.mark.parametrize("shape", [(80, 80), (8, 1024), (1024, 8), (81, 700)])
def test_pictures_of_any_shape_can_be_measured(shape: tuple[int, int]) -> None:
    found = looks(np.full((*shape, 3), 200, np.uint8), [(0.0, 0.0, 1.0, 1.0)], 10)
    assert found.whole.brightness == pytest.approx(100 * 200 / 255)
    assert found.boxes[0]
