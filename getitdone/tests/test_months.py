from __future__ import annotations

import pytest

from getitdone.errors import SettingsError
from getitdone.months import Month, month_of, months_of


@pytest.mark.parametrize(
    "text", ["2021-04", "2021/04", "2021-4", "apr 2021", "April 2021", "APR-2021", "2021/apr", "2021 april"]
)
def test_a_month_may_be_written_in_many_ways(text: str) -> None:
    assert month_of(text) == Month(2021, 4)


@pytest.mark.parametrize(
    "text", ["", "2021", "13/2021", "2021-13", "2021-00", "ap 2021", "avril 2021", "2021-04-01", "0000-04"]
)
def test_what_names_no_month_is_refused(text: str) -> None:
    with pytest.raises(SettingsError):
        month_of(text)


def test_a_command_line_names_several_months_and_a_name_may_stand_apart_from_its_year() -> None:
    assert months_of(["mar", "2021", "2021-04", "apr 2021"]) == [Month(2021, 3), Month(2021, 4)]


def test_december_is_followed_by_january() -> None:
    assert Month(2021, 12).following == Month(2022, 1)
    assert (Month(2021, 4).slug, Month(2021, 4).prefix, Month(2021, 4).title) == ("2021/apr", "2021/04/", "April 2021")
