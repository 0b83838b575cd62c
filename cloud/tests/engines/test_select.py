"""Queries over objects, run as a worker runs them: S3 Select's dialect, its formats, and what it may not reach."""

from __future__ import annotations

import bz2
import csv
import gzip
import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from marinelayer.engines.select.sandbox import locked
from marinelayer.engines.select.select_task import open_task
from marinelayer.model.errors import ServiceError
from marinelayer.ports import SelectionError
from marinelayer.protocol.s3_select.formats import formats_text, read_formats

CSV = b'name,age,city\nann,30,"A, b"\nbob,4,C\n\n#dan,9,E\ncid,50\n'
USE = {"CSV": {"FileHeaderInfo": "USE"}}
NONE = {"CSV": {}}
LINES = {"JSON": {"Type": "LINES"}}
DOCUMENT = {"JSON": {"Type": "DOCUMENT"}}
TASK = open_task({})
AS_CSV = {"CSV": {}}
AS_JSON = {"JSON": {}}


class Given:
    """The cloud as a task sees it, with an object of these bytes, given in pieces of `size`."""

    def __init__(self, data: bytes, size: int = 1 << 20) -> None:
        self._data = data
        self._size = size
        self.told: list[bytes] = []
        self.counts: Mapping[str, Any] = {}
        self.asked = 0

    def ask(self, header: Mapping[str, Any]) -> bytes:
        self.asked += 1
        return self._data[header["offset"] : header["offset"] + self._size]

    def tell(self, header: Mapping[str, Any], payload: bytes) -> None:
        self.counts = header
        self.told.append(payload)


def talked(
    data: bytes,
    expression: str,
    source: Mapping[str, Any],
    output: Mapping[str, Any] = AS_CSV,
    *,
    size: int = 1 << 20,
    **more: Any,
) -> Given:
    """What a task tells of a query."""
    formats = read_formats({"InputSerialization": source, "OutputSerialization": output, **more})
    talk = Given(data, size)
    request = {"expression": expression, "formats": formats_text(formats), "size": len(data)}
    TASK.converse(request, talk)
    return talk


def found(
    data: bytes, expression: str, source: Mapping[str, Any], output: Mapping[str, Any] = AS_CSV, **more: Any
) -> str:
    """The records that a query finds."""
    return b"".join(talked(data, expression, source, output, **more).told).decode()


def value(expression: str, data: bytes = CSV, source: Mapping[str, Any] = USE) -> str:
    """The value of an expression over the first record."""
    return found(data, f"SELECT {expression} FROM S3Object s LIMIT 1", source).removesuffix("\n")


def refused(code: str, *arguments: Any, **more: Any) -> SelectionError | ServiceError:
    """The error by which a query is refused."""
    with pytest.raises((SelectionError, ServiceError)) as caught:
        found(*arguments, **more)
    assert caught.value.code == code
    return caught.value


# --- CSV ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "expression", "expected"),
    [
        ("NONE", "SELECT * FROM S3Object", 'name,age,city\nann,30,"A, b"\nbob,4,C\ncid,50\n'),
        ("IGNORE", "SELECT s._1 FROM S3Object s", "ann\nbob\ncid\n"),
        ("USE", "SELECT s.NAME, s._2 FROM S3Object s", "ann,30\nbob,4\ncid,50\n"),
        ("USE", 'SELECT "city" FROM S3Object', '"A, b"\nC\n\n'),
    ],
)
def test_columns_are_found_by_header_or_place(header: str, expression: str, expected: str) -> None:
    assert found(CSV, expression, {"CSV": {"FileHeaderInfo": header}}) == expected


def test_a_header_names_the_members_of_json() -> None:
    assert found(CSV, "SELECT * FROM S3Object LIMIT 1", USE, AS_JSON) == '{"name":"ann","age":"30","city":"A, b"}\n'
    assert found(CSV, "SELECT * FROM S3Object LIMIT 1", NONE, AS_JSON) == '{"_1":"name","_2":"age","_3":"city"}\n'


@pytest.mark.parametrize(
    ("header", "expression", "code"),
    [
        ("USE", "SELECT s.nope FROM S3Object s", "MissingHeaders"),
        ("USE", 'SELECT s."NAME" FROM S3Object s', "MissingHeaders"),
        ("NONE", "SELECT s.name FROM S3Object s", "InvalidColumnIndex"),
        ("NONE", "SELECT s._0 FROM S3Object s", "InvalidColumnIndex"),
        ("NONE", "SELECT * FROM S3Object[*].a s", "InvalidKeyPath"),
    ],
)
def test_columns_that_are_not_there_are_refused(header: str, expression: str, code: str) -> None:
    refused(code, CSV, expression, {"CSV": {"FileHeaderInfo": header}})


