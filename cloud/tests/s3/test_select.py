"""SelectObjectContent: as boto3 sees it over a socket, and as events beside a held clock."""

from __future__ import annotations

import bz2
import gzip
import os
from collections.abc import AsyncGenerator, Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest
from botocore.exceptions import ClientError, EventStreamError

from marinelayer.ports import EngineBusyError, EngineFailedError, Selected, SelectionError, StoredBytes
from marinelayer.protocol.s3_select.formats import Formats
from marinelayer.services.s3.select import ObjectSelections

MIB = 1024 * 1024
CSV = b'name,age,city\nann,30,"A, b"\nbob,4,C\ncid,50\n'
USE = {"CSV": {"FileHeaderInfo": "USE"}}
Ask = Callable[..., tuple[bytes, list[str], dict[str, int]]]


@pytest.fixture
def api(client: Callable[..., Any]) -> Any:
    return client("s3")


def request(bucket: str, expression: str = "SELECT * FROM S3Object", **more: Any) -> dict[str, Any]:
    """A request for CSV of CSV, but for `more`."""
    return {
        "Bucket": bucket,
        "Key": "people.csv",
        "Expression": expression,
        "ExpressionType": "SQL",
        "InputSerialization": {"CSV": {}},
        "OutputSerialization": {"CSV": {}},
        **more,
    }


@pytest.fixture
def ask(api: Any, bucket: str) -> Ask:
    """Ask of an object of these bytes: the records, the kinds of events in their order, and the statistics."""

    def put_and_select(body: bytes, expression: str, **more: Any) -> tuple[bytes, list[str], dict[str, int]]:
        api.put_object(Bucket=bucket, Key="people.csv", Body=body)
        return heard(api.select_object_content(**request(bucket, expression, **more)))

    return put_and_select


def heard(answer: dict[str, Any]) -> tuple[bytes, list[str], dict[str, int]]:
    records, kinds, stats = b"", list[str](), dict[str, int]()
    for event in answer["Payload"]:
        kinds += event
        records += event.get("Records", {}).get("Payload", b"")
        stats = event.get("Stats", {}).get("Details", stats)
    return records, kinds, stats


def refused(call: Callable[[], Any]) -> tuple[int, str, str]:
    """Status, code and message by which a call is refused."""
    with pytest.raises(ClientError) as caught:
        call()
    response: Any = caught.value.response
    return (
        response["ResponseMetadata"]["HTTPStatusCode"], response["Error"]["Code"], response["Error"]["Message"],
    )  # fmt: skip


