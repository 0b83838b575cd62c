"""HTML taken apart and put together."""

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marinelayer.engines.documents.html_document import texts, with_texts
from marinelayer.ports import BadDocumentError, Run

PAGE = """<!DOCTYPE html>
<html lang="en"><head><title>City &amp; streets</title><meta name="x" content="big > small">
<style>p { color: red }</style><script>if (a < b) { say("dog"); }</script></head>
<body class=plain data-x='dog & "cat"'><!-- dog -->
<h1 id=h>The <em class="x">big</em> dog</h1>
<p>The dog<br>is <a href="/dog?a=1&b=2" title="dog">here &lt;now&gt;</a>&nbsp;and
   <img src=dog.png alt="dog"/> there.
<p translate="no">Dog <b>City</b> &eacute;</p>
<p>The <span translate="no">Big <i>Dog</i></span> is bad.</p>
<ul><li>dog<li>DOG</ul><pre>  the
  dog</pre><textarea>dog</textarea>
</body></html>
"""


def upper(document: str) -> str:
    """The document with all its text in capitals."""
    new = [
        [run if run.kept else replace(run, text=run.text.upper()) for run in text] for text in texts(document.encode())
    ]
    return with_texts(document.encode(), new).decode()


def tags(document: str) -> list[str]:
    return re.findall(r"<[^>]*>", document)


def test_what_is_not_changed_stays_letter_for_letter() -> None:
    same = with_texts(PAGE.encode(), texts(PAGE.encode())).decode()
    assert same == re.sub(r"and\n +<img", "and <img", PAGE)


def test_only_text_is_text() -> None:
    found = ["".join(run.text for run in text) for text in texts(PAGE.encode())]
    assert found == [
        "City & streets",
        "The big dog",
        "The dog",
        "is here <now>\xa0and  there.",
        "The Big Dog is bad.",
        "dog",
        "DOG",
        "the\n  dog",
    ]


def test_tags_and_what_is_not_to_be_translated_stay() -> None:
    changed = upper(PAGE)
    assert tags(changed) == tags(PAGE)
    for kept in (
        'if (a < b) { say("dog"); }',
        "<!-- dog -->",
        '<a href="/dog?a=1&b=2" title="dog">HERE &lt;NOW&gt;</a>&nbsp;AND',
        '<p translate="no">Dog <b>City</b> &eacute;</p>',
        'THE <span translate="no">Big <i>Dog</i></span> IS BAD.',
        "<title>CITY &amp; STREETS</title>",
        "<textarea>dog</textarea>",
    ):
        assert kept in changed


def test_an_element_goes_with_its_words() -> None:
    document = b'<p>The <b id="x">big</b> dog <i>eats</i></p>'
    (text,) = texts(document)
    the, big, dog, eats = text
    assert with_texts(document, [[eats, Run(" "), dog, big, the]]) == b'<p><i>eats</i>  dog <b id="x">big</b>The </p>'
    torn = [big, the, replace(big, text="BIG"), Run("x"), eats]
    assert with_texts(document, [torn]) == b'<p><b id="x">bigThe BIG</b>x<i>eats</i></p>'
    crossed = [big, eats, replace(big, text="BIG"), replace(eats, text="EATS")]
    written = with_texts(document, [crossed]).decode()
    assert sorted(tags(written)) == sorted(tags(document.decode()))
    assert with_texts(document, [[Run("x")]]) == b'<p>x<b id="x"></b><i></i></p>'


def test_nested_elements_stay_nested() -> None:
    document = b"<p>a <b>c <i>d</i></b> e</p>"
    (text,) = texts(document)
    a, c, d, e = text
    assert with_texts(document, [[d, a, c, e]]) == b"<p><b><i>d</i>a c </b> e</p>"


def test_half_a_word_is_no_text_of_its_own() -> None:
    (text,) = texts(b"<p><b>O</b>nce upon a <i>ti</i>me</p>")
    assert [run.text for run in text] == ["Once", " upon a ", "time"]


@pytest.mark.parametrize(
    "document",
    [
        "",
        "dog",
        "<p>dog",
        "</p></b>dog",
        "<b><p>dog</b> x</p>",
        "<p>a</i>b",
        "<",
        "&amp",
        "<!--",
        "<![CDATA[x]]>",
    ],
)
def test_what_is_no_proper_html_is_no_matter(document: str) -> None:
    assert with_texts(document.encode(), texts(document.encode())).decode().replace("&amp;", "&") == document.replace(
        "&amp;", "&"
    )


def test_another_encoding_is_refused() -> None:
    with pytest.raises(BadDocumentError, match="UTF-8"):
        texts(b"<p>caf\xe9</p>")


def test_another_number_of_texts_is_refused() -> None:
    with pytest.raises(BadDocumentError):
        with_texts(b"<p>dog</p>", [])


PIECES = (
    (
        "<p> </p> <b> </b> <i,a='1'> </i> <br> <img> dog &lt; <span,translate=no> </span> <script> </script> <!--x--> <li> é"
    )
    .replace(",", "\t")
    .split(" ")
)


class Opened(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.append(self.get_starttag_text() or "")


@given(st.lists(st.sampled_from([*PIECES, " ", "\n"]), max_size=25).map("".join))
def test_no_start_tag_is_lost_or_doubled_however_words_move(document: str) -> None:
    moved = [list(reversed(text)) for text in texts(document.encode())]
    before, after = Opened(), Opened()
    before.feed(document)
    after.feed(with_texts(document.encode(), moved).decode())
    assert sorted(after.tags) == sorted(before.tags)