def test_where_names_stand_is_said_as_s3_does() -> None:
    error = refused("InvalidColumnIndex", CSV, "SELECT * FROM S3OBJECT WHERE odd = true", NONE)
    assert error.message == (
        "The column index at line 1, column 30 is invalid. Please check the service documentation and try again."
    )


def test_two_columns_of_one_name_are_ambiguous() -> None:
    refused("AmbiguousFieldName", b"a,A\n1,2\n", "SELECT s.a FROM S3Object s", USE)
    assert found(b"a,A\n1,2\n", 'SELECT s."A" FROM S3Object s', USE) == "2\n"


@pytest.mark.parametrize(
    ("data", "options", "expected"),
    [
        (b"a;b|c;d|", {"FieldDelimiter": ";", "RecordDelimiter": "|"}, "a,b\nc,d\n"),
        (b"a,b\r\nc,d\r\n", {"RecordDelimiter": "\r\n"}, "a,b\nc,d\n"),
        (b"a,b\r\nc,d\r\n", {}, "a,b\nc,d\n"),
        (b"'a,1',b\n", {"QuoteCharacter": "'"}, '"a,1",b\n'),
        (b'"a\\"b",c\n', {"QuoteEscapeCharacter": "\\"}, '"a""b",c\n'),
        (b'c:\\x,"a\\"b"\n', {"QuoteEscapeCharacter": "\\"}, 'c:\\x,"a""b"\n'),
        (b'"a""b",""\n', {}, '"a""b",\n'),
        (b'"a",b\n', {"QuoteCharacter": ""}, '"""a""",b\n'),
        (b"%no\na\n#yes\n", {"Comments": "%"}, "a\n#yes\n"),
        (b'"a\nb",c\n"d",e', {"AllowQuotedRecordDelimiter": True}, '"a\nb",c\nd,e\n'),
        (b'"a|b\n",c|d,e', {"AllowQuotedRecordDelimiter": True, "RecordDelimiter": "|"}, '"a|b\n",c\nd,e\n'),
        (b"a\nb|c", {"RecordDelimiter": "|"}, '"a\nb"\nc\n'),
        (b"\xef\xbb\xbfa,b\n", {}, "a,b\n"),
        (b"", {}, ""),
        (b"\n\n", {}, ""),
    ],
)
@pytest.mark.parametrize("size", [1, 3, 1 << 20])
def test_csv_is_read_as_its_options_say(data: bytes, options: dict[str, Any], expected: str, size: int) -> None:
    assert found(data, "SELECT * FROM S3Object", {"CSV": options}, size=size) == expected


@pytest.mark.parametrize(
    ("data", "options", "code"),
    [
        (b'"a\nb",c\n', {}, "CSVEscapingRecordDelimiter"),
        (b'"a"b,c\n', {}, "CSVUnescapedQuote"),
        (b'"a\nb', {"AllowQuotedRecordDelimiter": True}, "CSVUnescapedQuote"),
        (b"a" * 1_048_577 + b"\n", {}, "OverMaxRecordSize"),
        (b"a" * 5_000_000, {}, "OverMaxRecordSize"),
        (b"a,\xff\n", {}, "InvalidTextEncoding"),
    ],
)
def test_what_is_no_such_csv_is_refused(data: bytes, options: dict[str, Any], code: str) -> None:
    refused(code, data, "SELECT * FROM S3Object", {"CSV": options})


FIELDS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\n\0"), max_size=8)


@settings(deadline=None, max_examples=50)
@given(st.lists(st.lists(FIELDS, min_size=2, max_size=4), min_size=1, max_size=5), st.integers(1, 50))
def test_what_pythons_writer_wrote_comes_out_as_python_reads_it(rows: list[list[str]], size: int) -> None:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_ALL).writerows(rows)
    output = found(text.getvalue().encode(), "SELECT * FROM S3Object", {"CSV": {"Comments": ""}}, size=size)
    assert list(csv.reader(io.StringIO(output, newline=""))) == rows


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"QuoteFields": "ALWAYS"}, '"a ""q"", b","30"\n'),
        ({"FieldDelimiter": ";"}, '"a ""q"", b";30\n'),
        ({"RecordDelimiter": "\r\n"}, '"a ""q"", b",30\r\n'),
        ({"QuoteCharacter": "'"}, "'a \"q\", b',30\n"),
        ({"QuoteEscapeCharacter": "\\"}, '"a \\"q\\", b",30\n'),
    ],
)
def test_csv_is_written_as_its_options_say(options: dict[str, Any], expected: str) -> None:
    assert found(b'"a ""q"", b",30\n', "SELECT * FROM S3Object", NONE, {"CSV": options}) == expected


