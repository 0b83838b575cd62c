"""A bucket through any sequence of writes, against a dictionary."""

import asyncio
import hashlib
import shutil
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from marinelayer.ports import Statement
from marinelayer.services.s3.errors import NoSuchKey
from marinelayer.storage.sqlite import SqliteTables

KEYS = st.sampled_from(["a", "a/b", "a/c", "é", "b"])
BODIES = st.builds(
    lambda byte, size: bytes([byte]) * size, st.integers(0, 255), st.sampled_from([0, 1, 65_536, 65_537, 90_000])
)
REFERENCES = Statement(
    "references",
    "SELECT COALESCE((SELECT SUM(refs) FROM blobs), 0) AS counted,"
    " (SELECT COUNT(*) FROM versions) + (SELECT COUNT(*) FROM parts) AS named",
)


class Bucket(RuleBasedStateMachine):
    s3_on: Any

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="marinelayer-s3-"))
        self.runner = asyncio.Runner()
        self.objects: dict[str, bytes] = {}
        self.uploads: dict[str, tuple[str, dict[int, bytes]]] = {}
        self.run = self.runner.run

        async def start() -> Any:
            tables = SqliteTables(self.folder / "cloud.db")
            s3 = self.s3_on(tables, self.folder)
            await s3("CreateBucket", Bucket="photos")
            return tables, s3

        self.tables, self.s3 = self.run(start())

    def teardown(self) -> None:
        async def end() -> None:
            await self.s3.settle()
            # What is stored is what is named, and every reference is counted.
            assert await self.s3.stored() == set(await self.s3.freeing.named(sorted(await self.s3.stored())))
            counts = await self.tables.read(lambda tx: tx.one(REFERENCES))
            assert counts["counted"] == counts["named"]
            await self.s3.close()
            await self.tables.close()

        try:
            self.run(end())
        finally:
            self.runner.close()
            shutil.rmtree(self.folder)

    @rule(key=KEYS, body=BODIES)
    def put(self, key: str, body: bytes) -> None:
        self.run(self.s3("PutObject", Bucket="photos", Key=key, Body=body))
        self.objects[key] = body

    @rule(key=KEYS)
    def delete(self, key: str) -> None:
        self.run(self.s3("DeleteObject", Bucket="photos", Key=key))
        self.objects.pop(key, None)

    @rule(keys=st.lists(KEYS, min_size=1))
    def delete_many(self, keys: Any) -> None:
        self.run(self.s3("DeleteObjects", Bucket="photos", Delete={"Objects": [{"Key": key} for key in keys]}))
        for key in keys:
            self.objects.pop(key, None)

    @rule(source=KEYS, key=KEYS)
    def copy(self, source: str, key: str) -> None:
        request = {"Bucket": "photos", "Key": key, "CopySource": f"photos/{source}", "MetadataDirective": "REPLACE"}
        if source in self.objects:
            self.run(self.s3("CopyObject", **request))
            self.objects[key] = self.objects[source]
        else:
            with pytest.raises(NoSuchKey):
                self.run(self.s3("CopyObject", **request))

    @rule(key=KEYS)
    def begin(self, key: str) -> None:
        upload = self.run(self.s3("CreateMultipartUpload", Bucket="photos", Key=key))["UploadId"]
        self.uploads[upload] = (key, {})

    @precondition(lambda self: self.uploads)
    @rule(data=st.data(), number=st.integers(1, 3), body=BODIES)
    def send_part(self, data: st.DataObject, number: int, body: bytes) -> None:
        upload = data.draw(st.sampled_from(sorted(self.uploads)))
        key, parts = self.uploads[upload]
        self.run(self.s3.part(key, upload, number, body))
        parts[number] = body

    @precondition(lambda self: self.uploads and self.objects)
    @rule(data=st.data(), number=st.integers(1, 3))
    def copy_part(self, data: st.DataObject, number: int) -> None:
        upload = data.draw(st.sampled_from(sorted(self.uploads)))
        source = data.draw(st.sampled_from(sorted(self.objects)))
        key, parts = self.uploads[upload]
        request = {"Key": key, "UploadId": upload, "PartNumber": number, "CopySource": f"photos/{source}"}
        body = self.objects[source]
        if len(body) > 1:
            first = data.draw(st.integers(0, len(body) - 1))
            request["CopySourceRange"] = f"bytes={first}-{len(body) - 1}"
            body = body[first:]
        if body:
            self.run(self.s3("UploadPartCopy", Bucket="photos", **request))
            parts[number] = body

    @precondition(lambda self: any(parts for _, parts in self.uploads.values()))
    @rule(data=st.data())
    def complete_with_one_part(self, data: st.DataObject) -> None:
        """All but the last part need 5 MiB, so that one is listed and the others are let go of."""
        upload = data.draw(st.sampled_from(sorted(name for name, (_, parts) in self.uploads.items() if parts)))
        key, parts = self.uploads.pop(upload)
        number = data.draw(st.sampled_from(sorted(parts)))
        entry = {"PartNumber": number, "ETag": hashlib.md5(parts[number]).hexdigest()}
        self.run(self.s3.complete(key, upload, entry))
        self.objects[key] = parts[number]

    @precondition(lambda self: self.uploads)
    @rule(data=st.data())
    def abort(self, data: st.DataObject) -> None:
        upload = data.draw(st.sampled_from(sorted(self.uploads)))
        key, _ = self.uploads.pop(upload)
        self.run(self.s3("AbortMultipartUpload", Bucket="photos", Key=key, UploadId=upload))

    @rule()
    def settle(self) -> None:
        self.run(self.s3.settle())

    @invariant()
    def the_bucket_is_the_dictionary(self) -> None:
        listed = self.run(self.s3("ListObjectsV2", Bucket="photos")).get("Contents", [])
        assert {one["Key"]: one["Size"] for one in listed} == {key: len(body) for key, body in self.objects.items()}
        for key, body in self.objects.items():
            assert self.run(self.s3.content("photos", key)) == body


def test_a_bucket_is_a_dictionary_of_bytes(s3_on: Any) -> None:
    run_state_machine_as_test(
        type("OnFiles", (Bucket,), {"s3_on": staticmethod(s3_on)}),
        settings=settings(max_examples=25, stateful_step_count=25, deadline=None),
    )
