from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twins import MemoryObjects

from getitdone.errors import NotFound
from getitdone.months import Month
from getitdone.records import decoded, records
from getitdone.requests import MonthOfRequests, quarantine_csv, read_files, read_month

APRIL = Month(2021, 4)
HEADER = "service_request_id,date_requested,service_name,lat,lng,public_description"


def read(*lines: str, name: str = "2021/04/2021-04-01.csv") -> MonthOfRequests:
    return read_files(APRIL, [(name, ("\n".join([HEADER, *lines]) + "\n").encode())])


def line(
    number: int | str, when: str = "2021-04-01T08:00:00", service: str = "Pothole", rest: str = "32.7,-117.1,hole"
) -> str:
    return f"{number},{when},{service},{rest}"


def test_both_of_the_citys_schemas_become_one_frame() -> None:
    old = f"{HEADER}\n{line(1)}\n".encode()
    new = b"service_request_id,date_requested,service_name,service_name_detail,lat,lng,public_description\n2,2021-04-30 23:37:00.000,Pothole,Pothole in alley,32.7,-117.1,hole\n"
    lesson = b"service_request_id,date_requested,service_name,long,lat,image,public_description\n3,2021-04-02T00:00:00,Pothole,-117.1,32.7,a.jpg,hole\n"
    frame = read_files(APRIL, [("a", old), ("b", new), ("c", lesson)]).frame
    assert frame["date_requested"].to_list() == [
        dt.datetime.fromisoformat(text) for text in ("2021-04-01T08:00:00", "2021-04-02", "2021-04-30T23:37:00")
    ]
    assert frame["long"].to_list() == [-117.1] * 3
    assert frame["service_name_detail"].to_list() == ["", "", "Pothole in alley"]
    assert frame["image"].to_list() == ["", "a.jpg", ""]


def test_the_month_is_that_of_the_time_as_written() -> None:
    month = read(line(1, "2021-04-30T23:59:59"), line(2, "2021-05-01T00:00:00"), line(3, "2021-03-31T23:59:59"))
    assert month.frame["service_request_id"].to_list() == ["1"]
    assert month.other_months == 2


def test_blanks_around_a_service_go_and_a_missing_one_is_shown() -> None:
    month = read(line(1, service="Drain  Maintenance "), line(2, service=""), line(3, service="   "))
    assert sorted(month.frame["service_name"].to_list()) == ["(none)", "(none)", "Drain Maintenance"]


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        ("5,2021-04-01T08:00:00,Pothole", "it has 3 fields where the header has 6"),
        (line("", service="x"), "it has no service_request_id"),
        (line(5, service="my phone is 555-0100 " * 6), "service_name is longer than 100 characters"),
        (line(5, "yesterday"), "date_requested 'yesterday' is no time"),
        (line(5, "2021-02-30T08:00:00"), "date_requested '2021-02-30T08:00:00' is no time"),
        (line(5, "2021-04-01T08:00:00Z"), "date_requested '2021-04-01T08:00:00Z' is no time"),
        (line(5, rest='32.7,-117.1,"it never ends'), "a quote in it is not closed where it should be"),
        (line(5, rest='32.7,-117.1,"a"b'), "it is no CSV: ',' expected after '\"'"),
    ],
)
def test_a_bad_line_is_quarantined_with_its_reason_and_loses_no_other(bad: str, reason: str) -> None:
    month = read(line(1), bad, line(2), line(3, rest='32.7,-117.1,"a, b"'))
    assert month.frame["service_request_id"].to_list() == ["1", "2", "3"]
    assert [(row.line, row.reason) for row in month.quarantined] == [(3, reason)]
    assert quarantine_csv(month.quarantined).decode().splitlines()[0] == "file,line,reason,text"


def test_a_line_in_another_encoding_is_quarantined_and_printable() -> None:
    content = f"{HEADER}\n".encode() + line(1, rest="32.7,-117.1,caf").encode() + b"\xe9\n" + line(2).encode()
    month = read_files(APRIL, [("a", content)])
    assert month.frame["service_request_id"].to_list() == ["2"]
    assert month.quarantined[0].reason == "it is not UTF-8"
    assert b"caf?" in quarantine_csv(month.quarantined)


def test_a_description_may_have_lines_and_quotes_of_its_own() -> None:
    month = read(line(1, rest='32.7,-117.1,"first\nsecond ""quoted"" \u2028 third"'), line(2))
    assert month.frame["public_description"].to_list() == ['first\nsecond "quoted" \u2028 third', "hole"]
    assert not month.quarantined


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "the file is empty"),
        (b"\n\n", "the file is empty"),
        (b"id,when\n1,2\n", "the header lacks service_request_id, date_requested, service_name"),
        (b"service_request_id,date_requested,service_name,lat,lat\n", "the header has lat twice"),
    ],
)
def test_a_bad_file_is_quarantined_as_a_whole(content: bytes, reason: str) -> None:
    month = read_files(APRIL, [("bad.csv", content), ("good.csv", f"{HEADER}\n{line(1)}".encode())])
    assert [(row.file, row.line, row.reason) for row in month.quarantined] == [("bad.csv", 0, reason)]
    assert month.frame.height == 1


def test_nameless_columns_of_a_spreadsheet_are_no_fault() -> None:
    month = read_files(APRIL, [("a", f"{HEADER},,\n{line(1)},,\n".encode())])
    assert (month.frame.height, month.quarantined) == (1, ())


def test_a_byte_order_mark_is_no_part_of_the_header() -> None:
    assert read_files(APRIL, [("a", b"\xef\xbb\xbf" + f"{HEADER}\n{line(1)}".encode())]).frame.height == 1