# --- JSON -----------------------------------------------------------------------------------------------------

JSON = (
    b'{"id":1,"Name":"x","l":[1,2],"o":{"a":null,"b":1.5}}\n'
    b'{"id":"two","Name":"y","o":{"b":true}}\n'
    b'\n{"id":3,"u":"\\ud800"}\n'
)
RULES = b'{"Rules":[{"id":"1"},{"expr":"y < x"},{"id":"id-2","expr":"z = DEBUG"}]}\n{"created":"June 27"}'


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("SELECT s.id, s.name, s.l[1], s.o.a FROM S3Object s", [{"id": 1, "name": "x", "l": 2, "a": None},
                                                               {"id": "two", "name": "y"}, {"id": 3}]),
        ('SELECT s."name", s[\'Name\'] AS n FROM S3Object s LIMIT 1', [{"n": "x"}]),
        ("SELECT s.id FROM S3Object s WHERE s.id > 1", [{"id": 3}]),
        ("SELECT s.id FROM S3Object s WHERE s.id != 1", [{"id": "two"}, {"id": 3}]),
        ("SELECT s.id FROM S3Object s WHERE s.o.a IS NULL AND s.o.b IS NOT MISSING", [{"id": 1}, {"id": "two"}]),
        ("SELECT s.id FROM S3Object s WHERE s.o.b", [{"id": "two"}]),
        ('SELECT s.id + 1 AS "next" FROM S3Object s', [{"next": 2}, {"next": None}, {"next": 4}]),
        ("SELECT COALESCE(s.o.b, s.id) AS v FROM S3Object s", [{"v": 1.5}, {"v": True}, {"v": 3}]),
        ("SELECT COUNT(s.o) AS o, COUNT(s.o.a) AS a, SUM(s.id) AS s FROM S3Object s", [{"o": 2, "a": 0, "s": 4}]),
        ("SELECT * FROM S3Object s WHERE s.o.b = 1.5", [{"id": 1, "Name": "x", "l": [1, 2], "o": {"a": None, "b": 1.5}}]),
        ("SELECT * FROM S3Object s WHERE s.id = 3", [{"id": 3, "u": "\ud800"}]),
    ],
)  # fmt: skip
def test_json_lines_are_looked_into(expression: str, expected: list[Any]) -> None:
    assert [json.loads(line) for line in found(JSON, expression, LINES, AS_JSON).splitlines()] == expected


@pytest.mark.parametrize(
    ("data", "expression", "expected"),
    [
        (RULES, "SELECT id FROM S3Object[*].Rules[*].id", ['{"id":"1"}', "{}", '{"id":"id-2"}', "{}"]),
        (RULES, "SELECT id FROM S3Object[*].Rules[*].id WHERE id IS NOT MISSING", ['{"id":"1"}', '{"id":"id-2"}']),
        (RULES, "SELECT d.created FROM S3Object[*] d", ["{}", '{"created":"June 27"}']),
        (b'[{"a":1},{"a":2}]', "SELECT s.a FROM S3Object[*][*] s", ['{"a":1}', '{"a":2}']),
        (b'{"a":{"x":{"n":1},"y":{"n":2}}}', "SELECT s.n FROM S3Object[*].a.* s", ['{"n":1}', '{"n":2}']),
        (b' {"a" :\n 1} {"a":2}3', "SELECT * FROM S3Object", ['{"a":1}', '{"a":2}', '{"_1":3}']),
    ],
)
@pytest.mark.parametrize("size", [1, 7, 1 << 20])
def test_json_documents_are_walked(data: bytes, expression: str, expected: list[str], size: int) -> None:
    assert found(data, expression, DOCUMENT, AS_JSON, size=size).splitlines() == expected