def test_what_a_customers_key_encrypts_is_queried_with_that_key(api: Any, bucket: str) -> None:
    key = {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": "k" * 32}
    api.put_object(Bucket=bucket, Key="people.csv", Body=CSV, **key)
    assert heard(api.select_object_content(**request(bucket), **key))[0].startswith(b"name,age,city")
    assert refused(lambda: api.select_object_content(**request(bucket)))[:2] == (400, "InvalidRequest")


def test_a_query_is_answered_by_a_stream_of_events(ask: Ask) -> None:
    records, kinds, stats = ask(CSV, "SELECT s.name FROM S3Object s WHERE s.age = '30'", InputSerialization=USE)
    assert records == b"ann\n"
    assert kinds == ["Records", "Stats", "End"]
    assert stats == {"BytesScanned": len(CSV), "BytesProcessed": len(CSV), "BytesReturned": 4}


def test_progress_is_told_where_it_is_asked_for(ask: Ask) -> None:
    _, kinds, _ = ask(CSV, "SELECT * FROM S3Object", RequestProgress={"Enabled": True})
    assert kinds == ["Records", "Progress", "Stats", "End"]
    records, kinds, _ = ask(CSV, "SELECT * FROM S3Object WHERE _1 = 'nobody'")
    assert (records, kinds) == (b"", ["Stats", "End"])


def test_the_answer_is_an_event_stream_sent_in_chunks(api: Any, bucket: str) -> None:
    api.put_object(Bucket=bucket, Key="people.csv", Body=CSV)
    answer = api.select_object_content(**request(bucket))
    headers = answer["ResponseMetadata"]["HTTPHeaders"]
    assert headers["content-type"] == "application/vnd.amazon.eventstream"
    assert headers["transfer-encoding"] == "chunked"
    assert headers["x-amz-request-id"]
    assert heard(answer)[0] == CSV


@pytest.mark.parametrize(
    ("options", "body"),
    [({"CompressionType": "GZIP"}, gzip.compress(CSV, mtime=0)), ({"CompressionType": "BZIP2"}, bz2.compress(CSV))],
)
def test_compressed_objects_are_read(ask: Ask, options: dict[str, Any], body: bytes) -> None:
    source = {**USE, **options}
    records, _, stats = ask(
        body,
        "SELECT SUM(CAST(s.age AS INT)) FROM S3Object s",
        InputSerialization=source,
        OutputSerialization={"JSON": {}},
    )
    assert records == b'{"_1":84}\n'
    assert (stats["BytesScanned"], stats["BytesProcessed"]) == (len(body), len(CSV))


def test_delimiters_that_xml_could_lose_arrive(ask: Ask) -> None:
    source = {"CSV": {"FieldDelimiter": "\t", "RecordDelimiter": "\r\n", "QuoteCharacter": "'"}}
    output = {"CSV": {"FieldDelimiter": "&", "RecordDelimiter": "<\n", "QuoteFields": "ALWAYS"}}
    records, _, _ = ask(
        b"'a\tb'\tc\r\nd\te\r\n", "SELECT * FROM S3Object", InputSerialization=source, OutputSerialization=output
    )
    assert records == b'"a\tb"&"c"<\n"d"&"e"<\n'


def test_json_and_parquet_are_read(ask: Ask, tmp_path: Path) -> None:
    source: dict[str, Any] = {"JSON": {"Type": "DOCUMENT"}}
    records, _, _ = ask(
        b'{"Rules":[{"id":"1"},{"x":2}]}', "SELECT id FROM S3Object[*].Rules[*].id",
        InputSerialization=source, OutputSerialization={"JSON": {}},
    )  # fmt: skip
    assert records == b'{"id":"1"}\n{}\n'
    path = tmp_path / "t.parquet"
    with duckdb.connect() as engine:
        engine.execute(f"COPY (SELECT i AS id FROM range(5000) r(i)) TO '{path}'")
    records, _, _ = ask(
        path.read_bytes(), "SELECT id FROM S3Object WHERE id > 4997", InputSerialization={"Parquet": {}}
    )
    assert records == b"4998\n4999\n"


def test_an_object_uploaded_in_parts_is_read_across_them(api: Any, bucket: str) -> None:
    lines = b"".join(b"%d,%s\n" % (number, b"x" * 90) for number in range(120_000))
    upload = api.create_multipart_upload(Bucket=bucket, Key="people.csv")["UploadId"]
    parts = []
    for number, begin in enumerate(range(0, len(lines), 5 * MIB + 7), 1):
        part = api.upload_part(
            Bucket=bucket, Key="people.csv", UploadId=upload, PartNumber=number, Body=lines[begin : begin + 5 * MIB + 7]
        )
        parts.append({"PartNumber": number, "ETag": part["ETag"]})
    api.complete_multipart_upload(Bucket=bucket, Key="people.csv", UploadId=upload, MultipartUpload={"Parts": parts})
    records, _, stats = heard(api.select_object_content(**request(bucket, "SELECT SUM(CAST(_1 AS INT)) FROM S3Object")))
    assert records == b"%d\n" % sum(range(120_000))
    assert stats["BytesScanned"] == len(lines)
    scan = {"Start": 6 * MIB, "End": 6 * MIB + 200}
    records, _, stats = heard(api.select_object_content(**request(bucket, ScanRange=scan)))
    begin = lines.index(b"\n", 6 * MIB - 1) + 1
    assert records == lines[begin : lines.index(b"\n", 6 * MIB + 200) + 1]
    assert stats["BytesScanned"] < 6 * MIB


def test_a_failure_behind_the_first_records_is_told_in_the_stream(ask: Ask, api: Any, bucket: str) -> None:
    body = b"".join(b"%d,%s\n" % (number, b"x" * 90) for number in range(40_000)) + b"last,one\n"
    api.put_object(Bucket=bucket, Key="people.csv", Body=body)
    answer = api.select_object_content(**request(bucket, "SELECT CAST(_1 AS INT) + 0 FROM S3Object"))
    seen: list[bytes] = []
    with pytest.raises(EventStreamError, match="CastFailed") as caught:
        seen.extend(event["Records"]["Payload"] for event in answer["Payload"])
    answer["Payload"].close()
    assert seen[0].startswith(b"0\n1\n")
    error: Any = caught.value.response["Error"]
    assert error["Message"] == (
        "An attempt to convert from one data type to another using CAST failed in the SQL expression."
    )
    # The connection is none the worse for it.
    assert ask(CSV, "SELECT COUNT(*) FROM S3Object")[0] == b"4\n"


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"Expression": "SELECT * FROM S3Object ORDER BY _1"}, "ParseUnexpectedToken"),
        ({"Expression": "DROP TABLE S3Object"}, "ParseUnsupportedSyntax"),
        ({"Expression": "SELECT CAST(_1 AS INT) FROM S3Object"}, "CastFailed"),
        ({"Expression": "SELECT '" + "x" * 262_144 + "' FROM S3Object"}, "ExpressionTooLong"),
        ({"Expression": " "}, "MissingRequiredParameter"),
        ({"ExpressionType": "PARTIQL"}, "InvalidExpressionType"),
        ({"InputSerialization": {}}, "MissingRequiredParameter"),
        ({"InputSerialization": {"CSV": {}, "Parquet": {}}}, "ObjectSerializationConflict"),
        ({"InputSerialization": {"CSV": {"FileHeaderInfo": "MAYBE"}}}, "InvalidFileHeaderInfo"),
        ({"InputSerialization": {"CSV": {"FieldDelimiter": "::"}}}, "InvalidRequestParameter"),
        ({"InputSerialization": {"CSV": {"FieldDelimiter": '"'}}}, "InvalidRequestParameter"),
        ({"InputSerialization": {"CSV": {}, "CompressionType": "ZSTD"}}, "InvalidCompressionFormat"),
        ({"InputSerialization": {"CSV": {}, "CompressionType": "GZIP"}}, "InvalidCompressionFormat"),
        ({"InputSerialization": {"JSON": {"Type": "LINE"}}}, "InvalidJsonType"),
        ({"InputSerialization": {"JSON": {}}}, "InvalidJsonType"),
        ({"InputSerialization": {"JSON": {"Type": "LINES"}}}, "JSONParsingError"),
        ({"OutputSerialization": {"CSV": {"QuoteFields": "NEVER"}}}, "InvalidQuoteFields"),
        ({"OutputSerialization": {}}, "MissingRequiredParameter"),
        ({"ScanRange": {}}, "InvalidScanRange"),
        ({"ScanRange": {"Start": 5, "End": 4}}, "InvalidScanRange"),
        (
            {"ScanRange": {"End": 5}, "InputSerialization": {"CSV": {}, "CompressionType": "GZIP"}},
            "UnsupportedScanRangeInput",
        ),
        ({"Key": "nobody.csv"}, "NoSuchKey"),
        ({"Bucket": "no-such-bucket-at-all"}, "NoSuchBucket"),
    ],
)
def test_what_can_be_refused_at_once_is_refused_as_any_request(
    api: Any, bucket: str, changed: dict[str, Any], code: str
) -> None:
    api.put_object(Bucket=bucket, Key="people.csv", Body=CSV)
    status, found, message = refused(lambda: api.select_object_content(**{**request(bucket), **changed}))
    assert (status, found) == (404 if code.startswith("NoSuch") else 400, code)
    assert message


