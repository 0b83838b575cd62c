"""delta-rs: a Delta table of 1,000 data files, whose commits are writes that must not overwrite."""

from concurrent.futures import ThreadPoolExecutor

import pyarrow as pa
import tree
from deltalake import DeltaTable, write_deltalake


def options(secret: str) -> dict[str, str]:
    """How to reach the cloud with this secret. Commits are told apart by `If-None-Match: *`."""
    return {
        "AWS_ENDPOINT_URL": tree.ENDPOINT,
        "AWS_ACCESS_KEY_ID": tree.KEY_ID,
        "AWS_SECRET_ACCESS_KEY": secret,
        "AWS_REGION": "us-east-1",
        "AWS_ALLOW_HTTP": "true",
        "AWS_CONDITIONAL_PUT": "etag",
    }


s3, path = options(tree.SECRET), f"s3://{tree.BUCKET}/table"


def rows(batch: int) -> pa.Table:
    """Ten partitions of three rows each."""
    numbers = range(batch * 30, batch * 30 + 30)
    return pa.table({"number": numbers, "word": [f"ü{one}" for one in numbers], "part": [one % 10 for one in numbers]})


def append(batch: int) -> None:
    """One commit."""
    write_deltalake(path, rows(batch), mode="append", partition_by=["part"], storage_options=s3)


append(0)
with ThreadPoolExecutor(4) as pool:
    list(pool.map(append, range(1, 100)))
table = DeltaTable(path, storage_options=s3)
assert table.version() == 99
assert len(table.file_uris()) == 1000
assert sorted(table.to_pyarrow_table()["number"].to_pylist()) == list(range(3000))
assert DeltaTable(path, version=0, storage_options=s3).to_pyarrow_table().num_rows == 30
table.delete("number >= 1500")
table.update(updates={"word": "'pothole'"}, predicate="number = 7")
table.create_checkpoint()
table.optimize.compact()
table.vacuum(retention_hours=0, enforce_retention_duration=False, dry_run=False)
again = DeltaTable(path, storage_options=s3).to_pyarrow_table()
assert sorted(again["number"].to_pylist()) == list(range(1500))
assert dict(zip(again["number"].to_pylist(), again["word"].to_pylist(), strict=True))[7] == "pothole"
try:
    DeltaTable(path, storage_options={**options(tree.WRONG_SECRET), "max_retries": "0"})
except Exception as error:  # noqa: BLE001 what delta-rs raises is its own of every kind
    assert "SignatureDoesNotMatch" in str(error) or "403" in str(error), error
else:
    raise AssertionError("a wrong secret was let in")
