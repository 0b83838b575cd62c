"""The lesson's calls of Translate, with boto3."""

import shutil
from collections.abc import Callable
from typing import Any

import pytest
import requests
from botocore.exceptions import ClientError

Client = Callable[..., Any]


def test_a_text_in_the_target_language_comes_back_as_it_is(client: Client) -> None:
    answer = client("translate").translate_text(
        Text="There is trash  all along\nthe road.", SourceLanguageCode="auto", TargetLanguageCode="en"
    )
    assert answer["TranslatedText"] == "There is trash  all along\nthe road."
    assert answer["SourceLanguageCode"] == "en"


@pytest.mark.skipif(shutil.which("apertium") is None, reason="no Apertium: apt-get install apertium apertium-eng-spa")
def test_the_translation_of_the_lesson(client: Client) -> None:
    answer = client("translate").translate_text(
        Text="Hello, how are you?", SourceLanguageCode="auto", TargetLanguageCode="es"
    )
    assert (answer["SourceLanguageCode"], answer["TargetLanguageCode"]) == ("en", "es")
    assert answer["TranslatedText"].startswith("Hola")


def test_settings_without_effect_are_named_in_a_header(client: Client) -> None:
    answer = client("translate").translate_text(
        Text="What the fuck",
        SourceLanguageCode="en",
        TargetLanguageCode="en",
        Settings={"Formality": "FORMAL", "Profanity": "MASK"},
    )
    assert answer["TranslatedText"] == "What the ?$#@$"
    assert answer["AppliedSettings"] == {"Profanity": "MASK"}
    assert answer["ResponseMetadata"]["HTTPHeaders"]["x-marinelayer-settings-not-applied"] == "Formality"


def test_a_terminology_is_imported_fetched_by_its_link_and_removed(client: Client) -> None:
    translate = client("translate")
    file = b"en,es\nscooter,monopat\xc3\xadn\n"
    translate.import_terminology(
        Name="city", MergeStrategy="OVERWRITE", TerminologyData={"File": file, "Format": "CSV", "Directionality": "UNI"}
    )
    found = translate.get_terminology(Name="city")
    assert found["TerminologyProperties"]["TermCount"] == 1
    assert requests.get(found["TerminologyDataLocation"]["Location"], timeout=10).content == file
    forged = found["TerminologyDataLocation"]["Location"][:-4] + "AAAA"
    assert requests.get(forged, timeout=10).status_code == 403
    translate.delete_terminology(Name="city")
    with pytest.raises(translate.exceptions.ResourceNotFoundException):
        translate.get_terminology(Name="city")


def test_a_terminology_of_ten_megabytes_is_taken_and_a_larger_one_is_not(client: Client) -> None:
    translate = client("translate")
    rows = b"en,es\n" + b"".join(b"street number %d,calle n\xc3\xbamero %d\n" % (n, n) for n in range(240_000))
    file = rows[: 10 << 20].rpartition(b"\n")[0]
    file += b"\n" * ((10 << 20) - len(file))
    answer = translate.import_terminology(
        Name="large", MergeStrategy="OVERWRITE", TerminologyData={"File": file, "Format": "CSV"}
    )
    assert answer["TerminologyProperties"]["SizeBytes"] == 10 << 20
    with pytest.raises(ClientError) as refused:
        translate.import_terminology(
            Name="large", MergeStrategy="OVERWRITE", TerminologyData={"File": file + b"\n", "Format": "CSV"}
        )
    assert refused.value.response["Error"]["Code"] == "ValidationException"
    translate.delete_terminology(Name="large")


@pytest.mark.skipif(shutil.which("apertium") is None, reason="no Apertium: apt-get install apertium apertium-eng-spa")
def test_terms_survive_apertium(client: Client) -> None:
    translate = client("translate")
    data = {"File": b"en,es\nkick scooter,patinete\ndockless bike,bici sin base\n", "Format": "CSV"}
    translate.import_terminology(Name="city", MergeStrategy="OVERWRITE", TerminologyData=data)
    answer = translate.translate_text(
        Text="A kick scooter and a Dockless Bike block the ramp.\nKICK SCOOTER!",
        SourceLanguageCode="en",
        TargetLanguageCode="es",
        TerminologyNames=["city"],
    )
    for term in ("patinete", "Bici Sin Base", "PATINETE"):
        assert answer["TranslatedText"].count(term) == 1
    assert [term["SourceText"] for term in answer["AppliedTerminologies"][0]["Terms"]] == [
        "kick scooter",
        "dockless bike",
    ]


