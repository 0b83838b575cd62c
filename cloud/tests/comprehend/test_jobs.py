"""Asynchronous jobs, with boto3 over a real socket and real engines."""

import json
import uuid
from typing import Any

import pytest

from marinelayer.services.comprehend import AT_ONCE
from marinelayer.services.comprehend.data_access import check_key
from marinelayer.services.comprehend.input_documents import InputDocument, lines_of, whole_file
from marinelayer.services.comprehend.jobs import RUN
from marinelayer.services.comprehend.redaction import redacted

from .office import Office, refused

PRAISE, BLAME = "Thank you, this is wonderful and was fixed fast.", "This is a terrible, ugly mess and I hate it."


def test_each_line_of_each_file_has_its_sentiment_in_the_output(office: Office) -> None:
    files = {"a.txt": f"{PRAISE}\n{BLAME}\r\n".encode(), "b.txt": PRAISE.encode()}
    lines = office.lines("sentiment_detection", files=files, LanguageCode="en")
    assert [(line["File"], line["Line"], line["Sentiment"]) for line in lines] == [
        ("a.txt", 0, "POSITIVE"),
        ("a.txt", 1, "NEGATIVE"),
        ("b.txt", 0, "POSITIVE"),
    ]
    alone = office.desk.comprehend.detect_sentiment(Text=BLAME, LanguageCode="en")
    assert lines[1]["SentimentScore"] == alone["SentimentScore"]


def test_each_file_is_a_document_where_that_is_said(office: Office) -> None:
    files = {"es": b"Hay basura por todas partes\na lo largo de la carretera.", "en": b"There is garbage\nhere."}
    lines = office.lines("dominant_language_detection", files=files, form="ONE_DOC_PER_FILE")
    assert [(line["File"], line["Languages"][0]["LanguageCode"]) for line in lines] == [("en", "en"), ("es", "es")]
    assert all("Line" not in line for line in lines)


def test_a_document_that_can_not_be_looked_at_is_a_line_with_its_error(office: Office) -> None:
    files = {"a": b"x" * 5001 + b"\n\xff\xfe\n\n" + PRAISE.encode()}
    lines = office.lines("sentiment_detection", files=files, LanguageCode="en")
    assert [line.get("ErrorCode") for line in lines] == [
        "DOCUMENT_SIZE_EXCEEDED",
        "UNSUPPORTED_ENCODING",
        "EMPTY_DOCUMENT",
        None,
    ]
    assert lines[0]["ErrorMessage"] == "Document size exceeds maximum size limit 5000 bytes."
    assert [line["Line"] for line in lines] == [0, 1, 2, 3]


def test_key_phrases_are_told_as_of_single_documents(office: Office) -> None:
    texts = ["The broken streetlight on Market Street flickers.", "Someone stole my bike near the library."]
    lines = office.lines("key_phrases_detection", files={"a": "\n".join(texts).encode()}, LanguageCode="en")
    alone = [office.desk.comprehend.detect_key_phrases(Text=text, LanguageCode="en")["KeyPhrases"] for text in texts]
    assert [line["KeyPhrases"] for line in lines] == alone
    assert [] != alone[0] != alone[1] != []