def test_messages_say_where_the_fault_is(api: Any, bucket: str) -> None:
    api.put_object(Bucket=bucket, Key="people.csv", Body=CSV)
    asked = request(bucket, "SELECT *\nFROM S3OBJECT s WHERE s.'odd' = 1")
    assert refused(lambda: api.select_object_content(**asked)) == (
        400,
        "ParseInvalidPathComponent",
        "Invalid Path component, expecting either an IDENTIFIER or STAR, got: LITERAL,at line 2, column 25.",
    )


@pytest.mark.parametrize(
    ("storage_class", "answer"),
    [
        ("GLACIER", (403, "InvalidObjectState")),
        ("DEEP_ARCHIVE", (403, "InvalidObjectState")),
        ("REDUCED_REDUNDANCY", (400, "UnsupportedStorageClass")),
    ],
)
def test_classes_that_can_not_be_queried_are_refused(
    api: Any, bucket: str, storage_class: str, answer: tuple[int, str]
) -> None:
    api.put_object(Bucket=bucket, Key="people.csv", Body=CSV, StorageClass=storage_class)
    assert refused(lambda: api.select_object_content(**request(bucket)))[:2] == answer


def test_a_bucket_of_another_owner_and_a_key_that_fits_nothing_are_refused(api: Any, bucket: str) -> None:
    api.put_object(Bucket=bucket, Key="people.csv", Body=CSV)
    asked = request(bucket, ExpectedBucketOwner="999988887777")
    assert refused(lambda: api.select_object_content(**asked))[:2] == (403, "AccessDenied")


