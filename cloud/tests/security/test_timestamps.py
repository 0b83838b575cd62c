from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marinelayer.security import timestamps


@given(st.integers(0, 4_000_000_000))
def test_basic_and_extended_forms_come_back(seconds: int) -> None:
    micros = seconds * timestamps.SECOND
    assert timestamps.from_basic(timestamps.to_basic(micros)) == micros
    assert timestamps.from_extended(timestamps.to_extended(micros)) == micros


@pytest.mark.parametrize(
    ("text", "micros"),
    [
        ("2026-03-14", 1_773_446_400_000_000),
        ("2026-03-14T15:09Z", 1_773_500_940_000_000),
        ("2026-03-14T15:09:26.5Z", 1_773_500_966_500_000),
        ("2026-03-14T15:09:26", 1_773_500_966_000_000),
        ("2026-03-14T16:09:26+01:00", 1_773_500_966_000_000),
        ("2026-03-14T07:09:26-0800", 1_773_500_966_000_000),
    ],
)
def test_w3c_times_are_read_with_their_zone(text: str, micros: int) -> None:
    assert timestamps.from_extended(text) == micros


def test_a_date_field_is_read_in_either_form() -> None:
    assert timestamps.from_http("Sat, 14 Mar 2026 15:09:26 GMT") == 1_773_500_966_000_000
    assert timestamps.from_http("20260314T150926Z") == 1_773_500_966_000_000


@pytest.mark.parametrize(
    "text", ["", "now", "2026-13-01", "2026-02-30", "2026-03-14T25:00:00Z", "20260314", "٢٠٢٦-03-14"]
)
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        timestamps.from_extended(text)
    with pytest.raises(ValueError):
        timestamps.from_basic(text)
    with pytest.raises(ValueError):
        timestamps.from_http(text)