def test_documents_are_classified_by_a_custom_classifier(office: Office, desk: Any, material: Any) -> None:
    model = desk.trained(material.csv_of(material.complaints(15)))
    rows = material.complaints(10, seed=5)
    files = {"a": "\n".join(text for _, text in rows).encode()}
    lines = office.lines("document_classification", "predictions.jsonl", files=files, DocumentClassifierArn=model)
    assert [(line["File"], line["Line"]) for line in lines] == [("a", str(number)) for number in range(40)]
    right = sum(line["Classes"][0]["Name"] == label for line, (label, _) in zip(lines, rows, strict=True))
    assert right > 36
    start = desk.comprehend.start_document_classification_job
    assert refused(start, **office.request()) == "InvalidRequestException"
    other = model + "-other"
    assert refused(start, **office.request(DocumentClassifierArn=other)) == "ResourceNotFoundException"


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ({"PiiEntityTypes": ["EMAIL"], "MaskMode": "REPLACE_WITH_PII_ENTITY_TYPE"}, "Write to [EMAIL] today."),
        ({"PiiEntityTypes": ["EMAIL"], "MaskMode": "MASK", "MaskCharacter": "#"}, "Write to ############### today."),
        ({"PiiEntityTypes": ["SSN"], "MaskMode": "MASK"}, "Write to ann@example.org today."),
        ({"PiiEntityTypes": ["ALL"], "MaskMode": "MASK"}, "Write to *************** today."),
    ],
)
def test_what_identifies_people_is_redacted_into_a_file_of_its_own(
    office: Office, config: dict[str, Any], expected: str
) -> None:
    files = {"a.txt": b"Write to ann@example.org today.\nNothing here.\n"}
    chosen = {"LanguageCode": "en", "Mode": "ONLY_REDACTION", "RedactionConfig": config}
    number = office.start("pii_entities_detection", files=files, **chosen)
    found = office.ended("pii_entities_detection", number)
    assert found["JobStatus"] == "COMPLETED", found.get("Message")
    place = found["OutputDataConfig"]["S3Uri"]
    assert place == f"s3://{office.desk.bucket}/out/jobs/111122223333-PII-{number}/output/"
    assert office.desk.get(place + "a.txt.out").decode() == f"{expected}\nNothing here.\n"


def test_places_of_what_identifies_people_are_told_for_each_file(office: Office) -> None:
    files = {"a.txt": b"Write to ann@example.org today.", "b.txt": b"Nothing here."}
    number = office.start("pii_entities_detection", files=files, LanguageCode="en", Mode="ONLY_OFFSETS")
    place = office.ended("pii_entities_detection", number)["OutputDataConfig"]["S3Uri"]
    found = json.loads(office.desk.get(place + "a.txt.out"))
    assert (found["File"], found["Line"]) == ("a.txt", 0)
    assert [(one["Type"], one["BeginOffset"], one["EndOffset"]) for one in found["Entities"]] == [("EMAIL", 9, 24)]
    assert json.loads(office.desk.get(place + "b.txt.out"))["Entities"] == []
    start = office.desk.comprehend.start_pii_entities_detection_job
    redacting = {"LanguageCode": "en", "Mode": "ONLY_REDACTION"}
    assert refused(start, **office.request(**redacting)) == "InvalidRequestException"
    untold = office.request(**redacting, RedactionConfig={"MaskMode": "MASK"})
    assert refused(start, **untold) == "InvalidRequestException"


def test_files_of_one_name_in_two_folders_each_have_their_output(office: Office) -> None:
    files = {"x/a.txt": b"ann@example.org", "y/a.txt": b"Nothing here.", "b.txt": b"Nor here."}
    number = office.start("pii_entities_detection", files=files, LanguageCode="en", Mode="ONLY_OFFSETS")
    place = office.ended("pii_entities_detection", number)["OutputDataConfig"]["S3Uri"]
    found = {name: json.loads(office.desk.get(f"{place}{name}.out"))["Entities"] for name in files}
    assert {name: [one["Type"] for one in entities] for name, entities in found.items()} == {
        "x/a.txt": ["EMAIL"],
        "y/a.txt": [],
        "b.txt": [],
    }


