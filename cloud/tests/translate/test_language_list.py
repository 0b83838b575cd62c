"""ListLanguages over a dictionary."""

from typing import Any

import pytest

from marinelayer.services.translate.errors import (
    InvalidParameterValueException,
    UnsupportedDisplayLanguageCodeException,
)
from marinelayer.services.translate.languages import AUTO, CODES, names_in

pytestmark = pytest.mark.asyncio


async def test_the_languages_that_can_be_translated_are_listed_by_their_names(desk: Any) -> None:
    answer = await desk.ask("ListLanguages")
    assert answer == {
        "DisplayLanguageCode": "en",
        "Languages": [
            {"LanguageName": "Auto", "LanguageCode": "auto"},
            {"LanguageName": "Catalan", "LanguageCode": "ca"},
            {"LanguageName": "English", "LanguageCode": "en"},
            {"LanguageName": "Spanish", "LanguageCode": "es"},
        ],
    }


async def test_names_are_in_the_language_that_is_asked_for(desk: Any) -> None:
    answer = await desk.ask("ListLanguages", DisplayLanguageCode="de")
    assert {one["LanguageCode"]: one["LanguageName"] for one in answer["Languages"]}["es"] == "Spanisch"


async def test_a_list_goes_on_where_its_token_says(desk: Any) -> None:
    seen: list[str] = []
    token: dict[str, Any] = {}
    while True:
        answer = await desk.ask("ListLanguages", MaxResults=1, **token)
        seen += [one["LanguageCode"] for one in answer["Languages"]]
        if "NextToken" not in answer:
            break
        token = {"NextToken": answer["NextToken"]}
    assert seen == ["auto", "ca", "en", "es"]
    with pytest.raises(InvalidParameterValueException):
        await desk.ask("ListLanguages", DisplayLanguageCode="de", **token)


async def test_a_language_that_names_are_not_known_in_is_refused(desk: Any) -> None:
    with pytest.raises(UnsupportedDisplayLanguageCodeException) as refused:
        await desk.ask("ListLanguages", DisplayLanguageCode="tl")
    assert refused.value.details == {"DisplayLanguageCode": "tl"}


@pytest.mark.parametrize("display", ["de", "en", "es", "fr", "it", "ja", "ko", "pt", "zh", "zh-TW"])
async def test_every_language_has_one_name_in_every_display_language(display: str) -> None:
    names = names_in(display) or {}
    assert set(names) == CODES | {AUTO}
    assert len(set(names.values())) == len(names)