def test_a_document_keeps_all_but_its_text(client: Client) -> None:
    translate = client("translate")
    page = b'<p class="x">What the <b id=a>fuck</b>&nbsp;is this?</p><script>fuck()</script>'
    answer = translate.translate_document(
        Document={"Content": page, "ContentType": "text/html"},
        SourceLanguageCode="en",
        TargetLanguageCode="en",
        Settings={"Profanity": "MASK"},
    )
    assert answer["TranslatedDocument"]["Content"] == page.replace(b"fuck</b>", b"?$#@$</b>")
    assert answer["AppliedSettings"] == {"Profanity": "MASK"}
    word = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    with pytest.raises(translate.exceptions.InvalidRequestException, match="no archive"):
        translate.translate_document(
            Document={"Content": page, "ContentType": word}, SourceLanguageCode="en", TargetLanguageCode="en"
        )


@pytest.mark.skipif(shutil.which("apertium") is None, reason="no Apertium: apt-get install apertium apertium-eng-spa")
def test_a_page_is_translated_with_its_tags_on_their_words(client: Client) -> None:
    translate = client("translate")
    page = (
        '<h1>The <em class="k">big</em> dog</h1>\n<p>It costs 5 &lt; 7 in the <a href="/l?a=1&amp;b=2">library</a>.</p>'
    )
    answer = translate.translate_document(
        Document={"Content": page.encode(), "ContentType": "text/html"},
        SourceLanguageCode="auto",
        TargetLanguageCode="es",
    )
    assert answer["SourceLanguageCode"] == "en"
    written = answer["TranslatedDocument"]["Content"].decode()
    assert '<h1>El perro <em class="k">grande</em></h1>\n' in written
    assert '<a href="/l?a=1&amp;b=2">biblioteca</a>' in written
    assert "5 &lt; 7" in written


@pytest.mark.skipif(shutil.which("apertium") is None, reason="no Apertium: apt-get install apertium apertium-eng-spa")
def test_a_text_with_tags_is_translated_as_the_developer_guide_shows(client: Client) -> None:
    text = (
        "<p>You can translate this paragraph to any language.</p> "
        "<p translate=no>But do not translate this.</p> <span>The <b>big</b> dog</span>"
    )
    answer = client("translate").translate_text(Text=text, SourceLanguageCode="en", TargetLanguageCode="es")
    first, kept, last = answer["TranslatedText"].split("</p> ")
    assert first.startswith("<p>Puede")
    assert kept == "<p translate=no>But do not translate this."
    assert last == "<span>El perro <b>grande</b></span>"


def test_languages_are_listed(client: Client) -> None:
    translate = client("translate")
    codes = {one["LanguageCode"] for one in translate.list_languages()["Languages"]}
    assert ("es" in codes) == (shutil.which("apertium") is not None)
    with pytest.raises(translate.exceptions.UnsupportedDisplayLanguageCodeException) as refused:
        translate.list_languages(DisplayLanguageCode="tl")
    assert refused.value.response["DisplayLanguageCode"] == "tl"


def test_a_pair_that_is_not_supported_names_both_languages(client: Client) -> None:
    translate = client("translate")
    with pytest.raises(translate.exceptions.UnsupportedLanguagePairException) as refused:
        translate.translate_text(Text="Hello", SourceLanguageCode="en", TargetLanguageCode="ef")
    assert refused.value.response["SourceLanguageCode"] == "en"
    assert refused.value.response["TargetLanguageCode"] == "ef"
    message = "Unsupported language pair: en to ef. Target language 'ef' is not supported"
    assert refused.value.response["Error"]["Message"] == message
