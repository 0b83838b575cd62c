"""The tokens of an S3 Select expression: keywords, names, literals, operators, each with its place.

Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-select-sql-reference-keyword-list.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from marinelayer.protocol.s3_select.refusals import LexerInvalidChar, LexerInvalidLiteral
from marinelayer.protocol.s3_select.tree import Position

Kind = Literal["KEYWORD", "IDENTIFIER", "QUOTED_IDENTIFIER", "STRING", "NUMBER", "ION_LITERAL", "OPERATOR", "EOF"]

KEYWORDS = frozenset(
    """
    absolute action add all allocate alter and any are as asc assertion at authorization avg bag begin between bit
    bit_length blob bool boolean both by cascade cascaded case cast catalog char char_length character
    character_length check clob close coalesce collate collation column commit connect connection constraint
    constraints continue convert corresponding count create cross current current_date current_time
    current_timestamp current_user cursor date day deallocate dec decimal declare default deferrable deferred delete
    desc describe descriptor diagnostics disconnect distinct domain double drop else end end-exec escape except
    exception exec execute exists external extract false fetch first float for foreign found from full get global go
    goto grant group having hour identity immediate in indicator initially inner input insensitive insert int integer
    intersect interval into is isolation join key language last leading left level like limit list local lower match
    max min minute missing module month names national natural nchar next no not null nullif numeric octet_length of
    on only open option or order outer output overlaps pad partial pivot position precision prepare preserve primary
    prior privileges procedure public read real references relative restrict revoke right rollback rows schema scroll
    second section select session session_user set sexp size smallint some space sql sqlcode sqlerror sqlstate string
    struct substring sum symbol system_user table temporary then time timestamp timezone_hour timezone_minute to
    trailing transaction translate translation trim true tuple union unique unknown unpivot update upper usage user
    using value values varchar varying view when whenever where with work write year zone
    """.split()  # noqa: SIM905 - two hundred quoted words are no easier to read
)
"""Words that name nothing unless they are quoted."""

_TOKEN = re.compile(
    r"""
    (?P<blank>\s+|--[^\n]*|/\*.*?\*/)
  | (?P<number>(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)
  | (?P<word>[A-Za-z_$][A-Za-z0-9_$]*)
  | '(?P<string>(?:[^']|'')*)'
  | "(?P<quoted>(?:[^"]|"")*)"
  | `(?P<ion>[^`]*)`
  | (?P<operator><=|>=|<>|!=|\|\||[-+*/%=<>(),.\[\];])
    """,
    re.VERBOSE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Token:
    """One token: keywords in lower case, quoted texts without their quotes."""

    kind: Kind
    text: str
    at: Position

    def __str__(self) -> str:
        # As S3 names tokens in its messages.
        match self.kind:
            case "STRING" | "NUMBER" | "ION_LITERAL":
                return f"LITERAL:{self.text}"
            case "IDENTIFIER" | "QUOTED_IDENTIFIER":
                return f"{self.kind}:'{self.text}'"
            case "EOF":
                return "EOF"
            case _:
                return f"{self.kind}:{self.text}"


def tokens(expression: str) -> Iterator[Token]:
    """The tokens, and EOF.

    Raises:
        LexerInvalidChar: there is a character that begins none.
        LexerInvalidLiteral: a quoted text has no end.
    """
    line, begin, place = 1, 0, 0
    while place < len(expression):
        at = Position(line, place - begin + 1)
        match = _TOKEN.match(expression, place)
        if match is None:
            if expression[place] in "'\"`":
                raise LexerInvalidLiteral(f"Unterminated literal {at}.")
            raise LexerInvalidChar(f"Invalid character {at}.")
        text = match[0]
        if match.lastgroup != "blank":
            yield _token(match, at)
        if "\n" in text:
            line += text.count("\n")
            begin = place + text.rindex("\n") + 1
        place = match.end()
    yield Token("EOF", "", Position(line, place - begin + 1))


def _token(match: re.Match[str], at: Position) -> Token:
    group = str(match.lastgroup)
    text: str = match[group]
    match group:
        case "word":
            lower = text.lower()
            return Token("KEYWORD", lower, at) if lower in KEYWORDS else Token("IDENTIFIER", text, at)
        case "string":
            return Token("STRING", text.replace("''", "'"), at)
        case "quoted":
            return Token("QUOTED_IDENTIFIER", text.replace('""', '"'), at)
        case "ion":
            return Token("ION_LITERAL", text, at)
        case "number":
            return Token("NUMBER", text, at)
        case _:
            return Token("OPERATOR", text, at)
