from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import pytest
from PIL import Image

from getitdone.months import Month
from getitdone.requests import read_files
from getitdone.samples.city import COLUMNS_22, COLUMNS_23, Schema, make_city
from getitdone.samples.people import contacts_csv
from getitdone.samples.photos import KINDS, is_drawn, jpeg
from getitdone.samples.write import write_sample

APRIL = Month(2021, 4)


def test_the_same_seed_writes_the_same_files(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_sample(tmp_path / name, APRIL, seed=5, days=4)
    write_sample(tmp_path / "c", APRIL, seed=6, days=4)
    first, second, third = (
        {
            file.relative_to(tmp_path / name): file.read_bytes()
            for file in (tmp_path / name).rglob("*")
            if file.is_file()
        }
        for name in ("a", "b", "c")
    )
    assert first == second != third


@pytest.mark.parametrize(("schema", "widths"), [("22", {22}), ("23", {23}), ("both", {22, 23})])
def test_each_schema_has_the_citys_columns_and_times(schema: Schema, widths: set[int]) -> None:
    city = make_city(APRIL, seed=1, schema=schema, days=6)
    assert (len(COLUMNS_22), len(COLUMNS_23)) == (22, 23)
    found: set[int] = set()
    for content in city.files.values():
        rows = csv.DictReader(io.StringIO(content.decode("utf-8", "replace")))
        columns = [name for name in rows.fieldnames or [] if name not in ("image", "generated")]
        found.add(len(columns))
        wide = "service_name_detail" in columns
        pattern = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.000" if wide else r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d"
        times = [row["date_requested"] for row in rows if row["service_request_id"].startswith("9")]
        assert sum(bool(re.fullmatch(pattern, time or "")) for time in times) > 20
    assert found == widths


def test_what_is_wrong_on_purpose_is_found_and_nothing_else() -> None:
    city = make_city(APRIL, seed=2)
    month = read_files(APRIL, city.files.items())
    assert (month.frame.height, len(month.quarantined)) == (city.rows, city.broken)
    assert month.superseded == city.duplicates + city.corrections
    assert len({row.reason.split("'")[0] for row in month.quarantined}) >= 5
    assert min(city.broken, city.duplicates, city.corrections) > 0


def test_the_citys_other_languages_are_there_and_labelled() -> None:
    text = b"".join(make_city(APRIL, seed=1).files.values()).decode("utf-8", "replace")
    for language in ("es", "vi", "tl", "zh"):
        assert f"text in {language}" in text
    assert "photo drawn: motor-scooter" in text


def test_nobody_in_the_contacts_is_real() -> None:
    rows = list(csv.DictReader(io.StringIO(contacts_csv(1).decode())))
    assert {row["Department"] for row in rows} == {"streets", "trash", "water", "scooters"}
    assert all(row["Email"].endswith("@example.com") for row in rows)
    assert all(re.search(r"555\D?01\d\d", row["Phone"]) for row in rows)
    assert any(row["Phone"].endswith(".0") for row in rows), "as spreadsheets write them"


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_photo_is_a_drawing_and_says_so(kind: str) -> None:
    photo = jpeg(KINDS[kind](1))
    assert is_drawn(photo)
    picture = Image.open(io.BytesIO(photo))
    assert picture.size == (640, 480)
    assert len(set(picture.resize((32, 24)).tobytes())) > 40, "it is no plain surface"
