"""The errors of SelectObjectContent: the class's name is the code, the docstring is AWS's message.

Source: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html#SelectObjectContentErrorCodeList; it has no
MissingHeaders, which S3 answers all the same.
"""

from __future__ import annotations

from typing import ClassVar

from marinelayer.model.errors import ServiceError


class SelectRefusal(ServiceError):
    """The query can not be run."""

    status = 400
    by_code: ClassVar[dict[str, type[SelectRefusal]]] = {}
    """Every error below, for who gets a code from elsewhere."""

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        SelectRefusal.by_code[cls.code] = cls


# --- the request ----------------------------------------------------------------------------------------------------


class ExpressionTooLong(SelectRefusal):
    """The SQL expression is too long. The maximum byte-length for an SQL expression is 256 KB."""


class InvalidDataSource(SelectRefusal):
    """The data source type is not valid. Only CSV, JSON, and Parquet are supported."""


class InvalidExpressionType(SelectRefusal):
    """The ExpressionType value is not valid. Only SQL expressions are supported."""


class InvalidCompressionFormat(SelectRefusal):
    """The file is not in a supported compression format. Only GZIP and BZIP2 are supported."""


class InvalidFileHeaderInfo(SelectRefusal):
    """The FileHeaderInfo value is not valid. Only NONE, USE, and IGNORE are supported."""


class InvalidJsonType(SelectRefusal):
    """The JsonType value is not valid. Only DOCUMENT and LINES are supported."""


class InvalidQuoteFields(SelectRefusal):
    """The QuoteFields value is not valid. Only ALWAYS and ASNEEDED are supported."""


class InvalidRequestParameter(SelectRefusal):
    """The value of a parameter in the SelectRequest element is not valid. Check the service API documentation and try
    again.
    """


class InvalidScanRange(SelectRefusal):
    """The provided scan range is not valid."""


class MissingRequiredParameter(SelectRefusal):
    """The SelectRequest entity is missing a required parameter. Check the service documentation and try again."""


class ObjectSerializationConflict(SelectRefusal):
    """InputSerialization specifies more than one format (CSV, JSON, or Parquet), or OutputSerialization specifies more
    than one format (CSV or JSON). For InputSerialization and OutputSerialization, you can specify only one format for
    each.
    """


class UnsupportedRangeHeader(SelectRefusal):
    """A range header is not supported for this operation."""


class UnsupportedScanRangeInput(SelectRefusal):
    """Scan range queries are not supported on this type of object."""


class UnsupportedStorageClass(SelectRefusal):
    """We encountered a storage class that is not supported. Only STANDARD, STANDARD_IA, and ONEZONE_IA storage classes
    are supported.
    """


# --- the expression -------------------------------------------------------------------------------------------------


class EvaluatorInvalidArguments(SelectRefusal):
    """There is an incorrect number of arguments in the function call in the SQL expression."""


class EvaluatorInvalidTimestampFormatPattern(SelectRefusal):
    """The timestamp format string in the SQL expression is not valid."""


class EvaluatorInvalidTimestampFormatPatternSymbol(SelectRefusal):
    """The timestamp format pattern contains a symbol in the SQL expression that is not valid."""


class EvaluatorLikePatternInvalidEscapeSequence(SelectRefusal):
    """An argument given to the LIKE expression was not valid."""


class EvaluatorNegativeLimit(SelectRefusal):
    """LIMIT must not be negative."""


class EvaluatorUnterminatedTimestampFormatPatternToken(SelectRefusal):
    """The timestamp format pattern contains an unterminated token in the SQL expression."""


class EvaluatorBindingDoesNotExist(SelectRefusal):
    """A column name or a path provided does not exist in the SQL expression."""


class InvalidColumnIndex(SelectRefusal):
    """The column index in the SQL expression is not valid."""


class InvalidDataType(SelectRefusal):
    """The SQL expression contains a data type that is not valid."""


class InvalidKeyPath(SelectRefusal):
    """The key path in the SQL expression is not valid."""


class IncorrectSqlFunctionArgumentType(SelectRefusal):
    """An incorrect argument type was specified in a function call in the SQL expression."""


class LexerInvalidChar(SelectRefusal):
    """The SQL expression contains a character that is not valid."""


class LexerInvalidIONLiteral(SelectRefusal):
    """The SQL expression contains an operator that is not valid."""


class LexerInvalidLiteral(SelectRefusal):
    """The SQL expression contains an operator that is not valid."""


class LikeInvalidInputs(SelectRefusal):
    """The argument given to the LIKE clause in the SQL expression is not valid."""


class MaxOperatorsExceeded(SelectRefusal):
    """Failed to parse SQL expression, try reducing complexity. For example, reduce number of operators used."""


class MissingHeaders(SelectRefusal):
    """Some headers in the query are missing from the file. Check the file and try again."""


class MultipleDataSourcesUnsupported(SelectRefusal):
    """Multiple data sources are not supported."""


class ParseAsteriskIsNotAloneInSelectList(SelectRefusal):
    """Other expressions are not allowed in the SELECT list when * is used without dot notation in the SQL
    expression.
    """


class ParseCastArity(SelectRefusal):
    """The SQL expression CAST has incorrect arity."""


class ParseEmptySelect(SelectRefusal):
    """The SQL expression contains an empty SELECT clause."""


class ParseExpectedArgumentDelimiter(SelectRefusal):
    """The expected argument delimiter in the SQL expression was not found."""


class ParseExpectedDatePart(SelectRefusal):
    """The expected date part in the SQL expression was not found."""