def test_clients_that_leave_leave_nothing_running(ask: Ask, api: Any, bucket: str) -> None:
    api.put_object(Bucket=bucket, Key="large.csv", Body=os.urandom(3 * MIB).hex().encode() * 3)
    rows = b"".join(b"%d,%s\n" % (number, b"x" * 90) for number in range(150_000))
    api.put_object(Bucket=bucket, Key="people.csv", Body=rows)
    for _ in range(6):  # more than there are workers
        answer = api.select_object_content(**request(bucket))
        next(iter(answer["Payload"]))
        answer["Payload"].close()
    assert ask(CSV, "SELECT COUNT(*) FROM S3Object")[0] == b"4\n"


# --- events beside a held clock -------------------------------------------------------------------------------


class Scripted:
    """A selector that does what it is told: numbers are seconds that pass, errors are raised, bytes are records."""

    def __init__(self, clock: Any, *steps: float | bytes | Exception) -> None:
        self._clock = clock
        self._steps = steps
        self.closed = False
        self.read = b""

    async def select(self, expression: str, formats: Formats, data: StoredBytes) -> AsyncGenerator[Selected]:
        try:
            async for piece in data.read_from(2):
                self.read += piece
            for number, step in enumerate(self._steps, 1):
                if isinstance(step, Exception):
                    raise step
                if isinstance(step, bytes):
                    yield Selected(records=step, scanned=number, processed=2 * number)
                else:
                    self._clock.forward(step)
                    yield Selected(records=b"", scanned=number, processed=2 * number)
        finally:
            self.closed = True


async def events(s3: Any, *steps: float | bytes | Exception, progress: bool = False) -> list[dict[str, Any]]:
    """The events of a query that goes like this."""
    selector = Scripted(s3.clock, *steps)
    noun = ObjectSelections(s3.tables, s3.files, s3.keys, s3.clock, selector)
    await s3("PutObject", Bucket="photos", Key="people.csv", Body=b"0123456789")
    asked: Any = request("photos", RequestProgress={"Enabled": progress})
    try:
        answer = await noun.select(s3.caller(), asked)
        return [event async for event in answer["Payload"]]
    finally:
        assert selector.closed
        assert selector.read == b"23456789"


def details(scanned: int, returned: int) -> dict[str, Any]:
    return {"Details": {"BytesScanned": scanned, "BytesProcessed": 2 * scanned, "BytesReturned": returned}}


async def test_progress_comes_once_a_second(s3: Any) -> None:
    assert await events(s3, b"a", 0.5, 0.6, 0.2, b"bc", progress=True) == [
        {"Records": {"Payload": b"a"}},
        {"Progress": details(3, 1)},
        {"Records": {"Payload": b"bc"}},
        {"Progress": details(5, 3)},
        {"Stats": details(5, 3)},
        {"End": {}},
    ]


async def test_a_long_silence_is_broken(s3: Any) -> None:
    found = await events(s3, 3, 3, 3, b"a", 4)
    assert [next(iter(event)) for event in found] == ["Cont", "Records", "Stats", "End"]


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (SelectionError("CastFailed"), "CastFailed"),
        (EngineBusyError("16 tasks wait"), "Busy"),
        (EngineFailedError("it broke"), "InternalError"),
    ],
)
async def test_failures_are_s3s(s3: Any, error: Exception, code: str) -> None:
    with s3.refused(code):
        await events(s3, error)
    with s3.refused(code):
        await events(s3, b"a", error)
