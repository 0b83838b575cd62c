"""Terminologies over a dictionary, on each database."""

import zlib
from datetime import UTC, datetime
from typing import Any

import pytest

from marinelayer.model.errors import AccessDenied, OperationNotImplemented, RequestExpired
from marinelayer.services.translate import terminology_store
from marinelayer.services.translate.errors import (
    InvalidParameterValueException,
    InvalidRequestException,
    LimitExceededException,
    ResourceNotFoundException,
    TooManyTagsException,
)
from marinelayer.services.translate.terminology_file import BadTerminologyError, read, written
from marinelayer.services.translate.terminology_store import TerminologyName, file_of

pytestmark = pytest.mark.asyncio

CITY = "en,es,ca\nscooter,monopatín,patinet elèctric\nbroken,averiado,\n"
ARN = "arn:aws:translate:us-east-1:111122223333:terminology/city/LATEST"
TMX = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE tmx SYSTEM "tmx14.dtd">
<tmx version="1.4"><header srclang="en-us" datatype="PlainText"/><body>
<tu><tuv xml:lang="es"><seg>mono<bpt i="1">&lt;b&gt;</bpt>patín</seg></tuv><tuv xml:lang="EN"><seg>scooter</seg></tuv></tu>
<tu><tuv xml:lang="en"><seg>broken</seg></tuv><tuv xml:lang="xx"><seg>x</seg></tuv></tu>
</body></tmx>"""


async def test_a_terminology_is_imported_and_described(every_desk: Any) -> None:
    answer = await every_desk.import_("city", CITY, Description="Words of the city")
    when = datetime(2021, 4, 1, tzinfo=UTC)
    properties = {
        "Name": "city",
        "Arn": ARN,
        "Description": "Words of the city",
        "SourceLanguageCode": "en",
        "TargetLanguageCodes": ["es", "ca"],
        "SizeBytes": len(CITY.encode()),
        "TermCount": 2,
        "SkippedTermCount": 0,
        "Format": "CSV",
        "CreatedAt": when,
        "LastUpdatedAt": when,
    }
    assert {**answer["TerminologyProperties"], "TargetLanguageCodes": ["es", "ca"]} == properties
    assert "AuxiliaryDataLocation" not in answer
    found = await every_desk.ask("GetTerminology", Name="city")
    assert found["TerminologyProperties"] == answer["TerminologyProperties"]
    assert found["TerminologyDataLocation"]["RepositoryType"] == "S3"
    assert (await every_desk.fetch(found["TerminologyDataLocation"])).body == CITY.encode()


async def test_importing_again_replaces_it(every_desk: Any) -> None:
    await every_desk.import_("city", CITY)
    every_desk.clock.time += 1_000_000
    answer = await every_desk.import_("city", "es,en\npatinete,kick scooter\n", Directionality="MULTI")
    properties = answer["TerminologyProperties"]
    assert (properties["SourceLanguageCode"], properties["Directionality"]) == ("es", "MULTI")
    assert properties["LastUpdatedAt"] > properties["CreatedAt"]
    assert len((await every_desk.ask("ListTerminologies"))["TerminologyPropertiesList"]) == 1


async def test_terms_are_applied_and_named(every_desk: Any) -> None:
    await every_desk.import_("city", CITY)
    answer = await every_desk.translate("the Scooter is broken", "en", "es", TerminologyNames=["city"])
    assert answer["TranslatedText"] == "el Monopatín es averiado"
    assert answer["AppliedTerminologies"] == [
        {
            "Name": "city",
            "Terms": [
                {"SourceText": "scooter", "TargetText": "monopatín"},
                {"SourceText": "broken", "TargetText": "averiado"},
            ],
        }
    ]
    answer = await every_desk.translate("the dog", "en", "es", TerminologyNames=["city"])
    assert answer["AppliedTerminologies"] == [{"Name": "city", "Terms": []}]


async def test_a_changed_term_changes_its_place_and_nothing_else(every_desk: Any) -> None:
    await every_desk.import_("city", CITY)
    text = "the scooter is broken, the dog is bad"
    before = (await every_desk.translate(text, "en", "es", TerminologyNames=["city"]))["TranslatedText"]
    await every_desk.import_("city", CITY.replace("monopatín", "patín"))
    after = (await every_desk.translate(text, "en", "es", TerminologyNames=["city"]))["TranslatedText"]
    assert after == before.replace("monopatín", "patín") != before


async def test_terms_go_through_a_pivot(every_desk: Any) -> None:
    await every_desk.import_("city", "es,ca\npatinete,patinet elèctric\n")
    answer = await every_desk.translate("hay un patinete", "es", "ca", TerminologyNames=["city"])
    assert answer["TranslatedText"] == "hi ha un patinet elèctric"


async def test_only_multi_directional_terms_go_both_ways(every_desk: Any) -> None:
    file = "en,es\nkick scooter,patinete\n"
    for directionality, expected in (("UNI", "there is a scooter"), ("MULTI", "there is a kick scooter")):
        await every_desk.import_("city", file, Directionality=directionality)
        answer = await every_desk.translate("hay un patinete", TerminologyNames=["city"])
        assert answer["TranslatedText"] == expected


async def test_a_terminology_that_is_not_there_is_not_found(every_desk: Any) -> None:
    for operation, request in (
        ("GetTerminology", {"Name": "city"}),
        ("DeleteTerminology", {"Name": "city"}),
        ("TagResource", {"ResourceArn": ARN, "Tags": [{"Key": "a", "Value": "b"}]}),
        ("ListTagsForResource", {"ResourceArn": ARN}),
    ):
        with pytest.raises(ResourceNotFoundException):
            await every_desk.ask(operation, **request)
    await every_desk.import_("city", CITY)
    await every_desk.ask("DeleteTerminology", Name="city")
    with pytest.raises(ResourceNotFoundException):
        await every_desk.translate("hay", TerminologyNames=["city"])


async def test_more_than_one_terminology_is_refused(desk: Any) -> None:
    with pytest.raises(InvalidRequestException):
        await desk.translate("hay", TerminologyNames=["a", "b"])


async def test_a_list_goes_on_where_its_token_says(every_desk: Any) -> None:
    for name in ("b", "a", "c"):
        await every_desk.import_(name, CITY)
    first = await every_desk.ask("ListTerminologies", MaxResults=2)
    rest = await every_desk.ask("ListTerminologies", NextToken=first["NextToken"])
    assert [one["Name"] for one in first["TerminologyPropertiesList"]] == ["a", "b"]
    assert [one["Name"] for one in rest["TerminologyPropertiesList"]] == ["c"]
    assert "NextToken" not in rest
    with pytest.raises(InvalidParameterValueException):
        await every_desk.ask("ListTerminologies", NextToken="made up")


async def test_what_is_kept_ready_has_a_bound(desk: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(terminology_store, "KEPT", 5)
    terms = desk.ground.terms
    names = [TerminologyName("111122223333", "us-east-1", name) for name in "abc"]
    for name in names:
        await desk.import_(name.name, CITY)
    found = [await terms.find(name, "en", "es") for name in names]
    assert [len(one) for one in found] == [2, 2, 2]
    assert await terms.find(names[2], "en", "es") is found[2]
    again = await terms.find(names[0], "en", "es")
    assert again is not found[0]
    assert len(again) == 2


async def test_a_hundred_and_first_terminology_is_refused(desk: Any) -> None:
    for number in range(100):
        await desk.import_(f"t{number}", CITY)
    with pytest.raises(LimitExceededException):
        await desk.import_("city", CITY)
    await desk.import_("t7", CITY)


async def test_a_key_of_kms_is_not_pretended(desk: Any) -> None:
    with pytest.raises(OperationNotImplemented, match="master key"):
        await desk.import_("city", CITY, EncryptionKey={"Type": "KMS", "Id": "k"})


# --- files -----------------------------------------------------------------------------------------------------


async def test_a_file_is_given_in_the_format_that_is_asked_for(every_desk: Any) -> None:
    await every_desk.import_("city", CITY)
    for form in ("TMX", "TSV"):
        found = await every_desk.ask("GetTerminology", Name="city", TerminologyDataFormat=form)
        response = await every_desk.fetch(found["TerminologyDataLocation"])
        assert read(response.body, form).rows == read(CITY.encode(), "CSV").rows
        assert f'filename="city.{form.lower()}"' in dict(response.headers)["content-disposition"]
    await every_desk.import_("city", CITY, Directionality="MULTI")
    with pytest.raises(InvalidParameterValueException, match="format"):
        await every_desk.ask("GetTerminology", Name="city", TerminologyDataFormat="TMX")


async def test_a_link_ends_after_thirty_minutes_and_can_not_be_made_up(desk: Any) -> None:
    await desk.import_("city", CITY)
    location = (await desk.ask("GetTerminology", Name="city"))["TerminologyDataLocation"]
    desk.clock.time += 30 * 60 * 1_000_000
    await desk.fetch(location)
    desk.clock.time += 1
    with pytest.raises(RequestExpired):
        await desk.fetch(location)
    with pytest.raises(AccessDenied):
        await desk.fetch({"Location": "http://cloud.example/_marinelayer/terminology?bWFkZSB1cA"})


async def test_skipped_terms_are_counted_and_told(every_desk: Any) -> None:
    answer = await every_desk.import_("city", f"en,es\nscooter,patinete\nbroken\n{'x' * 201},y\na,b,c\n\n")
    assert answer["TerminologyProperties"]["TermCount"] == 1
    assert answer["TerminologyProperties"]["SkippedTermCount"] == 3
    told = (await every_desk.fetch(answer["AuxiliaryDataLocation"])).body.decode()
    assert [line.partition(":")[0] for line in told.splitlines()] == ["line 3", "line 4", "line 5"]
    assert "201 bytes" in told


async def test_files_are_not_stored_as_they_are(desk: Any) -> None:
    await desk.import_("city", CITY)
    name = TerminologyName("111122223333", "us-east-1", "city")
    _, stored, _ = await desk.tables.read(file_of, name)
    assert b"scooter" not in stored
    assert zlib.decompress(stored.partition(b"\0")[2]) == CITY.encode()


@pytest.mark.parametrize(
    ("file", "form", "said"),
    [
        ("", "CSV", "two languages"),
        ("en\nscooter\n", "CSV", "two languages"),
        ("en,xx\na,b\n", "CSV", "'xx'"),
        ("en,es,en\na,b,c\n", "CSV", "twice"),
        ("en,es\n", "CSV", "no terms"),
        ("en,es,fr,de,it,pt,nl,sv,da,fi,pl,cs\n" + "a," * 11 + "a", "CSV", "11 target languages"),
        ("en\tes\n", "TSV", "no terms"),
        ("<tmx>", "TMX", "not valid TMX"),
        ("<tmx><header srclang='en'/></tmx>", "TMX", "two supported languages"),
        ("<!DOCTYPE t [<!ENTITY a 'b'>]><tmx>&a;</tmx>", "TMX", "entities"),
    ],
)
async def test_a_file_that_is_no_terminology_is_refused(file: str, form: str, said: str, desk: Any) -> None:
    with pytest.raises(BadTerminologyError, match=said):
        read(file.encode(), form)
    with pytest.raises(InvalidParameterValueException, match=said):
        await desk.import_("city", file, form)


async def test_bytes_that_are_not_utf8_are_refused() -> None:
    with pytest.raises(BadTerminologyError, match="UTF-8"):
        read(b"en,es\n\xff,\xfe\n", "CSV")


async def test_a_mark_of_byte_order_and_quotes_are_read() -> None:
    glossary = read('﻿en,ES-mx\r\n"a ""b"", c",d\r\n'.encode(), "CSV")
    assert glossary.languages == ["en", "es-MX"]
    assert glossary.rows == [['a "b", c', "d"]]


async def test_tmx_is_read_without_markup_and_with_the_source_of_its_header() -> None:
    glossary = read(TMX.encode(), "TMX")
    assert glossary.languages == ["en", "es"]
    assert glossary.rows == [["scooter", "monopatín"]]
    assert glossary.skipped == ["unit 2: a term needs two languages at least", "language 'xx' is not supported"]
    assert read(written(glossary, "TMX"), "TMX").rows == glossary.rows


# --- tags ------------------------------------------------------------------------------------------------------


async def test_tags_are_set_changed_and_removed(every_desk: Any) -> None:
    await every_desk.import_("city", CITY, Tags=[{"Key": "team", "Value": "streets"}])
    added = [{"Key": "team", "Value": "parks"}, {"Key": "Team", "Value": "x"}]
    await every_desk.ask("TagResource", ResourceArn=ARN, Tags=added)
    assert (await every_desk.ask("ListTagsForResource", ResourceArn=ARN))["Tags"] == added
    await every_desk.ask("UntagResource", ResourceArn=ARN, TagKeys=["Team", "none"])
    assert (await every_desk.ask("ListTagsForResource", ResourceArn=ARN))["Tags"] == added[:1]


async def test_tags_have_their_rules(desk: Any) -> None:
    await desk.import_("city", CITY)
    many = [{"Key": f"k{number}", "Value": ""} for number in range(50)]
    await desk.ask("TagResource", ResourceArn=ARN, Tags=many)
    with pytest.raises(TooManyTagsException) as refused:
        await desk.ask("TagResource", ResourceArn=ARN, Tags=[{"Key": "one-more", "Value": ""}])
    assert refused.value.details == {"ResourceArn": ARN}
    for tags in ([{"Key": "aws:x", "Value": ""}], [{"Key": "a", "Value": ""}, {"Key": "a", "Value": "b"}]):
        with pytest.raises(InvalidParameterValueException):
            await desk.ask("TagResource", ResourceArn=ARN, Tags=tags)
    with pytest.raises(InvalidParameterValueException):
        await desk.ask("ListTagsForResource", ResourceArn="arn:aws:s3:::bucket")
    with pytest.raises(ResourceNotFoundException):
        await desk.ask("ListTagsForResource", ResourceArn=ARN.replace("us-east-1", "eu-west-1"))
