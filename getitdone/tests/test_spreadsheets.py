from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twins import MemoryObjects

from getitdone.config import Settings
from getitdone.months import Month
from getitdone.reports.aggregate import report_counts
from getitdone.reports.publish import publish_month
from getitdone.requests import Quarantined, quarantine_csv, read_files
from getitdone.spreadsheets import harmless, original

FORMULA = '=HYPERLINK("http://evil.example","Pothole")'


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "  =1", "\uff1d1+1", "'=1"])
def test_what_a_spreadsheet_would_run_gets_an_apostrophe(cell: str) -> None:
    assert harmless(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["", "Pothole", "1-2", "a=b", "'tis", "32.7", "滑板车"])
def test_other_cells_stay_as_they_are(cell: str) -> None:
    assert harmless(cell) == cell


@given(st.text(alphabet=st.sampled_from("'=+-@\t\r\n ax\uff1d"), max_size=6))
def test_every_cell_is_harmless_and_comes_back(cell: str) -> None:
    assert harmless(cell).lstrip(" ")[:1] not in set("=+-@\t\r\n\uff1d")
    assert original(harmless(cell)) == cell


def test_the_public_report_runs_nothing_and_the_alerts_still_know_the_service(objects: MemoryObjects) -> None:
    out = io.StringIO()
    csv.writer(out).writerows(
        [
            ["service_request_id", "date_requested", "service_name"],
            ["1", "2021-04-01T08:00:00", FORMULA],
            ["2", "2021-04-01T08:00:00", "-Trees"],
        ]
    )
    publish_month(Settings(), objects, read_files(Month(2021, 4), [("a.csv", out.getvalue().encode())]))
    content = objects.stored["gid-reports", "2021/apr/final_report.csv"]
    cells = [cell for row in csv.reader(io.StringIO(content.decode())) for cell in row]
    assert f"'{FORMULA}" in cells
    assert not any(cell.startswith(("=", "+", "-", "@")) for cell in cells)
    assert (report_counts(content)[FORMULA], report_counts(content)["-Trees"]) == (1, 1)


def test_quarantined_lines_run_nothing() -> None:
    content = quarantine_csv([Quarantined(file="=a.csv", line=3, reason="it has 1 fields", text=f"{FORMULA},x")])
    assert list(csv.reader(io.StringIO(content.decode())))[1] == ["'=a.csv", "3", "it has 1 fields", f"'{FORMULA},x"]
