"""JSON token by token, with the place where a reader stands, as refusals of filter policies name it.

A text is only begun when it is met, and a name is read together with the first letter of its value, or with all of a
number or a word: the columns in AWS's recorded refusals tell so. Pure.
"""

from __future__ import annotations

import json
import re
from typing import Literal, NoReturn, cast

Kind = Literal["{", "}", "[", "]", "name", "text", "number", "true", "false", "null", "end"]

_DEEPEST = 500
_SPACE = re.compile(r"[ \t\r\n]*")
_TEXT = re.compile(r'[^"\\\x00-\x1f]*(?:\\.[^"\\\x00-\x1f]*)*"')
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?(?![\w.])")
_WORD = re.compile(r"[\w$]+")
_CLOSING = {"{": "}", "[": "]"}
_NAMES = {"{": "Object", "[": "Array"}
_SOURCE = "Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled)"
_VALUES = "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')"


class FilterPolicyError(Exception):
    """A filter policy can not be accepted; the text is the reason in AWS's words."""


def without_space(source: str) -> str:
    """A JSON text without the spaces between its tokens: AWS reads a policy whole before it looks at what it demands,
    and then tells places in what it has written anew.

    Raises:
        FilterPolicyError: it is no JSON.
    """
    tokens = Tokens(source)
    written: list[str] = []
    while (kind := tokens.next()) != "end":
        if written and written[-1][-1] not in "{[:" and kind not in {"}", "]"}:
            written.append(",")
        written.append(json.dumps(tokens.text, ensure_ascii=False) if kind in {"name", "text"} else tokens.text)
        if kind == "name":
            written.append(":")
    return "".join(written)


class Tokens:
    """The tokens of a text, one after the other."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._at = 0
        self._open: list[str] = []
        self._filled = False
        """Whether something stands before, in what is open."""
        self._text: str | None = ""
        """The present token; None for a text that is only begun."""
        self._ahead: tuple[Kind, str | None] | None = None
        """The value behind the present name."""

    def copy(self) -> Tokens:
        """A reader that stands at the same place."""
        twin = Tokens(self._source)
        twin.leap(self)
        return twin

    def leap(self, other: Tokens) -> None:
        """Go where another reader of the same text stands."""
        self._at, self._open, self._filled = other._at, list(other._open), other._filled
        self._text, self._ahead = other._text, other._ahead

    @property
    def text(self) -> str:
        """The present token as it is written; a text or a name as what it says."""
        if self._text is None:
            self._text = self._rest_of_text()
        return self._text

    def refuse(self, reason: str) -> NoReturn:
        """Refuse the policy here.

        Raises:
            FilterPolicyError: always.
        """
        self._refuse(reason, self._at)

    def next(self) -> Kind:
        """The next token; "end" behind the last.

        Raises:
            FilterPolicyError: here is none of JSON's.
        """
        if self._ahead is not None:
            (kind, self._text), self._ahead = self._ahead, None
            return kind
        if self._text is None:
            self._rest_of_text()
        self._skip()
        opened = self._open[-1] if self._open else ""
        if opened and self._letter() == _CLOSING[opened]:
            return self._close(opened)
        if self._filled and not opened:
            if self._at < len(self._source):
                self._unexpected("expected end of input")
            return "end"
        if self._filled:
            self._expect(",", f"was expecting comma to separate {_NAMES[opened]} entries")
        return self._name() if opened == "{" else self._value()

    def _close(self, opened: str) -> Kind:
        self._at += 1
        self._open.pop()
        self._filled, self._text = True, _CLOSING[opened]
        return "}" if opened == "{" else "]"

    def _name(self) -> Kind:
        self._expect('"', "was expecting double-quote to start field name")
        name = self._rest_of_text()
        self._expect(":", "was expecting a colon to separate field name and value")
        self._ahead = self._value(), self._text
        self._text = name
        return "name"

    def _value(self) -> Kind:
        self._skip()
        letter = self._letter()
        self._filled = True
        if letter in _CLOSING:
            return self._begin(letter)
        if letter == '"':
            self._at += 1
            self._text = None
            return "text"
        if number := _NUMBER.match(self._source, self._at):
            self._at, self._text = number.end(), number[0]
            return "number"
        return self._word()

    def _begin(self, letter: str) -> Kind:
        if len(self._open) == _DEEPEST:
            self.refuse(f"Document nesting depth ({_DEEPEST + 1}) exceeds the maximum allowed ({_DEEPEST})")
        self._at += 1
        self._open.append(letter)
        self._filled, self._text = False, letter
        return "{" if letter == "{" else "["

    def _word(self) -> Kind:
        word = _WORD.match(self._source, self._at)
        if word is None:
            self._unexpected(f"expected a valid value {_VALUES}")
        self._at, self._text = word.end(), word[0]
        if word[0] not in {"true", "false", "null"}:
            self._unreadable(f"Unrecognized token '{word[0]}': was expecting {_VALUES}", self._at)
        return cast("Kind", word[0])

    def _rest_of_text(self) -> str:
        rest = _TEXT.match(self._source, self._at)
        if rest is None:
            self._unreadable("Unexpected end-of-input in a String value", len(self._source))
        try:
            said: str = json.loads('"' + rest[0])
        except ValueError:
            self._unreadable("Unrecognized character escape", self._at)
        self._at = rest.end()
        return said

    def _expect(self, letter: str, wish: str) -> None:
        self._skip()
        if self._letter() != letter:
            self._unexpected(wish)
        self._at += 1
        self._skip()

    def _skip(self) -> None:
        space = _SPACE.match(self._source, self._at)
        self._at = space.end() if space else self._at

    def _letter(self) -> str:
        return self._source[self._at : self._at + 1]

    def _unexpected(self, wish: str) -> NoReturn:
        letter = self._letter()
        if not letter:
            self._unreadable("Unexpected end-of-input", self._at)
        self._unreadable(f"Unexpected character ('{letter}' (code {ord(letter)})): {wish}", self._at)

    def _unreadable(self, reason: str, at: int) -> NoReturn:
        self._refuse(f"failed to parse JSON. {reason}", at)

    def _refuse(self, reason: str, at: int) -> NoReturn:
        before = self._source[:at]
        line, column = before.count("\n") + 1, at - (before.rfind("\n") + 1) + 1
        raise FilterPolicyError(f"{reason}\n at [{_SOURCE}; line: {line}, column: {column}]")
