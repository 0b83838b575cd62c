"""The tokens of an expression, taken one after the other."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

from marinelayer.protocol.s3_select.lexer import Token, tokens
from marinelayer.protocol.s3_select.refusals import MaxOperatorsExceeded, ParseUnexpectedToken, SelectRefusal

MAX_DEPTH = 60
"""How deep parentheses, cases and calls may be nested: reading them takes as many Python frames, several each."""


class Cursor:
    """A place in an expression."""

    def __init__(self, expression: str) -> None:
        self._tokens = list(tokens(expression))
        self._place = 0
        self._depth = 0

    @property
    def token(self) -> Token:
        """The next token."""
        return self._tokens[self._place]

    def peek(self, further: int = 1) -> Token:
        """A token behind the next one; EOF where there is none."""
        return self._tokens[min(self._place + further, len(self._tokens) - 1)]

    def take(self) -> Token:
        """The next token, which is then behind us."""
        token = self.token
        if token.kind != "EOF":
            self._place += 1
        return token

    def is_keyword(self, *words: str) -> bool:
        """Whether the next token is one of these keywords (lower case)."""
        return self.token.kind == "KEYWORD" and self.token.text in words

    def is_operator(self, *signs: str) -> bool:
        """Whether the next token is one of these operators."""
        return self.token.kind == "OPERATOR" and self.token.text in signs

    def accept(self, *texts: str) -> bool:
        """Take the next token if it is one of these keywords or operators."""
        if self.is_keyword(*texts) or self.is_operator(*texts):
            self.take()
            return True
        return False

    def expect(self, text: str, refusal: type[SelectRefusal] = ParseUnexpectedToken) -> Token:
        """Take the next token, which must be this keyword or operator. Raises `refusal`."""
        if self.is_keyword(text) or self.is_operator(text):
            return self.take()
        raise self.unexpected(refusal)

    def unexpected(self, refusal: type[SelectRefusal] = ParseUnexpectedToken) -> SelectRefusal:
        """The refusal of the next token."""
        if refusal is ParseUnexpectedToken:
            return refusal(f"Unexpected token found {self.token} {self.token.at}.")
        return refusal(f"{refusal.default_message.rstrip('.')}, found {self.token} {self.token.at}.")

    @contextmanager
    def deeper(self) -> Generator[None]:
        """One level deeper. Raises MaxOperatorsExceeded."""
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise MaxOperatorsExceeded
        yield
        self._depth -= 1
