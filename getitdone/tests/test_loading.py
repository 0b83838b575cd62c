from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from twins import MemoryObjects

from getitdone.additions import PHOTO_ADDED
from getitdone.config import Settings
from getitdone.errors import DataError, NotOffered, SettingsError
from getitdone.loading import load, make_buckets, split_by_day
from getitdone.months import Month
from getitdone.requests import read_files, read_month
from getitdone.samples.photos import is_drawn
from getitdone.samples.write import write_sample

HEADER = "service_request_id,date_requested,service_name,public_description\n"


def big_file(folder: Path, *lines: str) -> Path:
    file = folder / "get_it_done_requests.csv"
    file.write_text(HEADER + "".join(f"{line}\n" for line in lines))
    return file


def test_a_big_file_is_split_by_day_with_its_lines_unchanged() -> None:
    lines = ['1,2021-03-31T23:59:00,"A, b","x\ny"', "2,2021-04-01 00:00:00.000, C ,", "3,2021-03-31T01:00:00,A,"]
    split = split_by_day((HEADER + "\r\n".join(lines) + "\r\n").encode())
    assert {key: count for key, (_, count) in split.items()} == {
        "2021/03/2021-03-31.csv": 2,
        "2021/04/2021-04-01.csv": 1,
    }
    assert split["2021/03/2021-03-31.csv"][0] == (HEADER + lines[0] + "\r\n" + lines[2] + "\r\n").encode()


def test_a_line_without_a_day_goes_with_the_line_before_it_to_be_quarantined_there() -> None:
    content = HEADER + "0,soon,A,\n1,2021-04-01T08:00:00,A,\nbroken\n2,tomorrow,A,\n3,2021-04-02T08:00:00,A,\n"
    split = split_by_day(content.encode())
    assert sum(count for _, count in split.values()) == 5
    month = read_files(Month(2021, 4), [(key, body) for key, (body, _) in split.items()])
    assert (month.frame.height, len(month.quarantined)) == (2, 3)


@pytest.mark.parametrize("content", [b"", b"a,b\n1,2\n", HEADER.encode(), HEADER.encode() + b"1,never,A,\n"])
def test_a_file_that_has_no_days_is_refused(content: bytes) -> None:
    with pytest.raises(DataError):
        split_by_day(content)


def test_buckets_are_made_private_but_for_the_site(objects: MemoryObjects) -> None:
    assert make_buckets(Settings(), objects) == ["gid-requests", "gid-images", "gid-contacts", "gid-reports"]
    assert objects.blocks == {
        "gid-requests": (True, True),
        "gid-images": (True, True),
        "gid-contacts": (True, True),
        "gid-reports": (False, True),
    }
    assert list(objects.policies) == ["gid-reports"]
    assert make_buckets(Settings(), objects) == []


def test_buckets_can_be_made_where_there_are_no_public_access_blocks(
    objects: MemoryObjects, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lacking(bucket: str, *, policies: bool, acls: bool) -> None:
        raise NotOffered("not here", code="NotImplemented", operation="PutPublicAccessBlock")

    monkeypatch.setattr(objects, "block_public_access", lacking)
    assert len(make_buckets(Settings(), objects)) == 4


def test_loading_again_sends_only_what_changed(objects: MemoryObjects, tmp_path: Path) -> None:
    file = big_file(tmp_path, "1,2021-04-01T08:00:00,A,", "2,2021-04-02T08:00:00,A,")
    first = load(Settings(), objects, file)
    again = load(Settings(), objects, file)
    big_file(tmp_path, "1,2021-04-01T08:00:00,A,", "2,2021-04-02T08:00:00,B,", "3,2021-04-03T08:00:00,A,")
    third = load(Settings(), objects, file)
    assert (first.sent, first.days, first.lines) == (2, 2, 2)
    assert (again.sent, again.unchanged) == (0, 2)
    assert (third.sent, third.replaced, third.unchanged) == (2, 1, 1)


def test_photos_are_added_and_said_to_be_added(objects: MemoryObjects, tmp_path: Path) -> None:
    lines = [f'{number},2021-04-01T08:00:00,Shared Mobility Device,"in, the way"' for number in range(5)]
    file = big_file(tmp_path, *lines, "9,2021-04-01T08:00:00,Pothole,hole", "broken")
    loaded = load(Settings(), objects, file, photos=2)
    daily = objects.text("gid-requests", "2021/04/2021-04-01.csv")
    rows = [row for row in csv.DictReader(io.StringIO(daily)) if row["generated"]]
    assert (loaded.photos_added, [row["generated"] for row in rows]) == (2, [PHOTO_ADDED, PHOTO_ADDED])
    for row in rows:
        assert row["public_description"] == "in, the way"
        assert objects.metadata["gid-images", row["image"]] == {
            "made-by": "getitdone",
            "drawn": "yes",
            "added": "on load",
        }
        assert is_drawn(objects.stored["gid-images", row["image"]])
    month = read_files(Month(2021, 4), [("day.csv", daily.encode())])
    assert (month.frame.height, len(month.quarantined)) == (6, 1)
    assert load(Settings(), objects, file, photos=2).sent == 0


def test_a_sample_folder_is_loaded_whole_and_read_as_it_was_made(objects: MemoryObjects, tmp_path: Path) -> None:
    written = write_sample(tmp_path, Month(2021, 4), seed=3, days=12, per_day=30)
    loaded = load(Settings(), objects, tmp_path)
    assert (loaded.days, loaded.photos, loaded.contacts) == (12, written.photos, True)
    month = read_month(objects, "gid-requests", Month(2021, 4), late_days=7)
    assert (month.frame.height, len(month.quarantined)) == (written.rows, written.broken)
    assert month.superseded == written.duplicates + written.corrections
    photos = month.frame.filter(month.frame["image"] != "")["image"].to_list()
    assert len(photos) == written.photos
    assert all(objects.metadata["gid-images", key]["drawn"] == "yes" for key in photos)


def test_contacts_may_lie_elsewhere(objects: MemoryObjects, tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_text("Name,Email,Phone,Department\n")
    load(Settings(), objects, big_file(tmp_path, "1,2021-04-01T08:00:00,A,"), contacts=tmp_path / "people.csv")
    assert objects.text("gid-contacts", "contacts.csv").startswith("Name,")


def test_two_files_for_one_day_are_refused_rather_than_one_lost(objects: MemoryObjects, tmp_path: Path) -> None:
    big_file(tmp_path, "1,2021-04-01T08:00:00,A,")
    (tmp_path / "2021-04-01.csv").write_text(HEADER)
    with pytest.raises(DataError, match="2021-04-01"):
        load(Settings(), objects, tmp_path)


def test_what_is_not_there_can_not_be_loaded(objects: MemoryObjects, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="nothing at"):
        load(Settings(), objects, tmp_path / "none")
    assert not objects.buckets


def test_san_diegos_file_becomes_thirteen_days(san_diego: Path) -> None:
    split = split_by_day(san_diego.read_bytes())
    assert (len(split), sum(count for _, count in split.values())) == (13, 13_530)
    assert sum(count for key, (_, count) in split.items() if key.startswith("2021/03/")) == 4_759