@pytest.mark.parametrize(
    ("data", "source", "code"),
    [
        (b'{"a":}\n', LINES, "JSONParsingError"),
        (b'{"a":NaN}\n', LINES, "JSONParsingError"),
        (b'{"a":1', DOCUMENT, "JSONParsingError"),
        (b"[" * 100_000, LINES, "JSONParsingError"),
        (b'{"a":1,"A":2}\n', LINES, "AmbiguousFieldName"),
        (b'{"a":"' + b"x" * 3_000_000 + b'"}', DOCUMENT, "OverMaxRecordSize"),
        (b'{"a":"\xff"}', DOCUMENT, "InvalidTextEncoding"),
    ],
)
def test_what_is_no_json_is_refused(data: bytes, source: dict[str, Any], code: str) -> None:
    refused(code, data, "SELECT s.a FROM S3Object s", source, AS_JSON)


# --- Parquet --------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def parquet(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A table of 10,000 rows in five groups."""
    path = tmp_path_factory.mktemp("parquet") / "table.parquet"
    with duckdb.connect() as engine:
        engine.execute("SET TimeZone = 'UTC'")
        engine.execute(
            "COPY (SELECT i AS id, 'n' || i AS \"Name\", i * 1.5::DECIMAL(10, 2) AS price, DATE '2020-01-02' AS day,"
            " TIMESTAMPTZ '2020-01-01 10:00:00+02' AS at, [i, i + 1] AS pair, i % 2 = 0 AS even"
            f" FROM range(10000) r(i)) TO '{path}' (ROW_GROUP_SIZE 2048)"
        )
    return path.read_bytes()


def test_parquet_is_read_with_its_types(parquet: bytes) -> None:
    where = """WHERE s.even = false AND s.id BETWEEN 2 AND 4 AND s."day" < TO_TIMESTAMP('2020-01-03T')"""
    assert found(parquet, f"SELECT * FROM S3Object s {where}", {"Parquet": {}}, AS_JSON) == (
        '{"id":3,"Name":"n3","price":4.5,"day":"2020-01-02","at":"2020-01-01T08:00:00Z","pair":[3,4],"even":false}\n'
    )
    assert found(parquet, "SELECT s.name, s.pair[1], s.price * 2 FROM S3Object s LIMIT 2", {"Parquet": {}}) == (
        "n0,1,0\nn1,2,3\n"
    )
    assert (
        found(parquet, "SELECT COUNT(*), SUM(price), MAX(id) FROM S3Object", {"Parquet": {}}) == "10000,74992500,9999\n"
    )


def test_the_row_groups_that_begin_in_a_range_are_scanned(parquet: bytes) -> None:
    half = len(parquet) // 2
    counts = [
        int(found(parquet, "SELECT COUNT(*) FROM S3Object", {"Parquet": {}}, ScanRange=scan))
        for scan in ({"Start": 0, "End": half}, {"Start": half + 1})
    ]
    assert sum(counts) == 10_000
    assert all(counts)


def test_what_is_no_parquet_is_refused(parquet: bytes) -> None:
    refused("ParquetParsingError", b"hello", "SELECT * FROM S3Object", {"Parquet": {}})
    refused("ParquetParsingError", parquet[:5000], "SELECT * FROM S3Object", {"Parquet": {}})
    refused("EvaluatorBindingDoesNotExist", parquet, "SELECT nope FROM S3Object", {"Parquet": {}})
    refused("InvalidCompressionFormat", parquet, "SELECT * FROM S3Object", {"Parquet": {}, "CompressionType": "GZIP"})


# --- compression, ranges, limits ------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [1, 10, 1 << 20])
def test_compressed_objects_are_read_to_their_end(size: int) -> None:
    for compression, data in (("GZIP", gzip.compress(CSV) * 2), ("BZIP2", bz2.compress(CSV) * 2)):
        source = {**NONE, "CompressionType": compression}
        talk = talked(data, "SELECT COUNT(*) FROM S3Object", source, size=size)
        assert talk.told == [b"8\n"]
        assert talk.counts == {"scanned": len(data), "processed": 2 * len(CSV)}


def test_what_is_not_compressed_so_is_refused() -> None:
    for compression, data in (("GZIP", gzip.compress(CSV)), ("BZIP2", bz2.compress(CSV))):
        source = {**NONE, "CompressionType": compression}
        error = refused("InvalidCompressionFormat", CSV, "SELECT * FROM S3Object", source)
        assert error.message.startswith(f"{compression} is not applicable to the queried object.")
        refused("TruncatedInput", data[:-9], "SELECT * FROM S3Object", source)
        refused("TruncatedInput", b"", "SELECT * FROM S3Object", source)


