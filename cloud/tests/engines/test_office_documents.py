"""Office Open XML taken apart and put together."""

import io
import xml.etree.ElementTree as ET
import zipfile
from collections.abc import Mapping
from dataclasses import replace

import pytest

from marinelayer.engines.documents import office_document
from marinelayer.engines.documents.office_document import texts, with_texts
from marinelayer.ports import BadDocumentError, Run

OFFICE = "application/vnd.openxmlformats-officedocument."
WORD = f"{OFFICE}wordprocessingml.document"
W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
STORY = f"""<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<w:document {W} xmlns:mc="urn:mc" xmlns:r="urn:r" mc:Ignorable="w14"><w:body>
<w:p w:rsidR="1"><w:pPr><w:pStyle w:val="a&gt;b"/></w:pPr><w:r w:rsidR="2"><w:t xml:space="preserve">The </w:t></w:r><w:r><w:rPr><w:b/></w:rPr><w:t>bi</w:t></w:r><w:r w:rsidR="3"><w:rPr><w:b/></w:rPr><w:t>g</w:t></w:r><w:r><w:t xml:space="preserve"> dog &amp; cat</w:t></w:r></w:p>
<w:p><w:r><w:t>See </w:t></w:r><w:hyperlink r:id="5"><w:r><w:rPr><w:u/></w:rPr><w:t>here</w:t></w:r></w:hyperlink><w:r><w:tab/><w:t>now</w:t><w:br/></w:r></w:p>
<w:p/><w:p><w:r><w:t>12</w:t></w:r></w:p>
<w:p><w:r><w:drawing><w:txbxContent><w:p><w:r><w:t>inner</w:t></w:r></w:p></w:txbxContent></w:drawing></w:r><w:r><w:t>outer</w:t></w:r></w:p>
<w:sectPr/></w:body></w:document>"""


def archive(parts: Mapping[str, str]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as target:
        for name, text in parts.items():
            target.writestr(name, text)
    return packed.getvalue()


def docx(story: str = STORY) -> bytes:
    return archive(
        {
            "[Content_Types].xml": "<Types/>",
            "word/document.xml": story,
            "word/media/image1.png": "\x89PNG <w:t>dog</w:t>",
        }
    )


def part(document: bytes, name: str = "word/document.xml") -> str:
    with zipfile.ZipFile(io.BytesIO(document)) as opened:
        return opened.read(name).decode()


def upper(document: bytes, media_type: str = WORD) -> bytes:
    found = texts(document, media_type)
    return with_texts(
        document,
        media_type,
        [[run if run.kept else replace(run, text=run.text.upper()) for run in text] for text in found],
    )


def test_the_text_of_paragraphs_is_found_with_the_usual_formatting_unmarked() -> None:
    found = texts(docx(), WORD)
    assert ["".join(run.text for run in text) for text in found] == [
        "The big dog & cat",
        "See herenow",
        "inner",
        "outer",
    ]
    assert [(run.text, bool(run.mark)) for run in found[0]] == [("The ", False), ("big", True), (" dog & cat", False)]


def test_text_is_put_back_into_its_formatting_and_nothing_else_changes() -> None:
    written = part(upper(docx()))
    ET.fromstring(written.encode())
    assert '<w:rPr><w:b/></w:rPr><w:t xml:space="preserve">BIG</w:t>' in written
    assert (
        '<w:hyperlink r:id="5"><w:r><w:rPr><w:u/></w:rPr><w:t xml:space="preserve">HERE</w:t></w:r></w:hyperlink>'
        in written
    )
    assert '<w:pPr><w:pStyle w:val="a&gt;b"/></w:pPr><w:r><w:t xml:space="preserve">THE </w:t></w:r>' in written
    assert "DOG &amp; CAT" in written
    assert "<w:r><w:tab/></w:r>" in written
    assert '<w:txbxContent><w:p><w:r><w:t xml:space="preserve">INNER</w:t></w:r></w:p></w:txbxContent>' in written
    assert "<w:p/><w:p><w:r><w:t>12</w:t></w:r></w:p>" in written
    assert written.startswith(STORY.partition("<w:p ")[0])
    assert part(upper(docx()), "word/media/image1.png") == part(docx(), "word/media/image1.png")


def test_formatting_goes_with_its_words_and_may_come_out_twice() -> None:
    document = docx()
    found = [list(text) for text in texts(document, WORD)]
    the, big, dog = found[0]
    found[0] = [dog, big, the, replace(big, text="again")]
    written = part(with_texts(document, WORD, found))
    tree = ET.fromstring(written.encode())
    name = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
    first = tree[0][0]
    assert [
        ("".join(run.itertext()), run.find(f"{name}rPr/{name}b") is not None) for run in first.findall(f"{name}r")
    ] == [(" dog & cat", False), ("big", True), ("The ", False), ("again", True)]


def test_headers_notes_slides_and_sheets_have_text_too() -> None:
    document = archive({"word/header1.xml": f"<w:hdr {W}><w:p><w:r><w:t>head</w:t></w:r></w:p></w:hdr>"})
    assert [text[0].text for text in texts(document, WORD)] == ["head"]
    slide = '<p:sld><a:p><a:pPr/><a:r><a:rPr b="1"/><a:t>dog</a:t></a:r><a:br/><a:endParaRPr/></a:p></p:sld>'
    slides = archive({"ppt/slides/slide1.xml": slide})
    kind = f"{OFFICE}presentationml.presentation"
    assert part(upper(slides, kind), "ppt/slides/slide1.xml") == slide.replace("dog", "DOG")
    strings = (
        "<sst><si><t>dog</t></si><si><r><rPr><b/></rPr><t>big</t></r><r><t> dog</t></r></si><si><t>7</t></si></sst>"
    )
    sheets = archive({"xl/sharedStrings.xml": strings})
    written = part(upper(sheets, f"{OFFICE}spreadsheetml.sheet"), "xl/sharedStrings.xml")
    assert written.replace(' xml:space="preserve"', "") == strings.replace("dog", "DOG").replace("big", "BIG")


@pytest.mark.parametrize(
    ("document", "said"),
    [
        (b"no archive", "no archive"),
        (docx("<w:p>"), "not valid XML"),
        (docx('<!DOCTYPE x [<!ENTITY a "dog">]><x>&a;</x>'), "entities"),
        (docx('<?xml version="1.0" encoding="ISO-8859-1"?><x/>'), "UTF-8"),
        (docx("<w:p>" * 300 + "</w:p>" * 300), "too deep"),
        (docx(f"<x>{'a' * 60_000_000}</x>"), "too large"),
    ],
)
def test_a_document_that_can_not_be_read_is_refused(document: bytes, said: str) -> None:
    with pytest.raises(BadDocumentError, match=said):
        texts(document, WORD)


def test_an_archive_of_too_many_parts_or_too_much_in_all_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(office_document, "MOST_PARTS", 2)
    with pytest.raises(BadDocumentError, match="3 parts"):
        texts(docx(), WORD)
    monkeypatch.setattr(office_document, "MOST_PARTS", 3)
    monkeypatch.setattr(office_document, "MOST_BYTES", 500)
    with pytest.raises(BadDocumentError, match="too large"):
        texts(docx(), WORD)


def test_another_number_of_texts_is_refused() -> None:
    for new in ([], [[Run("x")]] * 9):
        with pytest.raises(BadDocumentError, match="number"):
            with_texts(docx(), WORD, new)
