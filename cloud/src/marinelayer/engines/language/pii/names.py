"""Names of people, by what names they bear and by what words introduce them (`names.toml`). Pure.

A name begins where words introduce one (`My name is`, `Officer`, a line `Thanks,`), or at a given name that the list
has, and goes on to the end of the words in capitals. Before a word for a street, a place or a body it is that one's
name and nobody's, as AWS documents: "Jane Doe Street" is an address.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

INTRODUCED, BORNE, ALONE = 0.9, 0.8, 0.7
"""What is known of a name that is introduced, of a given name that more follows, and of a given name by itself."""
MOST_WORDS = 4
BEFORE = 48
"""Letters before a name in which its introduction is looked for."""

_WORD = r"[A-ZÁÉÍÓÚÑÜÇ](?:[^\W\d_]|['\u2019\u0300-\u036f]|-(?=[^\W\d_])){0,24}"
_OF = r"(?: (?:de|del|la|las|los|da|dos|van|von|der)){0,2}"
_ROW = re.compile(rf"(?<![\w@#.'\u2019-]){_WORD}(?:{_OF}(?: [A-Z]\.)? {_WORD}){{0,7}}")
_PIECE = re.compile(r"[^ ]+")
_POSSESSIVE = re.compile(r"['\u2019]s$")
_INITIAL = re.compile(r"[A-Z]\.")
_NEXT_WORD = re.compile(r" ([\w'\u2019]{1,24})")
_INTRODUCING = {
    language: re.compile(rf"(?:{pattern})\s{{1,3}}\Z")
    for language, pattern in {
        "en": r"(?i:\bmy (?:full |last |first )?name(?: is|'s|:)|\bname:|\bfrom:|\bsigned:?|\bcontact:|\bby:)"
        r"|\b[Dd]ear|\b(?:Mr|Mrs|Ms|Dr|Prof|Sgt|Lt|Capt)\.?|\b(?:Miss|Officer|Sergeant|Captain|Professor|Doctor|Detective"
        r"|Councilmember|Councilman|Councilwoman|Inspector|Deputy|Judge|Mayor|Senator|Uncle|Aunt)"
        r"|\b(?:Sincerely|Regards|[a-z]+ regards|Respectfully|Cheers|Thanks|Thank you|Best|Yours|Love)"
        r"(?: (?:again|truly|wishes))?[,!.]?[ \t]*\r?\n|\b(?:Sincerely|[Rr]egards),",
        "es": r"(?i:\bme llamo|\bmi nombre(?: completo)? es|\bse llama|\bnombre:|\bde:|\bfirma:)"
        r"|\b[Ee]stimad[oa]|\b[Qq]uerid[oa]|\b(?:[Ss]r|[Ss]ra|[Ss]rta|[Dd]r|[Dd]ra|[Ll]ic|[Ii]ng)\.|\b[Ss]eñor(?:a|ita)?"
        r"|\b[Dd]o(?:n|ña)|\b[Oo]ficial|\b[Ll]icenciad[oa]"
        r"|\b(?:[Aa]tentamente|[Ss]aludos|[Gg]racias|[Cc]ordialmente)[,!.]?[ \t]*\r?\n|\b[Aa]tentamente,",
    }.items()
}
_DRIVE = re.compile(r"[A-Z0-9][\w'\u2019]* Dr\. {1,2}\Z")
"""`Quince Dr.` is a drive; a doctor stands before a name only."""
_HONOURED = re.compile(r"(?i)\A(?:mr|mrs|ms|dr|miss|sra?|srta|dra|don|doña|señora?|señorita)\Z")
_GREETING = re.compile(r"(?i:\b(?:hi|hello|hey|hola),?|\bthis is|\bi am|\bi['\u2019]m|\bsoy) \Z")
_STREET = re.compile(
    r"\d[\w-]{0,7} (?:[NSEW]\.? )?\Z|[&/@] ?\Z"
    r"|(?i:\b(?:on|at|near|between|and|along|off|in|from|to|of|past|behind|under|over) )\Z"
    r"|(?i:\b(?:calle|avenida|avd?a?\.|camino|paseo|plaza|parque|colonia|col\.|escuela|entre|y|en|del?|la|el) )\Z"
)
"""What stands before a street or a place that is named as people are: nobody is told by a given name alone there."""
_STREET_SURELY = re.compile(
    r"\d[\w-]{0,7} (?:[NSEW]\.? )?\Z|(?i:\b(?:calle|avenida|av\.|camino|paseo|plaza|parque|colonia|escuela) )\Z"
)
_IN_SMALL = re.compile(r"(?i:\bmy name is|\bme llamo|\bmi nombre es) ([a-zñáéíóú]{2,20})(?: ([a-zñáéíóú]{2,20}))?")

Place = tuple[int, int, float]
"""The first code point, that after the last, and the degree of evidence."""


@dataclass(frozen=True, slots=True)
class _Piece:
    """A word of a row: where it begins and ends, and its letters in lower case without accents."""

    begin: int
    end: int
    plain: str


@cache
def _lists() -> Mapping[str, frozenset[str]]:
    data: Mapping[str, str] = tomllib.loads(Path(__file__).with_name("names.toml").read_text("utf-8"))
    return {name: frozenset(words.split()) for name, words in data.items()}


def names(text: str, language: str) -> Iterator[Place]:
    """Where a text names somebody; places may overlap."""
    for row in _ROW.finditer(text):
        pieces = [
            _Piece(row.start() + each.start(), row.start() + each.end(), _plain(each[0]))
            for each in _PIECE.finditer(row[0])
        ]
        found = _in_row(text, pieces, language)
        if found is not None:
            yield found
    yield from _in_small_letters(text)


def _plain(word: str) -> str:
    bare = _POSSESSIVE.sub("", word).replace("'", "").replace("\u2019", "").rstrip(".")
    return "".join(letter for letter in unicodedata.normalize("NFD", bare.lower()) if not unicodedata.combining(letter))


def _in_row(text: str, pieces: Sequence[_Piece], language: str) -> Place | None:
    """The name in a row of words in capitals, if it holds one."""
    lists = _lists()
    for first, piece in enumerate(pieces):
        if _introduced(text, piece, language) and piece.plain not in lists["nobody"] | lists["stops"]:
            return None if _place_at_end(pieces[first:]) else _name(text, pieces[first:], INTRODUCED)
    if _is_place(text, pieces):
        return None
    for first, piece in enumerate(pieces):
        score = _evidence(text, pieces, first)
        if score:
            return _name(text, pieces[first:], score)
        if piece.plain in lists["saints"]:
            return None
    return None


def _introduced(text: str, piece: _Piece, language: str) -> bool:
    before = text[max(0, piece.begin - BEFORE) : piece.begin]
    if piece.end - piece.begin < 2 or _HONOURED.match(piece.plain):
        return False
    return _INTRODUCING[language].search(before) is not None and _DRIVE.search(before) is None


def _place_at_end(pieces: Sequence[_Piece]) -> bool:
    lists = _lists()
    return len(pieces) > 1 and any(each.plain in lists["places"] - lists["family"] for each in pieces)


def _is_place(text: str, pieces: Sequence[_Piece]) -> bool:
    places = _lists()["places"]
    behind = _NEXT_WORD.match(text, pieces[-1].end)
    return (
        any(each.plain in places for each in pieces)
        or (behind is not None and _plain(behind[1]) in places)
        or any(_POSSESSIVE.search(text[each.begin : each.end]) for each in pieces[:-1])
        or _STREET_SURELY.search(text[max(0, pieces[0].begin - 16) : pieces[0].begin]) is not None
    )


def _evidence(text: str, pieces: Sequence[_Piece], first: int) -> float:
    """How much says that a name begins at a word, 0 where nothing does."""
    lists, piece = _lists(), pieces[first]
    given = piece.plain.partition("-")[0]
    if given not in lists["given"] and piece.plain not in lists["words"]:
        return 0.0
    behind = pieces[first + 1].plain if first + 1 < len(pieces) else ""
    if piece.plain in lists["words"] or _shouted(text, piece):
        return BORNE if behind in lists["family"] else 0.0
    if behind and behind not in lists["stops"]:
        return BORNE
    before = text[max(0, piece.begin - 16) : piece.begin]
    if _GREETING.search(before):
        return INTRODUCED
    street = _STREET.search(before) or text[piece.end : piece.end + 5].startswith((" and ", " & ", " St", "/", " y "))
    return 0.0 if street or len(piece.plain) <= 2 else ALONE


def _shouted(text: str, piece: _Piece) -> bool:
    return piece.end - piece.begin > 1 and text[piece.begin : piece.end].isupper()


def _name(text: str, pieces: Sequence[_Piece], score: float) -> Place:
    """The words of a name, from the first of these on. In a text all of capitals, only names are of it."""
    lists = _lists()
    last = 0
    for number, piece in enumerate(pieces[1:MOST_WORDS], 1):
        if text[piece.begin].islower() or _INITIAL.fullmatch(text, piece.begin, piece.end):
            continue
        known = piece.plain in lists["family"] or piece.plain in lists["given"]
        if piece.plain in lists["stops"] or piece.plain in lists["nobody"] or (_shouted(text, piece) and not known):
            break
        last = number
    begin, end = pieces[0].begin, pieces[last].end
    ending = _POSSESSIVE.search(text[begin:end])
    return begin, end - (len(ending[0]) if ending else 0), score


def _in_small_letters(text: str) -> Iterator[Place]:
    """A name in small letters, where it is introduced by a whole sentence and is on the lists."""
    lists = _lists()
    for match in _IN_SMALL.finditer(text):
        given, family = (_plain(match[group] or "") for group in (1, 2))
        if given in lists["given"] or given in lists["words"]:
            known = family in lists["family"] or family in lists["given"]
            yield match.start(1), match.end(2) if known else match.end(1), INTRODUCED