def test_a_bomb_is_unfolded_piece_by_piece_and_given_up_at_its_first_record() -> None:
    talk = Given(gzip.compress(b"a" * 200_000_000))
    formats = read_formats({"InputSerialization": {**NONE, "CompressionType": "GZIP"}, "OutputSerialization": AS_CSV})
    with pytest.raises(SelectionError, match="OverMaxRecordSize"):
        TASK.converse({"expression": "SELECT * FROM S3Object", "formats": formats_text(formats), "size": 200_000}, talk)
    assert talk.asked == 1


@settings(deadline=None, max_examples=50)
@given(st.lists(st.text("abc", max_size=5), min_size=1, max_size=8), st.data())
def test_ranges_share_out_the_records(lines: list[str], data: st.DataObject) -> None:
    """Each record belongs to the range in which its first byte is, so that ranges side by side give each once."""
    text = "".join(f"{number}{line}\n" for number, line in enumerate(lines)).encode()
    cuts = sorted(data.draw(st.sets(st.integers(1, len(text) - 1), max_size=3)))
    ranges = [{"Start": first, "End": last - 1} for first, last in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    size = data.draw(st.integers(1, 40))
    pieces = [found(text, "SELECT * FROM S3Object", NONE, ScanRange=scan, size=size) for scan in ranges]
    assert "".join(pieces).encode() == text


def test_a_range_in_the_middle_has_the_header_of_the_beginning() -> None:
    scan = {"Start": CSV.index(b"bob")}
    assert found(CSV, "SELECT s.name FROM S3Object s", USE, ScanRange=scan) == "bob\ncid\n"
    assert found(JSON, "SELECT s.id FROM S3Object s", LINES, ScanRange={"End": 30}) == "3\n"


def test_a_limit_ends_the_reading() -> None:
    data = b"a,b\n" * 1_000_000
    talk = talked(data, "SELECT * FROM S3Object LIMIT 3", NONE)
    assert b"".join(talk.told) == b"a,b\n" * 3
    assert talk.asked == 1
    assert found(data, "SELECT * FROM S3Object LIMIT 0", NONE) == ""


# --- expressions ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("1 + 2 * 3 - 4 / 3", "6"),
        ("-7 / 2", "-3"),
        ("7 % 4", "3"),
        ("1.5 + 1", "2.5"),
        ("0.1 + 0.2", "0.3"),
        ("19.99 * 3", "59.97"),
        ("9223372036854775807", "9223372036854775807"),
        ("-9223372036854775808 + 0", "-9223372036854775808"),
        ("1e3 + 0", "1000.0"),
        ("'a' || 'b''c'", "ab'c"),
        ("s.name || '!'", "ann!"),
        ("CAST(s.age AS INT) + 1", "31"),
        ("CAST(s.age AS FLOAT) / 4", "7.5"),
        ("CAST(' 12 ' AS INT)", "12"),
        ("CAST('1.50' AS DECIMAL(5, 2))", "1.5"),
        ("CAST(12.7 AS INT)", "12"),
        ("CAST('TRUE' AS BOOL)", "true"),
        ("CAST(0 AS BOOL)", "false"),
        ("CAST(1.50 AS STRING) || 'x'", "1.5x"),
        ("CAST(100 AS STRING)", "100"),
        ("CAST(100.0 AS STRING)", "100"),
        ("CAST(NULL AS INT)", ""),
        ("CHAR_LENGTH('é😀')", "2"),
        ("CHARACTER_LENGTH(s.name)", "3"),
        ("UPPER('aé')", "AÉ"),
        ("LOWER('AÉ')", "aé"),
        ("SUBSTRING('123456789', 0)", "123456789"),
        ("SUBSTRING('123456789', 1, 2)", "12"),
        ("SUBSTRING('123456789', -1, 4)", "12"),
        ("SUBSTRING('123456789' FROM 3 FOR 2)", "34"),
        ("TRIM('   foobar   ')", "foobar"),
        ("TRIM(LEADING FROM '  a ') || '.'", "a ."),
        ("TRIM(TRAILING FROM '  a ') || '.'", "  a."),
        ("TRIM(BOTH '12' FROM '1112211foobar22211122')", "foobar"),
        ("COALESCE(NULL, NULL, 'x')", "x"),
        ("NULLIF(1, 1)", ""),
        ("NULLIF(1, 2)", "1"),
        ("CASE WHEN s.age = '30' THEN 'y' ELSE 'n' END", "y"),
        ("CASE s.name WHEN 'bob' THEN 1 WHEN 'ann' THEN 2 END", "2"),
        ("CASE WHEN FALSE THEN 1 ELSE 'x' END", "x"),
        ("s.name LIKE 'a%'", "true"),
        ("'a_c' LIKE 'a!_c' ESCAPE '!'", "true"),
        ("'abc' LIKE 'a!_c' ESCAPE '!'", "false"),
        ("s.name NOT LIKE '_nn'", "false"),
        ("s.age IN ('1', '30')", "true"),
        ("2 NOT IN (1, 2, 3)", "false"),
        ("5 BETWEEN 1 AND 5", "true"),
        ("NOT (1 = 2 OR 3 < 2)", "true"),
        ("NULL = NULL", ""),
        ("1 <> 2 AND TRUE", "true"),
        ("s.age = 30", "false"),
        ("DATE_ADD(year, 5, `2010-01-01T`)", "2015-01-01T00:00:00Z"),
        ("DATE_ADD(month, 13, `2010T`)", "2011-02-01T00:00:00Z"),
        ("DATE_ADD(second, -1, `2017-01-02T03:04:05.006Z`)", "2017-01-02T03:04:04.006Z"),
        ("DATE_DIFF(month, `2010T`, `2011T`)", "12"),
        ("DATE_DIFF(day, `2010-01-01T23:00Z`, `2010-01-02T01:00Z`)", "0"),
        ("EXTRACT(YEAR FROM `2010-01-01T`)", "2010"),
        ("EXTRACT(TIMEZONE_HOUR FROM `2010-01-01T`)", "0"),
        ("TO_TIMESTAMP('2007-02-23T12:14:33.079-08:00')", "2007-02-23T20:14:33.079Z"),
        ("TO_STRING(`1969-07-20T20:18Z`, 'MMMM d, y')", '"July 20, 1969"'),
        ("TO_STRING(`1969-07-20T20:18Z`, 'MMM d, yyyy')", '"Jul 20, 1969"'),
        ("TO_STRING(`1969-07-20T20:18Z`, 'M-d-yy')", "7-20-69"),
        ("TO_STRING(`1969-07-20T20:18Z`, 'MM-d-y h:m a')", "07-20-1969 8:18 PM"),
        ("TO_STRING(`1969-07-20T20:18:00.5Z`, 'y-MM-dd''T''HH:m:ss.SSSX')", "1969-07-20T20:18:00.500Z"),
    ],
)
def test_expressions_have_the_values_of_aws_reference(expression: str, expected: str) -> None:
    assert value(expression.replace("''T''", "''T''")) == expected


