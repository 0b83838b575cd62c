"""Documents that ClassifyDocument is given as bytes: Word files with boto3 over a real socket, pictures before a reader
that sees what it is told to."""

import io
import json
import zipfile
from typing import Any, cast

import pytest
from botocore.exceptions import ClientError

from marinelayer.engines.documents.documents_task import texts
from marinelayer.model.errors import AccessDenied, OperationNotImplemented
from marinelayer.ports import BadImageError, Caller, Engine, SeenText, Texts
from marinelayer.security.identity import ANONYMOUS_IDENTITY
from marinelayer.security.requirement import Requirement
from marinelayer.services.comprehend.errors import InvalidRequestException
from marinelayer.services.comprehend.given_documents import GivenDocuments, kind_of, plain_page

CORNERS = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))
PICTURE = b"\x89PNG\r\n\x1a\n..."


def word(*paragraphs: str) -> bytes:
    """A Word file."""
    body = "".join(f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>" for text in paragraphs)
    place = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("word/document.xml", f'<w:document xmlns:w="{place}"><w:body>{body}</w:body></w:document>')
    return file.getvalue()


def textract(*lines: str, version: str = "DetectDocumentTextModelVersion", pages: int = 1) -> bytes:
    """What Textract answers of a page."""
    blocks: list[dict[str, Any]] = [{"BlockType": "PAGE", "Id": "p", "Page": 1}]
    blocks += [{"BlockType": "LINE", "Id": f"l{n}", "Page": 1, "Text": line} for n, line in enumerate(lines)]
    blocks += [{"BlockType": "WORD", "Id": "w", "Page": 1, "Text": "word"}]
    return json.dumps({"DocumentMetadata": {"Pages": pages}, "Blocks": blocks, version: "1.0"}).encode()


class Reader:
    """Sees two lines in each picture."""

    async def read(self, image: bytes, *, enough: int | None = None) -> Texts:
        if image.endswith(b"torn"):
            raise BadImageError("no picture")
        lines = tuple(SeenText(text=text, confidence=99, corners=CORNERS) for text in ("a pothole", "in the road"))
        return Texts(lines=lines, engine=Engine(name="Reader", version="1"))


class DocumentsHere:
    async def texts(self, document: bytes, media_type: str) -> Any:
        return texts(document, media_type)

    async def with_texts(self, document: bytes, media_type: str, texts: Any, language: str = "") -> bytes:
        raise NotImplementedError


class Allowing:
    """Lets a caller do everything but `denied`."""

    def __init__(self, denied: str = "") -> None:
        self._denied = denied

    async def demand(self, requirement: Requirement) -> None:
        if requirement.action == self._denied:
            raise AccessDenied


async def page(data: bytes, denied: str = "", **config: Any) -> Any:
    caller = Caller(
        identity=ANONYMOUS_IDENTITY,
        account="1" * 12,
        region="us-east-1",
        request_id="r",
        authoriser=cast("Any", Allowing(denied)),
    )
    return await GivenDocuments(DocumentsHere(), Reader()).page(caller, data, config, "ClassifyDocument")


async def reason(data: bytes, **further: Any) -> Any:
    with pytest.raises(InvalidRequestException) as refused:
        await page(data, **further)
    assert refused.value.details["Reason"] == "INVALID_DOCUMENT"
    return cast("Any", refused.value.details["Detail"])["Reason"]


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"plain", "PLAIN_TEXT"),
        (b'{"a": 1}', "PLAIN_TEXT"),
        (b'{"a": ', "PLAIN_TEXT"),
        (PICTURE, "IMAGE"),
        (b"\xff\xd8\xff\xe0", "IMAGE"),
        (word("a"), "MS_WORD"),
        (textract("a"), "TEXTRACT_DETECT_DOCUMENT_TEXT_JSON"),
        (textract("a", version="AnalyzeDocumentModelVersion"), "TEXTRACT_ANALYZE_DOCUMENT_JSON"),
        (b"%PDF-1.7", ""),
    ],
)
def test_what_a_document_is_is_told_by_its_bytes(data: bytes, kind: str) -> None:
    assert kind_of(data) == kind