class ParseExpectedExpression(SelectRefusal):
    """The expected SQL expression was not found."""


class ParseExpectedIdentForAlias(SelectRefusal):
    """The expected identifier for the alias in the SQL expression was not found."""


class ParseExpectedIdentForGroupName(SelectRefusal):
    """GROUP is not supported in the SQL expression."""


class ParseExpectedKeyword(SelectRefusal):
    """The expected keyword in the SQL expression was not found."""


class ParseExpectedLeftParenAfterCast(SelectRefusal):
    """The expected left parenthesis after CAST in the SQL expression was not found."""


class ParseExpectedLeftParenBuiltinFunctionCall(SelectRefusal):
    """The expected left parenthesis in the SQL expression was not found."""


class ParseExpectedLeftParenValueConstructor(SelectRefusal):
    """The expected left parenthesis in the SQL expression was not found."""


class ParseExpectedNumber(SelectRefusal):
    """The expected number in the SQL expression was not found."""


class ParseExpectedRightParenBuiltinFunctionCall(SelectRefusal):
    """The expected right parenthesis character in the SQL expression was not found."""


class ParseExpectedTokenType(SelectRefusal):
    """The expected token in the SQL expression was not found."""


class ParseExpectedTypeName(SelectRefusal):
    """The expected type name in the SQL expression was not found."""


class ParseExpectedWhenClause(SelectRefusal):
    """The expected WHEN clause in the SQL expression was not found. CASE is not supported."""


class ParseInvalidContextForWildcardInSelectList(SelectRefusal):
    """The use of * in the SELECT list in the SQL expression is not valid."""


class ParseInvalidPathComponent(SelectRefusal):
    """The SQL expression contains a path component that is not valid."""


class ParseInvalidTypeParam(SelectRefusal):
    """The SQL expression contains a parameter value that is not valid."""


class ParseMalformedJoin(SelectRefusal):
    """JOIN is not supported in the SQL expression."""


class ParseNonUnaryAgregateFunctionCall(SelectRefusal):
    """Only one argument is supported for aggregate functions in the SQL expression."""


class ParseSelectMissingFrom(SelectRefusal):
    """The SQL expression contains a missing FROM after the SELECT list."""


class ParseUnExpectedKeyword(SelectRefusal):
    """The SQL expression contains an unexpected keyword."""


class ParseUnexpectedOperator(SelectRefusal):
    """The SQL expression contains an unexpected operator."""


class ParseUnexpectedTerm(SelectRefusal):
    """The SQL expression contains an unexpected term."""


class ParseUnexpectedToken(SelectRefusal):
    """The SQL expression contains an unexpected token."""


class ParseUnsupportedCallWithStar(SelectRefusal):
    """Only COUNT with (*) as a parameter is supported in the SQL expression."""


class ParseUnsupportedSelect(SelectRefusal):
    """The SQL expression contains an unsupported use of SELECT."""


class ParseUnsupportedSyntax(SelectRefusal):
    """The SQL expression contains unsupported syntax."""


class UnsupportedFunction(SelectRefusal):
    """We encountered an unsupported SQL function."""


class UnsupportedSqlStructure(SelectRefusal):
    """We encountered an unsupported SQL structure. Check the SQL Reference."""


# --- the object and its records -------------------------------------------------------------------------------------


class AmbiguousFieldName(SelectRefusal):
    """The field name matches to multiple fields in the file. Check the SQL expression and the file, and try again."""


class Busy(SelectRefusal):
    """The service is unavailable. Try again later."""

    status = 503


class CastFailed(SelectRefusal):
    """An attempt to convert from one data type to another using CAST failed in the SQL expression."""


class CSVEscapingRecordDelimiter(SelectRefusal):
    """A quoted record delimiter was found in the file. To allow quoted record delimiters, set
    AllowQuotedRecordDelimiter to 'TRUE'.
    """


class CSVParsingError(SelectRefusal):
    """An error occurred while parsing the CSV file. Check the file and try again."""

    code = "CSVParsingError"


class CSVUnescapedQuote(SelectRefusal):
    """An unescaped quote was found while parsing the CSV file. To allow quoted record delimiters, set
    AllowQuotedRecordDelimiter to 'TRUE'.
    """


class ExternalEvalException(SelectRefusal):
    """The query cannot be evaluated. Check the file and try again."""


class IntegerOverflow(SelectRefusal):
    """An integer overflow or underflow occurred in the SQL expression."""


class InvalidTextEncoding(SelectRefusal):
    """The encoding type is not valid. Only UTF-8 encoding is supported."""


class JSONParsingError(SelectRefusal):
    """An error occurred while parsing the JSON file. Check the file and try again."""

    code = "JSONParsingError"


class OverMaxColumn(SelectRefusal):
    """The number of columns in the result is greater than the maximum allowable number of columns."""


class OverMaxParquetBlockSize(SelectRefusal):
    """The Parquet file is above the max row group size."""


class OverMaxRecordSize(SelectRefusal):
    """The length of a record in the input or result is greater than the maxCharsPerRecord limit of 1 MB."""


class ParquetParsingError(SelectRefusal):
    """An error occurred while parsing the Parquet file. Check the file and try again."""

    code = "ParquetParsingError"


class TruncatedInput(SelectRefusal):
    """Object decompression failed. Check that the object is properly compressed using the format specified in the
    request.
    """


class ValueParseFailure(SelectRefusal):
    """A timestamp parse failure occurred in the SQL expression."""
