"""S3 Select's expressions and serializations, as they are read."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marinelayer.protocol.s3_select.formats import (
    CsvInput,
    CsvOutput,
    Formats,
    JsonInput,
    JsonOutput,
    ParquetInput,
    ScanRange,
    formats_from,
    formats_text,
    read_formats,
)
from marinelayer.protocol.s3_select.parser import parse
from marinelayer.protocol.s3_select.refusals import SelectRefusal
from marinelayer.protocol.s3_select.tree import (
    Absence,
    Arithmetic,
    Call,
    Cast,
    Comparison,
    Constant,
    Expression,
    Index,
    Logic,
    Name,
    Negation,
    Path,
    Position,
    Sign,
    Wildcard,
)

ONE, TWO, THREE = Constant(1), Constant(2), Constant(3)


def first(expression: str) -> Expression:
    """The first projection of a SELECT of this."""
    projections = parse(f"SELECT {expression} FROM S3Object s").projections
    assert projections is not None
    return projections[0].expression


def refused(expression: str) -> SelectRefusal:
    with pytest.raises(SelectRefusal) as caught:
        parse(expression)
    assert caught.value.status == 400
    return caught.value


@pytest.mark.parametrize(
    ("expression", "tree"),
    [
        ("1 + 2 * 3", Arithmetic("+", ONE, Arithmetic("*", TWO, THREE))),
        ("(1 + 2) * 3", Arithmetic("*", Arithmetic("+", ONE, TWO), THREE)),
        ("1 - 2 - 3", Arithmetic("-", Arithmetic("-", ONE, TWO), THREE)),
        ("-1", Sign("-", ONE)),
        ("1 <> 2", Comparison("!=", ONE, TWO)),
        ("NOT 1 = 2 AND TRUE", Logic("AND", (Negation(Comparison("=", ONE, TWO)), Constant(value=True)))),
        (
            "TRUE OR FALSE AND NULL OR FALSE",
            Logic(
                "OR",
                (Constant(value=True), Logic("AND", (Constant(value=False), Constant(None))), Constant(value=False)),
            ),
        ),
        ("1 BETWEEN 2 AND 3", Logic("AND", (Comparison(">=", ONE, TWO), Comparison("<=", ONE, THREE)))),
        ("1 IS NOT MISSING", Negation(Absence(ONE, "MISSING"))),
        ("'it''s'", Constant("it's")),
        ("1.50", Constant(Decimal("1.50"))),
        ("1e2", Constant(100.0)),
        (".5", Constant(Decimal("0.5"))),
        ("`true`", Constant(value=True)),
        ("`5`", Constant(5)),
        ("`5.5d1`", Constant(Decimal(55))),
        ('`"text"`', Constant("text")),
        ("`2010-01-01T`", Cast(Constant("2010-01-01T"), "TIMESTAMP")),
        ("CAST('1' AS DECIMAL(5, 2))", Cast(Constant("1"), "DECIMAL")),
        ("s.a", Path((Name("a", quoted=False),), Position(1, 8))),
        ("A", Path((Name("A", quoted=False),), Position(1, 8))),
        ('s."A"[2].b[\'c\']', Path((Name("A", quoted=True), Index(2), Name("b", quoted=False), Name("c", quoted=True)), Position(1, 8))),
        ("TRIM(LEADING 'x' FROM 'y')", Call("TRIM", (Constant("y"), Constant("x")), Position(1, 8), side="LEADING")),
        ("DATE_ADD(day, 1, 2)", Call("DATE_ADD", (ONE, TWO), Position(1, 8), part="day")),
        ("/* why */ 1 -- because", ONE),
    ],
)  # fmt: skip
def test_expressions_bind_as_in_sql(expression: str, tree: Expression) -> None:
    assert first(expression + "\n") == tree


@pytest.mark.parametrize(
    ("source", "steps"),
    [
        ("S3Object", ()),
        ("s3object[*] s", ()),
        ('S3Object[*].a[*]."B" AS s', (Name("a", quoted=False), Wildcard("array"), Name("B", quoted=True))),
        ("S3Object[*][*] s", (Wildcard("array"),)),
        ("S3Object[*].a.* s", (Name("a", quoted=False), Wildcard("object"))),
        ("S3Object.a[0] s", (Name("a", quoted=False), Index(0))),
    ],
)
def test_a_source_is_a_way_into_records(source: str, steps: Any) -> None:
    assert parse(f"SELECT * FROM {source} LIMIT 7").source == steps
    assert parse(f"SELECT * FROM {source} LIMIT 7;").limit == 7


def test_results_are_called_by_alias_last_step_or_place() -> None:
    projections = parse('SELECT s.a.b, 1 + 1, s.c AS "D", 2 e, s[0].f[1] FROM S3Object s').projections
    assert projections is not None
    names = [one.name(number) for number, one in enumerate(projections, 1)]
    assert names == ["b", "_2", "D", "e", "f"]


@pytest.mark.parametrize(
    ("expression", "code", "message"),
    [
        ("SELECT * FROM S3OBJECT s WHERE s.5 = `true`", "ParseUnexpectedToken", "Unexpected token found LITERAL:.5 at line 1, column 33."),
        ('SELECT * FROM S3OBJECT s WHERE s.odd IS "true"', "ParseExpectedTypeName", "Expected type name, found QUOTED_IDENTIFIER:'true' at line 1, column 41."),
        ("SELECT * FROM S3Object s\nWHERE s.'odd' = 1", "ParseInvalidPathComponent", "Invalid Path component, expecting either an IDENTIFIER or STAR, got: LITERAL,at line 2, column 9."),
        ("SELECT * FROM S3Object WHERE a = 'b", "LexerInvalidLiteral", None),
        ("SELECT * FROM S3Object WHERE a = ?", "LexerInvalidChar", "Invalid character at line 1, column 34."),
        ("SELECT `what` FROM S3Object", "LexerInvalidIONLiteral", None),
        ("SELECT FROM S3Object", "ParseEmptySelect", None),
        ("SELECT a", "ParseSelectMissingFrom", None),
        ("SELECT a b c FROM S3Object", "ParseSelectMissingFrom", None),
        ("SELECT a AS 1 FROM S3Object", "ParseExpectedIdentForAlias", None),
        ("SELECT *, a FROM S3Object", "ParseAsteriskIsNotAloneInSelectList", None),
        ("SELECT t.* FROM S3Object s", "ParseInvalidContextForWildcardInSelectList", None),
        ("SELECT DISTINCT a FROM S3Object", "ParseUnsupportedSelect", None),
        ("SELECT a FROM (SELECT 1)", "ParseUnexpectedToken", None),
        ("SELECT (SELECT 1) FROM S3Object", "ParseUnsupportedSelect", None),
        ("SELECT (1, 2) FROM S3Object", "ParseUnsupportedSyntax", None),
        ("SELECT a FROM b", "EvaluatorBindingDoesNotExist", None),
        ("SELECT a FROM S3Object s, S3Object t", "MultipleDataSourcesUnsupported", None),
        ("SELECT a FROM S3Object s JOIN S3Object t", "ParseMalformedJoin", None),
        ("SELECT a FROM S3Object GROUP BY a", "ParseExpectedIdentForGroupName", None),
        ("SELECT a FROM S3Object ORDER BY a", "ParseUnexpectedToken", None),
        ("SELECT a FROM S3Object UNION SELECT b FROM S3Object", "ParseUnexpectedToken", None),
        ("SELECT a FROM S3Object; SELECT b FROM S3Object", "ParseUnexpectedToken", None),
        ("SELECT a FROM S3Object LIMIT -1", "EvaluatorNegativeLimit", None),
        ("SELECT a FROM S3Object LIMIT b", "ParseExpectedNumber", None),
        ("SELECT a, COUNT(*) FROM S3Object", "UnsupportedSqlStructure", None),
        ("SELECT a FROM S3Object WHERE COUNT(*) > 1", "UnsupportedSqlStructure", None),
        ("SELECT SUM(MAX(a)) FROM S3Object", "UnsupportedSqlStructure", None),
        ("SELECT SUM(*) FROM S3Object", "ParseUnsupportedCallWithStar", None),
        ("SELECT SUM(a, b) FROM S3Object", "ParseNonUnaryAgregateFunctionCall", None),
        ("SELECT read_text('/etc/passwd') FROM S3Object", "UnsupportedFunction", None),
        ("SELECT UPPER() FROM S3Object", "EvaluatorInvalidArguments", None),
        ("SELECT UPPER('a' FROM S3Object", "ParseExpectedRightParenBuiltinFunctionCall", None),
        ("SELECT CAST(a AS blob) FROM S3Object", "ParseExpectedTypeName", None),
        ("SELECT CAST(a, INT) FROM S3Object", "ParseCastArity", None),
        ("SELECT CAST(a INT) FROM S3Object", "ParseExpectedKeyword", None),
        ("SELECT CAST a AS INT FROM S3Object", "ParseExpectedLeftParenAfterCast", None),
        ("SELECT CAST(a AS INT(5)) FROM S3Object", "ParseInvalidTypeParam", None),
        ("SELECT DATE_ADD(decade, 1, a) FROM S3Object", "ParseExpectedDatePart", None),
        ("SELECT CASE a END FROM S3Object", "ParseExpectedWhenClause", None),
        ("SELECT a IN 1 FROM S3Object", "ParseExpectedLeftParenValueConstructor", None),
        ("SELECT 1 + FROM S3Object", "ParseUnExpectedKeyword", None),
        ("SELECT 1 + ) FROM S3Object", "ParseUnexpectedTerm", None),
        ("SELECT 1 +", "ParseExpectedExpression", None),
        ("SELECT a[*] FROM S3Object", "ParseInvalidPathComponent", None),
        ("SELECT " + "9" * 61 + " FROM S3Object", "ParseExpectedNumber", None),
        ("SELECT " + "(" * 100 + "1" + ")" * 100 + " FROM S3Object", "MaxOperatorsExceeded", None),
        ("SELECT " + " + ".join("1" * 3000) + " FROM S3Object", "MaxOperatorsExceeded", None),
        ("SELECT " + "NOT " * 10_000 + "a FROM S3Object", "MaxOperatorsExceeded", None),
        ("INSERT INTO S3Object VALUES (1)", "ParseUnsupportedSyntax", None),
        ("", "ParseUnsupportedSyntax", None),
        ("SELECT '" + "é" * 131_072 + "' FROM S3Object", "ExpressionTooLong", None),
    ],
)  # fmt: skip
def test_what_s3_select_has_not_is_refused(expression: str, code: str, message: str | None) -> None:
    found = refused(expression)
    assert found.code == code
    assert message is None or found.message == message


WORDS = """SELECT * FROM S3Object s WHERE s . a = ' ( ) [ ] 1 CASE WHEN CAST AS LIKE " , `"""