def test_utcnow_is_one_moment_in_a_whole_query() -> None:
    moments = found(CSV, "SELECT UTCNOW() FROM S3Object", NONE).split()
    assert len(set(moments)) == 1
    assert moments[0].startswith("20")


@pytest.mark.parametrize(
    ("expression", "code"),
    [
        ("CAST(s.name AS INT)", "CastFailed"),
        ("CAST('1.5' AS INT)", "CastFailed"),
        ("CAST('' AS INT)", "CastFailed"),
        ("CAST('nan' AS FLOAT)", "CastFailed"),
        ("CAST('1' AS BOOL)", "CastFailed"),
        ("CAST('yesterday' AS TIMESTAMP)", "CastFailed"),
        ("CAST('99999999999999999999' AS INT)", "CastFailed"),
        ("9223372036854775807 + 1", "IntegerOverflow"),
        ("1 / 0", "ExternalEvalException"),
        ("s.age + 1", "InvalidDataType"),
        ("s.age > 5", "InvalidDataType"),
        ("UPPER(1)", "IncorrectSqlFunctionArgumentType"),
        ("1 LIKE 'a'", "LikeInvalidInputs"),
        ("'a' LIKE 'b!' ESCAPE '!'", "EvaluatorLikePatternInvalidEscapeSequence"),
        ("'a' LIKE 'b' ESCAPE '!!'", "EvaluatorLikePatternInvalidEscapeSequence"),
        ("SUM(s.age)", "IncorrectSqlFunctionArgumentType"),
        ("TO_STRING(`2010T`, 'Q')", "EvaluatorInvalidTimestampFormatPatternSymbol"),
        ("TO_STRING(`2010T`, 'y ''x')", "EvaluatorUnterminatedTimestampFormatPatternToken"),
    ],
)
def test_expressions_that_can_not_be_evaluated_are_refused(expression: str, code: str) -> None:
    refused(code, CSV, f"SELECT {expression} FROM S3Object s", USE)