def test_a_job_is_described_listed_and_found_by_its_name(office: Office) -> None:
    name = f"job {uuid.uuid4().hex[:8]}"
    files = {"a": PRAISE.encode()}
    number = office.start("sentiment_detection", files=files, LanguageCode="en", JobName=name)
    found = office.ended("sentiment_detection", number)
    assert found["JobArn"] == f"arn:aws:comprehend:us-east-1:111122223333:sentiment-detection-job/{number}"
    assert found["OutputDataConfig"]["S3Uri"] == (
        f"s3://{office.desk.bucket}/out/jobs/111122223333-SENTIMENT-{number}/output/output.tar.gz"
    )
    assert found["SubmitTime"] <= found["EndTime"]
    comprehend = office.desk.comprehend
    listed = comprehend.list_sentiment_detection_jobs(Filter={"JobName": name})["SentimentDetectionJobPropertiesList"]
    assert listed == [found]
    assert refused(comprehend.describe_sentiment_detection_job, JobId="0" * 32) == "JobNotFoundException"
    assert refused(comprehend.describe_key_phrases_detection_job, JobId=number) == "JobNotFoundException"
    assert refused(comprehend.stop_sentiment_detection_job, JobId=number) == "InvalidRequestException"


def test_a_job_says_how_its_input_was_read_where_that_was_left_open(office: Office) -> None:
    request = office.request(files={"a": PRAISE.encode()}, LanguageCode="en")
    del request["InputDataConfig"]["InputFormat"]
    number = office.desk.comprehend.start_sentiment_detection_job(**request)["JobId"]
    assert office.ended("sentiment_detection", number)["InputDataConfig"]["InputFormat"] == "ONE_DOC_PER_LINE"


def test_a_job_is_stopped_on_its_way(office: Office) -> None:
    files = {"a": f"{BLAME}\n".encode() * 20_000}
    busy = [office.start("sentiment_detection", files=files, LanguageCode="en") for _ in range(AT_ONCE[RUN])]
    waiting = office.start("sentiment_detection", files={"a": PRAISE.encode()}, LanguageCode="en")
    stop = office.desk.comprehend.stop_sentiment_detection_job
    assert {stop(JobId=one)["JobStatus"] for one in (waiting, *busy)} == {"STOP_REQUESTED"}
    for one in (*busy, waiting):
        found = office.ended("sentiment_detection", one)
        assert found["JobStatus"] == "STOPPED"
    with pytest.raises(office.desk.s3.exceptions.NoSuchKey):
        office.desk.get(office.ended("sentiment_detection", waiting)["OutputDataConfig"]["S3Uri"])
    assert stop(JobId=waiting)["JobStatus"] == "STOPPED"


def test_a_role_that_may_not_read_or_write_fails_the_job(office: Office) -> None:
    def message(**further: Any) -> str:
        number = office.start("sentiment_detection", LanguageCode="en", files={"a": PRAISE.encode()}, **further)
        found = office.ended("sentiment_detection", number)
        assert found["JobStatus"] == "FAILED"
        return found["Message"].partition(":")[0]

    assert message(DataAccessRoleArn=office.desk.new_role(read="other/*")) == "NO_READ_ACCESS_TO_INPUT"
    assert message(DataAccessRoleArn=office.desk.new_role("s3.amazonaws.com")) == "NO_READ_ACCESS_TO_INPUT"
    assert message(DataAccessRoleArn=office.desk.new_role(write="other/*")) == "NO_WRITE_ACCESS_TO_OUTPUT"


def test_languages_without_an_engine_and_what_is_not_served_are_refused_at_once(office: Office) -> None:
    comprehend = office.desk.comprehend
    start = comprehend.start_sentiment_detection_job
    assert refused(start, **office.request(LanguageCode="ja")) == "UnsupportedLanguageException"
    assert refused(start, **office.request(LanguageCode="en", VolumeKmsKeyId="k")) == "NotImplemented"
    flywheel = "arn:aws:comprehend:us-east-1:111122223333:flywheel/f"
    assert refused(comprehend.start_document_classification_job, **office.request(FlywheelArn=flywheel)) == (
        "NotImplemented"
    )
    events = office.request(LanguageCode="en", TargetEventTypes=["BANKRUPTCY"])
    assert refused(comprehend.start_events_detection_job, **events) == "NotImplemented"


