"""What Rekognition keeps, as rows on each database."""

from __future__ import annotations

import pytest

from marinelayer.ports import Statement, Tables, Transaction
from marinelayer.services.rekognition.dataset_rows import (
    SQL,
    page_of_entries,
    put_entries,
    remove_entries,
    set_status,
)
from marinelayer.services.rekognition.errors import ServiceQuotaExceededException
from marinelayer.services.rekognition.manifests import Entry
from marinelayer.services.rekognition.projects import SQL as PROJECTS
from marinelayer.services.rekognition.resource_tags import SQL as TAGS
from marinelayer.services.rekognition.resource_tags import put_tags
from marinelayer.services.rekognition.version_rows import SQL as VERSIONS
from marinelayer.services.rekognition.version_rows import settle_training
from marinelayer.services.rekognition.video_job_rows import SQL as VIDEOS

ACCOUNT = Statement("account", "INSERT INTO accounts (account, name, canonical_id, created) VALUES ('1', 'n', 'c', 1)")


@pytest.fixture
async def kept(tables: Tables) -> Tables:
    """Tables with an account, a project and its two datasets."""

    def write(tx: Transaction) -> None:
        tx.run(ACCOUNT)
        tx.run(PROJECTS.put_project, arn="p", account="1", region="r", name="n", created=1)
        for kind in ("TRAIN", "TEST"):
            tx.run(SQL.put_dataset, arn=kind, project_arn="p", kind=kind, status="s", message="", code="c", now=1)

    await tables.write(write)
    return tables


def entries(count: int = 3) -> list[Entry]:
    return [
        Entry(source_ref=f"s3://b/{at}", line=f"{at}", labels={"a": False, "b": True}, has_errors=bool(at))
        for at in range(count)
    ]


async def test_an_entry_keeps_its_number_when_another_line_takes_its_place(kept: Tables) -> None:
    def write(tx: Transaction) -> None:
        put_entries(tx, "TRAIN", entries())
        changed = Entry(source_ref="s3://b/1", line="changed", labels={"c": False}, has_errors=False)
        put_entries(tx, "TRAIN", [changed])
        found = page_of_entries(tx, "TRAIN", -1, 10)
        assert [(one.number, one.line, dict(one.labels)) for one in found] == [
            (1, "0", {"a": False, "b": True}),
            (2, "changed", {"c": False}),
            (3, "2", {"a": False, "b": True}),
        ]
        assert [one.number for one in page_of_entries(tx, "TRAIN", 1, 10, has_errors=1)] == [3]
        assert [one.number for one in page_of_entries(tx, "TRAIN", -1, 2, is_labeled=1)] == [1, 2]
        assert page_of_entries(tx, "TRAIN", -1, 2, is_labeled=0) == ()

    await kept.write(write)


async def test_datasets_are_counted(kept: Tables) -> None:
    def write(tx: Transaction) -> None:
        put_entries(tx, "TRAIN", entries())
        assert dict(tx.all(SQL.statistics, arn="TRAIN")[0]) == {"total": 3, "labeled": 3, "errors": 2}
        assert dict(tx.all(SQL.statistics, arn="TEST")[0]) == {"total": 0, "labeled": 0, "errors": 0}
        assert tx.all(SQL.count_labels, arn="TRAIN")[0]["labels"] == 2
        labels = tx.all(SQL.labels, arn="TRAIN", after="a", size=5)
        assert [dict(row) for row in labels] == [{"label": "b", "entries": 3, "boxed": 3}]
        tx.run(SQL.count_from, arn="TEST", source="TRAIN")
        assert tx.all(SQL.dataset, arn="TEST")[0]["next_number"] == 3
        set_status(tx, "TEST", "UPDATE_COMPLETE", 7, "done")
        assert tx.all(SQL.dataset, arn="TEST")[0]["updated"] == 7
        assert dict(tx.all(PROJECTS.uses, arn="p")[0]) == {"datasets": 2, "versions": 0}
        remove_entries(tx, "TRAIN", (1, 2, 3))
        assert tx.run(SQL.delete_dataset, arn="TRAIN") == 1

    await kept.write(write)


async def test_a_training_that_is_settled_twice_is_settled_once(kept: Tables) -> None:
    def write(tx: Transaction) -> None:
        made = {"arn": "v", "project_arn": "p", "status": "s", "message": "m", "request": "{}", "created": 3}
        assert tx.run(VERSIONS.put_version, name="v1", **made) == 1
        assert tx.run(VERSIONS.put_version, name="v1", **{**made, "arn": "w"}) == 0
        for model in (b"one", b"other"):
            settle_training(tx, "v", "TRAINING_COMPLETED", "m", {"f1": 1.0}, model)
        assert bytes(tx.all(VERSIONS.model, arn="v")[0]["model"]) == b"other"
        found = tx.all(VERSIONS.versions, project_arn="p", created=2**62, arn="", size=3)
        assert [row["arn"] for row in found] == ["v"]
        assert tx.all(VERSIONS.versions, project_arn="p", created=3, arn="v", size=3) == []
        put_tags(tx, "v", {"a": "b"})
        put_tags(tx, "v", {"a": "c"})
        assert [dict(row) for row in tx.all(TAGS.tags, arn="v")] == [{"key": "a", "value": "c"}]
        assert tx.one(TAGS.known, arn="v") is not None
        with pytest.raises(ServiceQuotaExceededException):
            put_tags(tx, "v", {str(number): "" for number in range(50)})

    await kept.write(write)


async def test_what_was_found_in_a_video_is_listed_by_time_and_by_name_and_goes_bit_by_bit(kept: Tables) -> None:
    def write(tx: Transaction) -> None:
        job = {"account": "1", "region": "r", "kind": "labels", "token": "t", "request": "{}", "created": 1}
        assert tx.run(VIDEOS.put_job, job_id="j", **job) == 1
        assert tx.run(VIDEOS.put_job, job_id="k", **job) == 0
        for number in (*range(600), 0):
            tx.run(
                VIDEOS.put_find,
                job_id="j",
                list="timestamps",
                number=number,
                time=500 * number,
                name="ab"[number % 2],
                sure=50.0 + number % 7,
                document="{}",
            )
        by_time = tx.all(VIDEOS.finds, job_id="j", list="timestamps", after=2, size=2)
        assert [row["number"] for row in by_time] == [3, 4]
        walked: list[tuple[str, float, int]] = []
        name, sure, number = "", 101.0, -1
        while page := tx.all(
            VIDEOS.finds_by_name, job_id="j", list="timestamps", name=name, sure=sure, after=number, size=99
        ):
            walked += [(row["name"], row["sure"], row["number"]) for row in page]
            name, sure, number = walked[-1]
        assert walked == sorted(walked, key=lambda one: (one[0], -one[1], one[2]))
        assert len(walked) == 600
        assert tx.run(VIDEOS.settle, job_id="j", status="SUCCEEDED", message="", facts="{}") == 1
        assert tx.run(VIDEOS.settle, job_id="j", status="FAILED", message="", facts="") == 0
        assert [tx.run(VIDEOS.delete_finds, job_id="j") for _ in range(3)] == [500, 100, 0]
        assert tx.run(VIDEOS.delete_job, job_id="j") == 1

    await kept.write(write)
