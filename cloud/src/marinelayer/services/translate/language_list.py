"""ListLanguages: what can be translated here, which is what engines are installed for.

Source: https://docs.aws.amazon.com/translate/latest/APIReference/API_ListLanguages.html. AWS lists all its languages;
ours are those that an engine here translates from or into.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from marinelayer.ports import Caller, Translator
from marinelayer.services.operation import need, operation
from marinelayer.services.paging import ForgedTokenError, PageTokens
from marinelayer.services.translate.errors import (
    InvalidParameterValueException,
    UnsupportedDisplayLanguageCodeException,
)
from marinelayer.services.translate.languages import AUTO, CODES, names_in

if TYPE_CHECKING:
    from marinelayer.model.types import translate as wire

MOST_LANGUAGES = 500


class LanguageList:
    """Lists languages."""

    def __init__(self, translator: Translator, pages: PageTokens) -> None:
        self._translator = translator
        self._pages = pages

    @operation("ListLanguages", needs=need("translate:ListLanguages"))
    async def list_languages(self, caller: Caller, request: wire.ListLanguagesRequest) -> wire.ListLanguagesResponse:
        """A page of languages with their names, in the order of the names; `auto` is among them, as at AWS.

        Raises:
            UnsupportedDisplayLanguageCodeException: names are not known in that language.
            InvalidParameterValueException: the page token is not one of this list's.
        """
        display = request.get("DisplayLanguageCode", "en")
        names = names_in(display)
        if names is None:
            raise UnsupportedDisplayLanguageCodeException(
                f"Unsupported display language code: {display}", DisplayLanguageCode=display
            )
        scope = f"translate.ListLanguages/{caller.account}/{caller.region}/{display}"
        try:
            after = self._pages.position(request.get("NextToken"), scope)
        except ForgedTokenError:
            raise InvalidParameterValueException("Invalid next token.") from None
        codes = {code for code in self._translator.languages if code in CODES}
        listed = sorted((names[code], code) for code in (codes | {AUTO} if codes else codes))
        left = [(name, code) for name, code in listed if f"{name}\0{code}" > after]
        page = left[: request.get("MaxResults", MOST_LANGUAGES)]
        answer: wire.ListLanguagesResponse = {
            "Languages": [{"LanguageName": name, "LanguageCode": code} for name, code in page],
            "DisplayLanguageCode": display,
        }
        if len(page) < len(left):
            answer["NextToken"] = self._pages.seal("\0".join(page[-1]), scope)
        return answer