@given(st.lists(st.sampled_from(WORDS.split())))
def test_whatever_is_sent_is_a_query_or_refused(words: list[str]) -> None:
    try:
        parse(" ".join(words))
    except SelectRefusal as refusal:
        assert refusal.message  # noqa: PT017 - either is right


def serialized(source: dict[str, Any], output: dict[str, Any] | None = None, **more: Any) -> Formats:
    return read_formats({"InputSerialization": source, "OutputSerialization": output or {"JSON": {}}, **more})


def test_serializations_have_s3s_defaults() -> None:
    formats = serialized({"CSV": {}}, {"CSV": {}})
    assert formats == Formats(input=CsvInput(), output=CsvOutput(), compression="NONE", scan=None)
    assert serialized({"JSON": {"Type": "Lines"}}).input == JsonInput(lines=True)
    assert serialized({"Parquet": {}}, {"JSON": {}}) == Formats(
        input=ParquetInput(), output=JsonOutput(), compression="NONE", scan=None
    )
    assert serialized({"CSV": {"QuoteCharacter": "'"}}).input == CsvInput(quote="'", escape="'")


@pytest.mark.parametrize(
    ("scan", "bytes_of_ten"),
    [
        ({"Start": 2, "End": 4}, (2, 5)),
        ({"Start": 2}, (2, 10)),
        ({"End": 3}, (7, 10)),
        ({"Start": 0, "End": 99}, (0, 10)),
        ({"Start": 99}, (10, 10)),
    ],
)
def test_a_scan_range_is_one_of_bytes(scan: dict[str, int], bytes_of_ten: tuple[int, int]) -> None:
    found = serialized({"CSV": {}}, ScanRange=scan).scan
    assert found is not None
    assert found.within(10) == bytes_of_ten


@pytest.mark.parametrize(
    "formats",
    [
        Formats(input=CsvInput(field_delimiter="\u20ac"), output=JsonOutput(), compression="GZIP", scan=None),
        Formats(
            input=JsonInput(lines=True),
            output=CsvOutput(quote="'"),
            compression="NONE",
            scan=ScanRange(start=1, end=None),
        ),
    ],
)
def test_formats_reach_another_process_as_they_are(formats: Formats) -> None:
    assert formats_from(formats_text(formats)) == formats
