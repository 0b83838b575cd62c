"""TranslateDocument over a dictionary, with the real documents."""

import io
import zipfile
from typing import Any

import pytest

from marinelayer.services.translate.document_translation import WORD
from marinelayer.services.translate.errors import (
    DetectedLanguageLowConfidenceException,
    InvalidRequestException,
    LimitExceededException,
    UnsupportedLanguagePairException,
)

pytestmark = pytest.mark.asyncio


async def document(desk: Any, content: str | bytes, media_type: str = "text/plain", **more: Any) -> dict[str, Any]:
    data = content.encode() if isinstance(content, str) else content
    asked = {"SourceLanguageCode": "es", "TargetLanguageCode": "en", **more}
    return await desk.ask("TranslateDocument", Document={"Content": data, "ContentType": media_type}, **asked)


def written(answer: dict[str, Any]) -> str:
    return answer["TranslatedDocument"]["Content"].decode()


async def test_plain_text_keeps_its_lines(desk: Any) -> None:
    answer = await document(desk, "\ufeffhay un patinete\r\n\r\n  en la acera. 12")
    assert written(answer) == "\ufeffthere is a scooter\r\n\r\n  on the pavement. 12"
    assert (answer["SourceLanguageCode"], answer["TargetLanguageCode"]) == ("es", "en")
    assert "AppliedTerminologies" not in answer


async def test_a_long_line_is_cut_between_sentences_and_comes_out_whole(desk: Any) -> None:
    answer = await document(desk, "hay un patinete. " * 3_000)
    assert written(answer) == "there is a scooter. " * 3_000
    assert max(len(text) for text, _, _ in desk.dictionary.asked) <= 4_000
    assert all(text.startswith("hay") for text, _, _ in desk.dictionary.asked)


async def test_html_keeps_its_tags_and_what_is_not_to_be_translated(desk: Any) -> None:
    page = '<p id=la>hay <b>un</b> <span translate="no">patinete</span> &amp; acera</p><script>la</script>'
    assert written(await document(desk, page, "text/html")) == (
        '<p id=la>there is <b>a</b> <span translate="no">patinete</span> &amp; pavement</p><script>la</script>'
    )


async def test_word_documents_keep_their_parts(desk: Any) -> None:
    story = '<w:document xmlns:w="urn:w"><w:p><w:pPr/><w:r><w:rPr><w:b/></w:rPr><w:t>la acera</w:t></w:r></w:p></w:document>'
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as target:
        target.writestr("word/document.xml", story)
        target.writestr("word/styles.xml", "<la/>")
    answer = await document(desk, packed.getvalue(), WORD)
    with zipfile.ZipFile(io.BytesIO(answer["TranslatedDocument"]["Content"])) as found:
        assert found.read("word/styles.xml") == b"<la/>"
        assert b'<w:b/></w:rPr><w:t xml:space="preserve">the pavement</w:t>' in found.read("word/document.xml")


async def test_terms_and_settings_are_applied(desk: Any) -> None:
    await desk.import_("city", "es,en\npatinete,kick scooter\n")
    page = "<p>Patinete <b>patinete</b> shit</p>"
    answer = await document(desk, page, "text/html", TerminologyNames=["city"], Settings={"Profanity": "MASK"})
    assert written(answer) == "<p>Kick Scooter <b>kick scooter</b> ?$#@$</p>"
    assert answer["AppliedTerminologies"] == [
        {"Name": "city", "Terms": [{"SourceText": "patinete", "TargetText": "kick scooter"}]}
    ]
    assert answer["AppliedSettings"] == {"Profanity": "MASK"}


async def test_a_long_document_has_its_terms_and_masks_too(desk: Any) -> None:
    await desk.import_("city", "es,en\npatinete,kick scooter\n")
    asked: dict[str, Any] = {"TerminologyNames": ["city"], "Settings": {"Profanity": "MASK"}}
    answer = await document(desk, "un patinete shit\n" * 2_000, **asked)
    assert written(answer) == "a kick scooter ?$#@$\n" * 2_000
    assert answer["AppliedTerminologies"][0]["Terms"] == [{"SourceText": "patinete", "TargetText": "kick scooter"}]


async def test_the_language_is_told_by_the_text_and_not_by_the_tags(desk: Any) -> None:
    answer = await document(desk, "<p class=x>la</p>", "text/html", SourceLanguageCode="auto")
    assert answer["SourceLanguageCode"] == "es"
    assert desk.detected == ["la"]
    desk.dictionary.told = (("es", 0.1),)
    with pytest.raises(DetectedLanguageLowConfidenceException):
        await document(desk, "la", SourceLanguageCode="auto")


async def test_one_language_of_a_document_is_english(desk: Any) -> None:
    with pytest.raises(UnsupportedLanguagePairException, match="must be English"):
        await document(desk, "la", TargetLanguageCode="ca")


@pytest.mark.parametrize(
    ("media_type", "settings", "content", "said"),
    [
        ("text/csv", {}, b"la", "text/csv"),
        ("text/plain", {"Formality": "FORMAL"}, b"la", "Formality"),
        ("text/plain", {"Brevity": "ON"}, b"la", "Brevity"),
        ("text/plain", {}, b"\xff", "UTF-8"),
        ("text/html", {}, b"\xff", "UTF-8"),
        (WORD, {}, b"la", "no archive"),
    ],
)
async def test_what_can_not_be_translated_is_refused(
    desk: Any, media_type: str, settings: dict[str, str], content: bytes, said: str
) -> None:
    with pytest.raises(InvalidRequestException, match=said):
        await document(desk, content, media_type, Settings=settings)
    assert desk.dictionary.asked == []


async def test_a_word_file_may_not_hold_more_letters_than_a_document_can_have(desk: Any) -> None:
    def word(count: int) -> bytes:
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as target:
            text = f"<w:p><w:r><w:t>{'a' * count}</w:t></w:r></w:p>"
            target.writestr("word/document.xml", f'<w:document xmlns:w="urn:w">{text}</w:document>')
        return packed.getvalue()

    assert len(word(100_001)) < 10_000
    with pytest.raises(LimitExceededException, match="100,000"):
        await document(desk, word(100_001), WORD)
    assert (await document(desk, word(100_000), WORD))["TranslatedDocument"]
