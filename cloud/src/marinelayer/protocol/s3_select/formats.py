"""How an object is read and how the records that were found are written: a request's serializations as values.

Sources: https://docs.aws.amazon.com/AmazonS3/latest/API/API_CSVInput.html, API_JSONInput.html, API_ParquetInput.html,
API_CSVOutput.html, API_JSONOutput.html and API_ScanRange.html.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal, TypeVar, get_args

from marinelayer.protocol.s3_select import refusals as say

Compression = Literal["NONE", "GZIP", "BZIP2"]
Option = TypeVar("Option", bound=str)


@dataclass(frozen=True, slots=True, kw_only=True)
class CsvInput:
    """Delimited texts. `comment` and `quote` are "" where there are none."""

    header: Literal["USE", "IGNORE", "NONE"] = "NONE"
    field_delimiter: str = ","
    record_delimiter: str = "\n"
    quote: str = '"'
    escape: str = '"'
    comment: str = "#"
    quoted_records: bool = False
    """Whether a quoted field may hold record delimiters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JsonInput:
    """JSON values: one a line, or one after the other where it is a document."""

    lines: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ParquetInput:
    """A Parquet file, which says of itself what it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CsvOutput:
    """Records as delimited texts."""

    always_quoted: bool = False
    field_delimiter: str = ","
    record_delimiter: str = "\n"
    quote: str = '"'
    escape: str = '"'


@dataclass(frozen=True, slots=True, kw_only=True)
class JsonOutput:
    """Records as JSON objects."""

    record_delimiter: str = "\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanRange:
    """Records are those whose first byte is among the bytes from `start` to `end`; with only an `end`, the last so
    many bytes."""

    start: int | None
    end: int | None

    def within(self, size: int) -> tuple[int, int]:
        """The first byte and the one behind the last, in an object of `size` bytes."""
        if self.start is None:
            return max(0, size - (self.end or 0)), size
        return min(self.start, size), size if self.end is None else min(self.end + 1, size)


Input = CsvInput | JsonInput | ParquetInput
Output = CsvOutput | JsonOutput


@dataclass(frozen=True, slots=True, kw_only=True)
class Formats:
    """All that a request says of its input and output."""

    input: Input
    output: Output
    compression: Compression
    scan: ScanRange | None


_KINDS: Mapping[str, Any] = {kind.__name__: kind for kind in (CsvInput, JsonInput, ParquetInput, CsvOutput, JsonOutput)}
_COMPRESSIONS: tuple[Compression, ...] = get_args(Compression)


def read_formats(request: Mapping[str, Any]) -> Formats:
    """What SelectObjectContent's request says.

    Raises:
        SelectRefusal: something is missing, contradictory, or not among what S3 takes.
    """
    given: Mapping[str, Any] = request["InputSerialization"]
    kind, options = _only_one(given, ("CSV", "JSON", "Parquet"))
    compression: Compression = _choice(
        given.get("CompressionType") or "NONE", _COMPRESSIONS, say.InvalidCompressionFormat
    )
    match kind:
        case "CSV":
            source: Input = _csv_input(options)
        case "JSON":
            lines = _choice(options.get("Type"), ("DOCUMENT", "LINES"), say.InvalidJsonType) == "LINES"
            source = JsonInput(lines=lines)
        case _:
            source = ParquetInput()
            if compression != "NONE":
                raise say.InvalidCompressionFormat(f"{compression} is not applicable to the queried object.")
    return Formats(
        input=source, output=_output(request), compression=compression, scan=_scan(request, source, compression)
    )


def formats_text(formats: Formats) -> str:
    """The same as a text, for `formats_from` in another process."""
    kinds = {"input": type(formats.input).__name__, "output": type(formats.output).__name__}
    return json.dumps([kinds, asdict(formats)])


def formats_from(text: str) -> Formats:
    """What was made a text by `formats_text`."""
    kinds, values = json.loads(text)
    scan = values["scan"]
    return Formats(
        input=_KINDS[kinds["input"]](**values["input"]),
        output=_KINDS[kinds["output"]](**values["output"]),
        compression=values["compression"],
        scan=ScanRange(**scan) if scan is not None else None,
    )


def _only_one(given: Mapping[str, Any], kinds: tuple[str, ...]) -> tuple[str, Mapping[str, Any]]:
    found = [kind for kind in kinds if given.get(kind) is not None]
    if not found:
        raise say.MissingRequiredParameter
    if len(found) > 1:
        raise say.ObjectSerializationConflict
    return found[0], given[found[0]]


def _choice(value: str | None, options: tuple[Option, ...], refusal: type[say.SelectRefusal]) -> Option:
    # The documentation spells the same values in several ways (USE, Use).
    for option in options:
        if value is not None and option == value.upper():
            return option
    raise refusal


def _csv_input(options: Mapping[str, Any]) -> CsvInput:
    quote = _text(options, "QuoteCharacter", '"', few=0)
    found = CsvInput(
        header=_choice(options.get("FileHeaderInfo") or "NONE", ("USE", "IGNORE", "NONE"), say.InvalidFileHeaderInfo),
        field_delimiter=_text(options, "FieldDelimiter", ","),
        record_delimiter=_text(options, "RecordDelimiter", "\n", many=2),
        quote=quote,
        escape=_text(options, "QuoteEscapeCharacter", quote, few=0) or quote,
        comment=_text(options, "Comments", "#", few=0),
        quoted_records=bool(options.get("AllowQuotedRecordDelimiter")),
    )
    signs = [found.field_delimiter, *found.record_delimiter, *found.quote]
    if len(set(signs)) < len(signs):
        raise say.InvalidRequestParameter
    return found


def _output(request: Mapping[str, Any]) -> Output:
    kind, options = _only_one(request["OutputSerialization"], ("CSV", "JSON"))
    if kind == "JSON":
        return JsonOutput(record_delimiter=_text(options, "RecordDelimiter", "\n", many=16))
    quote = _text(options, "QuoteCharacter", '"')
    fields = _choice(options.get("QuoteFields") or "ASNEEDED", ("ALWAYS", "ASNEEDED"), say.InvalidQuoteFields)
    return CsvOutput(
        always_quoted=fields == "ALWAYS",
        field_delimiter=_text(options, "FieldDelimiter", ",", many=16),
        record_delimiter=_text(options, "RecordDelimiter", "\n", many=16),
        quote=quote,
        escape=_text(options, "QuoteEscapeCharacter", quote),
    )


def _text(options: Mapping[str, Any], name: str, default: str, *, few: int = 1, many: int = 1) -> str:
    """An option of a few characters."""
    value = options.get(name)
    if value is None:
        return default
    if not few <= len(value) <= many:
        raise say.InvalidRequestParameter(
            f"The value of the parameter {name} in the SelectRequest element is not valid. Check the service API "
            "documentation and try again."
        )
    return value


def _scan(request: Mapping[str, Any], source: Input, compression: Compression) -> ScanRange | None:
    given: Mapping[str, Any] | None = request.get("ScanRange")
    if given is None:
        return None
    start, end = given.get("Start"), given.get("End")
    if (start is None and end is None) or min(start or 0, end or 0) < 0:
        raise say.InvalidScanRange
    if start is not None and end is not None and end < start:
        raise say.InvalidScanRange
    whole = (isinstance(source, JsonInput) and not source.lines) or (
        isinstance(source, CsvInput) and source.quoted_records
    )
    if whole or compression != "NONE":
        raise say.UnsupportedScanRangeInput
    return ScanRange(start=start, end=end)