@pytest.mark.parametrize("place", ["abc,def", "91,0", "0,181", "0,0", "nan,nan", ","])
def test_a_place_that_can_not_be_is_no_place_but_the_request_counts(place: str) -> None:
    frame = read(line(1, rest=f"{place},hole")).frame
    assert frame["lat"].to_list() == frame["long"].to_list() == [None]


def test_the_latest_daily_file_wins_and_the_superseded_are_counted(objects: MemoryObjects) -> None:
    put(objects, "2021/04/2021-04-10.csv", line(1, service="Later"))
    put(objects, "2021/04/2021-04-09.csv", line(1, service="Earlier"), line(2))
    month = read_month(objects, "gid-requests", APRIL, late_days=0)
    assert dict(zip(month.frame["service_request_id"], month.frame["service_name"], strict=True)) == {
        "1": "Later",
        "2": "Pothole",
    }
    assert (month.rows, month.superseded) == (3, 1)


def test_a_correction_in_the_first_days_of_the_next_month_is_heard(objects: MemoryObjects) -> None:
    put(objects, "2021/04/2021-04-30.csv", line(1, "2021-04-30T10:00:00", service="Pothole"))
    put(
        objects,
        "2021/05/2021-05-01.csv",
        line(1, "2021-04-30T10:00:00", service="Graffiti"),
        line(2, "2021-05-01T10:00:00"),
    )
    put(objects, "2021/05/2021-05-09.csv", line(1, "2021-04-30T10:00:00", service="Too late"))
    month = read_month(objects, "gid-requests", APRIL, late_days=7)
    assert month.frame["service_name"].to_list() == ["Graffiti"]
    assert (month.files, month.other_months) == (2, 1)


def test_a_month_without_files_has_no_requests(objects: MemoryObjects) -> None:
    month = read_month(objects, "gid-requests", APRIL, late_days=7)
    assert month.frame.height == month.files == 0
    assert month.frame.columns[0] == "service_request_id"


def test_a_file_that_vanishes_while_it_is_read_stops_the_report(
    objects: MemoryObjects, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(objects, "2021/04/2021-04-10.csv", line(1))

    def gone(bucket: str, key: str) -> None:
        raise NotFound("gone", code="NoSuchKey")

    monkeypatch.setattr(objects, "get", gone)
    with pytest.raises(NotFound):
        read_month(objects, "gid-requests", APRIL, late_days=0)


def put(objects: MemoryObjects, key: str, *lines: str) -> None:
    objects.put("gid-requests", key, "\n".join([HEADER, *lines]).encode(), content_type="text/csv")


FIELD = st.text(st.characters(exclude_categories=["Cs"], exclude_characters='"\r\x00'), max_size=12)


LINE = FIELD.map(lambda text: text.replace("\n", " "))


@given(
    rows_and_bad=st.one_of(
        st.tuples(st.lists(st.tuples(FIELD, FIELD), max_size=8), st.sampled_from(["one", "1,2,3"])),
        # An open quote before a record of several lines has two meanings: see the test below.
        st.tuples(st.lists(st.tuples(LINE, LINE), max_size=8), st.sampled_from(['x,"open', 'a,b"c,"'])),
    ),
    at=st.integers(0, 8),
)
def test_whatever_the_lines_are_a_bad_one_costs_itself_only(
    rows_and_bad: tuple[list[tuple[str, str]], str], at: int
) -> None:
    rows, bad = rows_and_bad
    good = [f'"{left}","{right}"' for left, right in rows]
    at = min(at, len(good))
    text = "\n".join(["a,b", *good[:at], bad, *good[at:]])
    found = list(records(text))[1:]
    assert [tuple(record.fields) for record in found if not record.problem] == rows
    assert sum(1 for record in found if record.problem) == 1


@given(rows=st.lists(st.tuples(FIELD, FIELD), max_size=8), at=st.integers(0, 8))
def test_an_open_quote_before_records_of_several_lines_passes_over_no_line(
    rows: list[tuple[str, str]], at: int
) -> None:
    good = [f'"{left}","{right}"' for left, right in rows]
    at = min(at, len(good))
    text = "\n".join(["a,b", *good[:at], 'x,"open', *good[at:]])
    # Blank lines are none.
    assert "".join("".join(record.text for record in records(text)).split()) == "".join(text.split())


def test_an_open_quote_that_the_next_record_closes_makes_one_record_of_both() -> None:
    found = list(records('a,b\nx,"open\n"","\n"\n1,2\n'))[1:]
    assert [(tuple(record.fields), record.text) for record in found] == [
        (("x", 'open\n",'), 'x,"open\n"","\n'),
        ((), '"\n'),
        (("1", "2"), "1,2\n"),
    ]


def test_lines_of_a_file_come_back_byte_for_byte() -> None:
    content = b'a,b\r\n1,"x\r\ny"\n\xff,2\n3,4'
    assert "".join(record.text for record in records(decoded(content))).encode("utf-8", "surrogateescape") == content


def test_san_diegos_file_is_read_whole(san_diego: Path) -> None:
    content = san_diego.read_bytes()
    march, april = (read_files(Month(2021, month), [("all.csv", content)]) for month in (3, 4))
    assert (march.frame.height, april.frame.height) == (4759, 8771)
    assert not march.quarantined
    placeless = [month.frame.filter(month.frame["lat"].is_null()).height for month in (march, april)]
    assert sum(placeless) == 81 + 2, "81 have no place, and two lie at 0, 0"
