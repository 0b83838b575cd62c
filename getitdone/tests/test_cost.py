from __future__ import annotations

import pytest

from getitdone.cost import PRICES_OF, estimate


def test_an_estimate_adds_what_was_counted_and_names_its_date_and_source() -> None:
    cost = estimate({"comprehend.units": 30_000, "rekognition.images": 1000, "not priced": 5, "sns.sms": 0})
    assert cost.dollars == pytest.approx(3.0 + 1.0)
    told = cost.as_dict()
    assert told["prices_of"] == PRICES_OF
    assert "us-east-1" in str(told["prices_from"])
    assert set(cost.parts) == {"Comprehend units of 100 characters", "Rekognition images"}
