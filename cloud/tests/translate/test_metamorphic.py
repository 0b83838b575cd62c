"""What is changed in a text changes its translation accordingly: boto3 against a whole cloud with Apertium."""

import shutil
from collections.abc import Callable
from typing import Any

import pytest

Client = Callable[..., Any]

pytestmark = pytest.mark.skipif(
    shutil.which("apertium") is None, reason="no Apertium: apt-get install apertium apertium-eng-spa"
)


def text(client: Client, said: str, source: str = "en", target: str = "es", **more: Any) -> str:
    answer = client("translate").translate_text(Text=said, SourceLanguageCode=source, TargetLanguageCode=target, **more)
    return answer["TranslatedText"]


def document(client: Client, said: str) -> str:
    content = {"Content": said.encode(), "ContentType": "text/html"}
    answer = client("translate").translate_document(Document=content, SourceLanguageCode="en", TargetLanguageCode="es")
    return answer["TranslatedDocument"]["Content"].decode()


@pytest.mark.parametrize("translate", [text, document])
def test_another_word_is_another_word_of_the_translation(client: Client, translate: Callable[..., str]) -> None:
    dog, cat = translate(client, "The dog eats."), translate(client, "The cat eats.")
    assert "perro" in dog
    assert cat == dog.replace("perro", "gato")


@pytest.mark.parametrize("translate", [text, document])
def test_lines_that_change_places_change_places_in_the_translation(
    client: Client, translate: Callable[..., str]
) -> None:
    dog, street = "<p>The dog eats.</p>", "<p>The street is dark.</p>"
    first, second = translate(client, dog), translate(client, street)
    assert translate(client, f"{street}\n{dog}") == f"{second}\n{first}"


def test_another_language_of_the_text_is_found_and_translated(client: Client) -> None:
    assert text(client, "La calle es oscura.", "auto", "en") != "La calle es oscura."
    assert text(client, "The street is dark.", "auto", "en") == "The street is dark."


def test_a_mark_that_moves_to_another_word_moves_in_the_translation(client: Client) -> None:
    assert "<b>perro</b>" in document(client, "<p>The <b>dog</b> eats.</p>")
    assert "<b>come</b>" in document(client, "<p>The dog <b>eats</b>.</p>").lower()