def test_the_same_request_with_the_same_token_makes_one_job(office: Office) -> None:
    request = office.request(files={"a": PRAISE.encode()}, LanguageCode="en", ClientRequestToken=uuid.uuid4().hex)
    start = office.desk.comprehend.start_sentiment_detection_job
    assert start(**request)["JobId"] == start(**request)["JobId"]


@pytest.mark.parametrize("key", ["no key at all", "alias/", "arn:aws:s3:::bucket", "a" * 257])
def test_a_key_that_can_be_none_is_refused_before_the_job_begins(office: Office, key: str) -> None:
    request = office.request(LanguageCode="en")
    request["OutputDataConfig"]["KmsKeyId"] = key
    start = office.desk.comprehend.start_sentiment_detection_job
    assert refused(start, **request) == "KmsKeyValidationException"


@pytest.mark.parametrize(
    "key",
    [
        "1234abcd-12ab-34cd-56ef-1234567890ab",
        "arn:aws:kms:us-west-2:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab",
        "alias/ExampleAlias",
        "arn:aws:kms:us-west-2:111122223333:alias/ExampleAlias",
    ],
)
def test_every_documented_form_of_a_key_is_taken(key: str) -> None:
    check_key({"S3Uri": "s3://letters/a", "KmsKeyId": key})


async def _pieces(data: bytes, size: int) -> Any:
    for at in range(0, len(data), size):
        yield data[at : at + size]


@pytest.mark.parametrize("size", [1, 2, 3, 100])
async def test_lines_end_with_lf_cr_or_both_however_the_bytes_come(size: int) -> None:
    data = "a\r\nbé\rc\n\nlonger than six\nd".encode()
    found = [one async for one in lines_of("f", _pieces(data, size), 6)]
    assert [(one.line, one.text, one.error) for one in found] == [
        (0, "a", ""),
        (1, "bé", ""),
        (2, "c", ""),
        (3, "", "EMPTY_DOCUMENT"),
        (4, "", "DOCUMENT_SIZE_EXCEEDED"),
        (5, "d", ""),
    ]
    assert [one.text async for one in lines_of("f", _pieces(b"a\n", size), 6)] == ["a"]
    assert await whole_file("f", _pieces(b"a\nb", size), 6) == InputDocument(file="f", line=None, text="a\nb")
    assert (await whole_file("f", _pieces(data, size), 6)).error == "DOCUMENT_SIZE_EXCEEDED"


def test_entities_that_overlap_are_masked_together() -> None:
    found = [
        {"Type": "NAME", "BeginOffset": 0, "EndOffset": 3},
        {"Type": "EMAIL", "BeginOffset": 2, "EndOffset": 5},
    ]
    assert redacted("abcdefg", found, {"MaskMode": "MASK"}) == "*****fg"
    assert redacted("abcdefg", found, {"MaskMode": "REPLACE_WITH_PII_ENTITY_TYPE"}) == "[NAME][EMAIL]fg"
    assert redacted("abcdefg", found, {"PiiEntityTypes": ["EMAIL"]}) == "ab***fg"


@pytest.mark.parametrize("letters", ["👩🏽\u200d🦱 ", "Jose\u0301 ", "🇲🇽🇲🇽", "漢字 "])
def test_a_mask_has_as_many_code_points_as_what_it_hides(letters: str) -> None:
    text = f"{letters}619-555-0142{letters}"
    places = [{"BeginOffset": len(letters), "EndOffset": len(letters) + 12, "Type": "PHONE"}]
    wanted = {"PiiEntityTypes": ["PHONE"]}
    assert redacted(text, places, wanted) == f"{letters}{'*' * 12}{letters}"
    replaced = redacted(text, places, wanted | {"MaskMode": "REPLACE_WITH_PII_ENTITY_TYPE"})
    assert replaced == f"{letters}[PHONE]{letters}"
