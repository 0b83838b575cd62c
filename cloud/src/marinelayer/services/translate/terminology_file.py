"""Terminology files: CSV, TSV and TMX read, and written again in another of these formats. Pure.

The first row of CSV and TSV names the languages, the first of which is the source; each further row is a term in each
of them, or is empty where it has none. In TMX the header names the source.

Source: https://docs.aws.amazon.com/translate/latest/dg/creating-custom-terminology.html; the limits are those of
https://docs.aws.amazon.com/translate/latest/dg/what-is-limits.html.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from xml.parsers import expat
from xml.sax.saxutils import escape, quoteattr

from marinelayer.services.translate.languages import CODES
from marinelayer.services.translate.terms import Term

MOST_TARGETS = 10
MOST_TERM_BYTES = 200
MOST_WARNINGS = 1_000
DELIMITERS = {"CSV": ",", "TSV": "\t"}
_CODES = {code.lower(): code for code in CODES}
_UNSPOKEN = frozenset({"bpt", "ept", "it", "ph", "ut"})
"""Elements of a TMX segment whose text is markup of another format."""


class BadTerminologyError(ValueError):
    """The file can not be a terminology. The text says why."""


@dataclass(slots=True)
class Glossary:
    """A terminology's languages, the source first, and a term in each of them a row; `skipped` says what was left out
    and why, a line each."""

    languages: list[str]
    rows: list[list[str]] = field(default_factory=list[list[str]])
    skipped: list[str] = field(default_factory=list[str])

    def add(self, place: str, row: Sequence[str]) -> None:
        """Take a row up, or note why it is skipped."""
        reason = self._reason(row)
        if reason:
            self.skipped.append(f"{place}: {reason}")
        else:
            self.rows.append([*row, *[""] * (len(self.languages) - len(row))])

    def _reason(self, row: Sequence[str]) -> str:
        if len(row) > len(self.languages):
            return f"{len(row)} columns, where there are {len(self.languages)} languages"
        if sum(bool(term) for term in row) < 2:
            return "a term needs two languages at least"
        longest = max(len(term.encode("utf-8", "replace")) for term in row)
        return f"a term of {longest} bytes is over {MOST_TERM_BYTES}" if longest > MOST_TERM_BYTES else ""


def read(data: bytes, form: str) -> Glossary:
    """The glossary of a file in the format `form` (CSV, TSV, TMX).

    Raises:
        BadTerminologyError: it is none, has no terms, or too many languages.
    """
    glossary = _read_tmx(data) if form == "TMX" else _read_rows(data, DELIMITERS[form])
    if len(glossary.languages) > MOST_TARGETS + 1:
        raise BadTerminologyError(
            f"The terminology has {len(glossary.languages) - 1} target languages; at most {MOST_TARGETS} are allowed."
        )
    if not glossary.rows:
        raise BadTerminologyError("The terminology has no terms.")
    return glossary


def entries(glossary: Glossary, source: str, target: str, *, multi: bool) -> list[Term]:
    """The entries for a pair of languages; none where the terminology has not both, or (unless `multi`) another source.
    Of entries with the same source the first counts."""
    languages = glossary.languages
    if source not in languages or target not in languages or not (multi or source == languages[0]):
        return []
    here, there = languages.index(source), languages.index(target)
    found: dict[str, Term] = {}
    for row in glossary.rows:
        if row[here] and row[there]:
            found.setdefault(row[here], Term(row[here], row[there]))
    return list(found.values())


def written(glossary: Glossary, form: str) -> bytes:
    """The glossary as a file in the format `form`."""
    if form == "TMX":
        return "".join(_tmx(glossary)).encode("utf-8", "replace")
    text = io.StringIO()
    writer = csv.writer(text, delimiter=DELIMITERS[form], lineterminator="\n")
    writer.writerow(glossary.languages)
    writer.writerows(glossary.rows)
    return text.getvalue().encode("utf-8", "replace")


# --- rows ------------------------------------------------------------------------------------------------------


def _read_rows(data: bytes, delimiter: str) -> Glossary:
    try:
        reader = csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), delimiter=delimiter)
        languages = _languages([cell.strip() for cell in next(reader, list[str]())])
        glossary = Glossary(languages)
        for row in reader:
            terms = [cell.strip() for cell in row]
            if any(terms):
                glossary.add(f"line {reader.line_num}", terms)
    except UnicodeDecodeError:
        raise BadTerminologyError("The terminology file is not encoded in UTF-8.") from None
    except csv.Error as error:
        raise BadTerminologyError(f"The terminology file can not be read: {error}") from None
    return glossary


def _languages(names: Sequence[str]) -> list[str]:
    codes: list[str] = []
    for name in names:
        code = _CODES.get(name.lower())
        if code is None:
            raise BadTerminologyError(f"The language code '{name}' of the terminology file is not supported.")
        codes.append(code)
    if len(codes) < 2:
        raise BadTerminologyError("The first row of the terminology file must name two languages at least.")
    if len(set(codes)) < len(codes):
        raise BadTerminologyError("The first row of the terminology file names a language twice.")
    return codes


# --- TMX -------------------------------------------------------------------------------------------------------


def _read_tmx(data: bytes) -> Glossary:
    reader = _Tmx()
    try:
        reader.parser.Parse(data, True)
    except expat.ExpatError as error:
        raise BadTerminologyError(f"The terminology file is not valid TMX: {error}") from None
    source = _code_of(reader.source)
    found = dict.fromkeys(code for unit in reader.units for code in unit)
    languages = ([source] if source else []) + [code for code in found if code != source]
    if len(languages) < 2:
        raise BadTerminologyError("The terminology file must have two supported languages at least.")
    glossary = Glossary(languages)
    for number, unit in enumerate(reader.units, 1):
        glossary.add(f"unit {number}", [unit.get(code, "").strip() for code in languages])
    glossary.skipped += [f"language '{name}' is not supported" for name in sorted(reader.unknown)]
    return glossary


def _code_of(name: str) -> str | None:
    """The code of a TMX language, of which regions that Translate does not tell apart are no matter."""
    lower = name.lower().replace("_", "-")
    return _CODES.get(lower) or _CODES.get(lower.partition("-")[0])


class _Tmx:
    """What is in a TMX document: the source language of its header, and each unit's segments by their codes."""

    def __init__(self) -> None:
        self.source = ""
        self.units: list[dict[str, str]] = []
        self.unknown: set[str] = set()
        self._language: str | None = None
        self._segment: list[str] | None = None
        self._unspoken = 0
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text
        self.parser.EntityDeclHandler = self._entity

    def _entity(self, *_: object) -> None:
        # What an entity stands for can be made to grow without end.
        raise BadTerminologyError("The terminology file declares entities, which is not allowed.")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "header":
            self.source = attributes.get("srclang", "")
        elif name == "tu":
            self.units.append({})
        elif name == "tuv":
            language = attributes.get("xml:lang", attributes.get("lang", ""))
            self._language = _code_of(language)
            if self._language is None:
                self.unknown.add(language[:20])
        elif name == "seg":
            self._segment = []
        elif name in _UNSPOKEN:
            self._unspoken += 1

    def _end(self, name: str) -> None:
        if name in _UNSPOKEN:
            self._unspoken -= 1
        elif name == "seg" and self._segment is not None:
            if self._language is not None and self.units:
                self.units[-1].setdefault(self._language, "".join(self._segment))
            self._segment = None

    def _text(self, text: str) -> None:
        if self._segment is not None and not self._unspoken:
            self._segment.append(text)


def _tmx(glossary: Glossary) -> Iterator[str]:
    source = glossary.languages[0]
    yield (
        '<?xml version="1.0" encoding="UTF-8"?>\n<tmx version="1.4">\n'
        '<header creationtool="Marine Layer" creationtoolversion="1" datatype="PlainText" segtype="phrase" '
        f'adminlang="en" srclang="{source}" o-tmf="{source}"/>\n<body>\n'
    )
    for row in glossary.rows:
        yield f"<tu>{''.join(_variants(zip(glossary.languages, row, strict=True)))}</tu>\n"
    yield "</body>\n</tmx>\n"


def _variants(terms: Iterable[tuple[str, str]]) -> Iterator[str]:
    for code, term in terms:
        if term:
            yield f"<tuv xml:lang={quoteattr(code)}><seg>{escape(term)}</seg></tuv>"
