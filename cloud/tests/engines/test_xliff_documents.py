"""XLIFF: what is taken out of a document, and what is put back."""

from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marinelayer.engines.documents.documents_task import texts as texts_of_type
from marinelayer.engines.documents.documents_task import written
from marinelayer.engines.documents.xliff_document import MEDIA_TYPE, texts, with_texts
from marinelayer.engines.language.runs import letters
from marinelayer.ports import BadDocumentError, Run

PLACE = "urn:oasis:names:tc:xliff:document:1.2"


def xliff(units: str, attributes: str = 'source-language="en"', version: str = "1.2") -> bytes:
    return (
        f'<?xml version="1.0"?>\n<xliff version="{version}" xmlns="{PLACE}"><file {attributes} original="a">'
        f"<!-- as it is --><body>{units}</body></file></xliff>\n"
    ).encode()


def put(document: bytes, *new: str, language: str = "") -> str:
    return with_texts(document, [[Run(text)] for text in new], language).decode()


def test_a_translation_becomes_the_target_of_its_unit() -> None:
    document = xliff(
        '<trans-unit id="1"><source>The dog</source></trans-unit>\n'
        '<trans-unit id="2"><source>A cat</source>\n<target state="new">old</target><note>n</note></trans-unit>'
        '<trans-unit id="3"><source>It eats</source><target xml:lang="es" /></trans-unit>'
    )
    assert [letters(text) for text in texts(document)] == ["The dog", "A cat", "It eats"]
    assert (
        put(document, "El perro", "Un gato", "Come")
        == xliff(
            '<trans-unit id="1"><source>The dog</source><target>El perro</target></trans-unit>\n'
            '<trans-unit id="2"><source>A cat</source>\n<target state="new">Un gato</target><note>n</note></trans-unit>'
            '<trans-unit id="3"><source>It eats</source><target xml:lang="es">Come</target></trans-unit>'
        ).decode()
    )


def test_inline_elements_stay_with_their_words_and_what_is_protected_is_kept() -> None:
    source = 'The <g id="1">big</g> dog<x id="2"/> eats <mrk mtype="protected">Whiskas</mrk>'
    document = xliff(f'<trans-unit id="1"><source>{source}</source></trans-unit>')
    (text,) = texts(document)
    assert [(run.text, run.kept) for run in text if run.text or run.kept] == [
        ("The ", False),
        ("big", False),
        (" dog", False),
        ("", True),
        (" eats ", False),
        ("", True),
    ]
    big = text[1]
    moved = [Run("El perro "), Run("grande", big.mark), *text[3:]]
    assert '<target>El perro <g id="1">grande</g><x id="2"/> eats <mrk mtype="protected">Whiskas</mrk></target>' in (
        with_texts(document, [moved]).decode()
    )


def test_what_is_not_to_be_translated_or_has_no_words_stays() -> None:
    kept = (
        '<trans-unit id="1" translate="no"><source>The dog</source></trans-unit>'
        '<group translate="no"><trans-unit id="2"><source>The dog</source></trans-unit></group>'
        '<trans-unit id="3"><source>12 <x id="1"/></source></trans-unit>'
        '<trans-unit id="4"><note>no source</note></trans-unit>'
    )
    asked = '<group translate="no"><trans-unit id="5" translate="yes"><source>A cat</source></trans-unit></group>'
    alternative = "<alt-trans><source>x</source><target>y</target></alt-trans>"
    document = xliff(kept + asked.replace("</source>", f"</source>{alternative}"))
    assert [letters(text) for text in texts(document)] == ["A cat"]
    assert kept in put(document, "Un gato")
    assert f"<source>A cat</source><target>Un gato</target>{alternative}" in put(document, "Un gato")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('source-language="en"', 'source-language="en" original="a" target-language="es"'),
        ("target-language='de'", 'target-language="es" original="a"'),
    ],
)
def test_a_file_says_the_language_of_its_targets(before: str, after: str) -> None:
    unit = '<trans-unit id="1"><source>The dog</source></trans-unit>'
    assert f"<file {after}>" in put(xliff(unit, before), "El perro", language="es")
    assert f'<file {before} original="a">' in put(xliff(unit, before), "El perro")


def test_prefixes_blanks_and_signs_are_as_they_were() -> None:
    document = (
        f'<x:xliff version="1.2" xmlns:x="{PLACE}"><x:file><x:body><x:trans-unit id="1">'
        "<x:source> 1 &lt; 2 &#233; <![CDATA[& so]]>\n</x:source></x:trans-unit></x:body></x:file></x:xliff>"
    ).encode()
    assert [letters(text) for text in texts(document)] == ["1 < 2 é & so"]
    assert "\n</x:source><x:target> a &lt; b\n</x:target></x:trans-unit>" in put(document, "a < b")


@pytest.mark.parametrize(
    "document",
    [
        b"no XML",
        b"<html/>",
        xliff("", version="2.0"),
        xliff("<trans-unit>"),
        b'<!DOCTYPE a [<!ENTITY b "c">]><xliff version="1.2"/>',
    ],
)
def test_what_is_no_xliff_of_this_version_is_refused(document: bytes) -> None:
    with pytest.raises(BadDocumentError):
        texts(document)


@pytest.mark.parametrize("new", [[], ["a", "b"]])
def test_as_many_texts_come_back_as_went_out(new: list[str]) -> None:
    with pytest.raises(BadDocumentError):
        put(xliff('<trans-unit id="1"><source>The dog</source></trans-unit>'), *new)


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Co", "Cn"]), min_size=1)))
def test_put_back_as_they_are_the_targets_are_the_sources(sources: list[str]) -> None:
    document = xliff("".join(f'<trans-unit id="1"><source>{escape(text)}</source></trans-unit>' for text in sources))
    again = written(document, MEDIA_TYPE, [list(text) for text in texts_of_type(document, MEDIA_TYPE)], "es")
    units = ET.fromstring(again).iter(f"{{{PLACE}}}trans-unit")
    for unit, source in zip(units, sources, strict=True):
        assert unit.findtext(f"{{{PLACE}}}source") == source
        worded = any(letter.isalpha() for letter in source)
        assert unit.findtext(f"{{{PLACE}}}target") == (source if worded else None)