async def test_the_text_of_each_kind_is_read() -> None:
    assert (await page("é plain".encode())).text == "é plain"
    assert (await page(word("a pothole", "on Oak Street"))).text == "a pothole\non Oak Street"
    assert (await page(textract("a pothole", "on Oak Street"))).text == "a pothole\non Oak Street"
    assert (await page(PICTURE)).text == "a pothole\nin the road"


async def test_what_can_not_be_read_is_refused_with_its_reason() -> None:
    assert await reason(b"\x00\xff") == "UNSUPPORTED_DOC_TYPE"
    assert await reason(b"PK\x03\x04 torn") == "INVALID_DOCUMENT"
    assert await reason(PICTURE + bytes(10 << 20)) == "DOCUMENT_SIZE_EXCEEDED"
    assert await reason(textract("a", pages=2)) == "PAGE_LIMIT_EXCEEDED"
    assert await reason(b'{"Blocks": [{}], "DocumentMetadata": {"Pages": 1}}') == "NOT_TEXTRACT_JSON"
    assert await reason(b'{"Blocks": [], "DocumentMetadata": 1}') == "NOT_TEXTRACT_JSON"
    assert await reason(PICTURE, denied="textract:DetectDocumentText") == "TEXTRACT_ACCESS_DENIED"


async def test_a_page_that_can_not_be_read_is_an_error_of_the_page() -> None:
    torn, long = await page(PICTURE + b"torn"), await page(word("x" * 10_001))
    assert torn.told["Errors"] == [{"Page": 1, "ErrorCode": "TEXTRACT_BAD_PAGE", "ErrorMessage": "no picture"}]
    assert long.told["Errors"][0]["ErrorCode"] == "PAGE_CHARACTERS_EXCEEDED"
    assert "Errors" not in (await page(word("x" * 10_000))).told


async def test_what_is_not_read_here_is_not_made_up() -> None:
    analysing = {"DocumentReadAction": "TEXTRACT_ANALYZE_DOCUMENT", "FeatureTypes": ["TABLES"]}
    for data, config in ((b"%PDF-1.7", {}), (b"II*\0", {}), (PICTURE, analysing)):
        with pytest.raises(OperationNotImplemented):
            await page(data, **config)
    assert (await page(b"plain", **analysing)).text == "plain"
    with pytest.raises(InvalidRequestException, match="FeatureTypes"):
        await page(b"plain", DocumentReadAction="TEXTRACT_ANALYZE_DOCUMENT")
    with pytest.raises(OperationNotImplemented):
        plain_page(word("a"), "DetectEntities")


def test_word_files_and_what_textract_answered_are_classified_as_their_text(desk: Any, material: Any) -> None:
    endpoint = desk.endpoint(desk.trained(material.csv_of(material.complaints(15))))
    classify = desk.comprehend.classify_document
    text = "the lamp flickers,\nand all is dark"
    alone = classify(Text=text, EndpointArn=endpoint)["Classes"]
    for data, kind in (
        (word(*text.split("\n")), "MS_WORD"),
        (textract(*text.split("\n")), "TEXTRACT_DETECT_DOCUMENT_TEXT_JSON"),
    ):
        answer = classify(Bytes=data, EndpointArn=endpoint)
        assert answer["Classes"] == [{**one, "Page": 1} for one in alone]
        assert answer["DocumentType"] == [{"Page": 1, "Type": kind}]
        assert answer["DocumentMetadata"] == {"Pages": 1, "ExtractedCharacters": [{"Page": 1, "Count": len(text)}]}
        (warning,) = answer["Warnings"]
        assert warning["WarnCode"] == "INFERENCING_NATIVE_DOCUMENT_WITH_PLAINTEXT_TRAINED_MODEL"
    other = classify(Bytes=word("a mattress and trash, dumped"), EndpointArn=endpoint)["Classes"]
    assert other[0]["Name"] == "DUMPING"
    long = classify(Bytes=word("x" * 10_001), EndpointArn=endpoint)
    assert ("Classes" in long, long["Errors"][0]["ErrorCode"]) == (False, "PAGE_CHARACTERS_EXCEEDED")
    with pytest.raises(ClientError) as refused:
        classify(Bytes=b"PK\x03\x04 torn", EndpointArn=endpoint)
    told: Any = refused.value.response
    assert told["Error"]["Code"] == "InvalidRequestException"
    assert (told["Reason"], told["Detail"]) == ("INVALID_DOCUMENT", {"Reason": "INVALID_DOCUMENT"})
