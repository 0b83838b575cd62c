from __future__ import annotations

import csv
import io
from collections import Counter
from pathlib import Path

from getitdone.additions import LABELLED, PHOTO_ADDED, SPANISH_ADDED, Added, add
from getitdone.loading import split_by_day
from getitdone.months import Month
from getitdone.requests import read_files
from getitdone.samples.spanish import KINDS, kind_of

HEADER = "service_request_id,date_requested,service_name,public_description\n"
SCOOTERS = ("Shared Mobility Device",)
SERVICES = ("Graffiti Removal", "Shared Mobility Device", "Illegal Dumping", "Pothole", "Encampment")


def days(*lines: str) -> dict[str, bytes]:
    return {"2021/04/2021-04-01.csv": (HEADER + "".join(f"{line}\n" for line in lines)).encode()}


def rows(files: dict[str, bytes]) -> list[dict[str, str]]:
    return [row for body in files.values() for row in csv.DictReader(io.StringIO(body.decode()))]


def fill(files: dict[str, bytes], *, photos: int = 0, spanish: int = 0, seed: int = 0) -> Added:
    return add(files, services=SCOOTERS, photos=photos, spanish=spanish, seed=seed)


def test_spanish_is_added_only_where_nothing_was_written_and_says_so() -> None:
    files = days(
        *(
            f"{number},2021-04-01T08:00:00,{SERVICES[number % 5]},{'theirs' if number > 25 else ' '}"
            for number in range(50)
        ),
        "broken",
    )
    before = read_files(Month(2021, 4), files.items())
    added = fill(files, spanish=8)
    made_up = [row for row in rows(files) if row["generated"]]
    assert (added.spanish, len(made_up)) == (8, 8)
    assert {row["generated"] for row in made_up} == {SPANISH_ADDED}
    assert all(row["public_description"].strip() != "theirs" for row in made_up)
    assert {row["service_name"]: 2 for row in made_up} == Counter(row["service_name"] for row in made_up)
    assert "Encampment" not in {row["service_name"] for row in made_up}, "we have nothing to say of it"
    after = read_files(Month(2021, 4), files.items())
    changed = ["public_description", "generated"]
    assert after.frame.drop(changed).equals(before.frame.drop(changed))
    assert len(after.quarantined) == len(before.quarantined) == 1
    assert sum(row["public_description"] == "theirs" for row in rows(files)) == 24


def test_the_same_seed_adds_the_same_and_another_seed_something_else() -> None:
    lines = [f"{number},2021-04-01T08:00:00,Graffiti Removal," for number in range(40)]
    first, second, third = days(*lines), days(*lines), days(*lines)
    for files, seed in ((first, 1), (second, 1), (third, 2)):
        fill(files, spanish=10, seed=seed)
    assert first == second != third


def test_photos_go_to_what_citizens_wrote_and_never_to_what_was_made_up() -> None:
    files = days(
        *(
            f"{number},2021-04-01T08:00:00,Shared Mobility Device,{'theirs' if number % 2 else ''}"
            for number in range(20)
        )
    )
    added = fill(files, photos=4, spanish=4)
    assert Counter(row["generated"] for row in rows(files)) == {PHOTO_ADDED: 4, SPANISH_ADDED: 4, "": 12}
    assert sorted(added.photos) == sorted(row["image"] for row in rows(files) if row["image"])
    assert {row["public_description"] for row in rows(files) if row["image"]} == {"theirs"}


def test_less_than_was_asked_for_is_told() -> None:
    added = fill(days("1,2021-04-01T08:00:00,Pothole,", "2,2021-04-01T08:00:00,Encampment,"), photos=1, spanish=3)
    assert (len(added.photos), added.spanish) == (0, 1)
    assert added.notes == [
        "1 fewer photos were added than asked for: no more requests lack them",
        "2 fewer Spanish descriptions were added than asked for: no more requests lack them",
        LABELLED,
    ]


def test_a_request_that_comes_again_with_a_description_keeps_it() -> None:
    files = days("1,2021-04-01T08:00:00,Pothole,") | {
        "2021/04/2021-04-02.csv": (HEADER + "1,2021-04-01T08:00:00,Pothole,theirs\n").encode()
    }
    fill(files, spanish=1)
    first, second = rows(files)
    assert first["generated"] == SPANISH_ADDED
    assert (second["public_description"], second["generated"]) == ("theirs", "")


def test_files_without_the_columns_are_left_alone() -> None:
    files = {"a.csv": b"", "b.csv": b"x,y\n1,2\n"}
    fill(files, photos=1, spanish=1)
    assert files == {"a.csv": b"", "b.csv": b"x,y\n1,2\n"}


def test_every_kind_has_texts_of_its_own_and_finds_its_services() -> None:
    assert {kind_of(name) for name in SERVICES} == {"graffiti", "scooters", "dumping", "potholes", ""}
    assert min(len(set(texts)) for _, texts in KINDS.values()) >= 2
    scooters = KINDS["scooters"][1]
    assert sum("scooter" in text.casefold() or "patinete" in text.casefold() for text in scooters) == len(scooters)


def test_san_diegos_counts_stay_and_its_descriptions_too(san_diego: Path) -> None:
    files = {key: body for key, (body, _) in split_by_day(san_diego.read_bytes()).items()}
    before = [read_files(Month(2021, month), files.items()).frame for month in (3, 4)]
    added = fill(files, photos=3, spanish=80)
    after = [read_files(Month(2021, month), files.items()).frame for month in (3, 4)]
    assert (added.spanish, len(added.photos), added.notes) == (80, 3, [LABELLED])
    texts: list[str] = []
    for old, new in zip(before, after, strict=True):
        assert new.drop("public_description", "generated", "image").equals(
            old.drop("public_description", "generated", "image")
        )
        for was, now, label in zip(old["public_description"], new["public_description"], new["generated"], strict=True):
            assert (was == now) if label != SPANISH_ADDED else (was == "" and now)
            texts += [now] if label == SPANISH_ADDED else []
    assert (len(texts), len(set(texts)) > 50) == (80, True)