def test_a_condition_protects_the_one_behind_it() -> None:
    data = b"1\nx\n2\n"
    assert found(data, "SELECT _1 FROM S3Object WHERE _1 <> 'x' AND CAST(_1 AS INT) > 1", NONE) == "2\n"
    assert found(data, "SELECT _1 FROM S3Object WHERE _1 = 'x' OR CAST(_1 AS INT) > 1", NONE) == "x\n2\n"
    assert found(data, "SELECT _1 FROM S3Object WHERE NOT (_1 = 'x' OR CAST(_1 AS INT) > 1)", NONE) == "1\n"
    refused("CastFailed", data, "SELECT _1 FROM S3Object WHERE CAST(_1 AS INT) > 1 AND _1 <> 'x'", NONE)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("COUNT(*), COUNT(city)", "3,2"),
        ("SUM(CAST(age AS INT)), AVG(CAST(age AS INT)), MIN(CAST(age AS INT)), MAX(CAST(age AS INT))", "84,28,4,50"),
        ("SUM(CAST(age AS INT)) / COUNT(*) + 1", "29"),
        ("AVG(CAST(age AS FLOAT))", "28.0"),
        ("CASE WHEN COUNT(*) > 2 THEN 'many' ELSE 'few' END", "many"),
    ],
)
@pytest.mark.parametrize("size", [5, 1 << 20])
def test_aggregates_go_over_all_records(expression: str, expected: str, size: int) -> None:
    assert found(CSV, f"SELECT {expression} FROM S3Object", USE, size=size) == expected + "\n"


def test_aggregates_over_nothing_are_null_and_counts_zero() -> None:
    expression = "SELECT COUNT(*), SUM(CAST(_1 AS INT)), MAX(CAST(_1 AS INT)) FROM S3Object WHERE _1 = 'z'"
    assert found(CSV, expression, NONE) == "0,,\n"
    assert found(b"", expression, NONE, AS_JSON) == '{"_1":0,"_2":null,"_3":null}\n'


def test_an_expression_that_would_grow_beyond_measure_is_refused() -> None:
    deep = "s.id"
    for _ in range(25):
        deep = f"CASE WHEN s.id = {deep} THEN s.id ELSE s.o.b END"
    refused("MaxOperatorsExceeded", JSON, f"SELECT {deep} FROM S3Object s", LINES)


# --- what a query may not reach -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "x'; DROP TABLE records; --",
        "' || (SELECT content FROM read_text('/etc/passwd')) || '",
        "\"; ATTACH '/tmp/x.db'; --",
        "\\'; COPY records TO '/tmp/x'; --",
    ],
)
def test_texts_and_names_are_never_sql(text: str, tmp_path: Path) -> None:
    literal = text.replace("'", "''")
    name = text.replace('"', '""')
    data = b"a\n1\n"
    assert found(data, f"SELECT '{literal}' || '' FROM S3Object LIMIT 1", NONE, AS_JSON) == (
        json.dumps({"_1": text}, separators=(",", ":")) + "\n"
    )
    assert found(data, f'SELECT _1 AS "{name}" FROM S3Object LIMIT 1', NONE, AS_JSON) == (
        json.dumps({text: "a"}, separators=(",", ":")) + "\n"
    )
    refused("MissingHeaders", data, f'SELECT "{name}" FROM S3Object', USE)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM read_text('/etc/hostname')",
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT * FROM glob('/*')",
        "ATTACH '/tmp/elsewhere.db'",
        "COPY (SELECT 1) TO '/tmp/elsewhere'",
        "INSTALL httpfs",
        "LOAD '/tmp/some.duckdb_extension'",
        "SET enable_external_access = true",
        "SET memory_limit = '100GB'",
        "SELECT * FROM secret",
    ],
)
def test_even_engine_sql_could_reach_nothing(sql: str) -> None:
    secret = [1]  # a name that DuckDB would take from Python if it were let
    with locked() as engine, pytest.raises(duckdb.Error):
        engine.execute(sql).fetchall()
    assert secret
