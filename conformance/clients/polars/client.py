"""polars: 1,000 CSV files scanned as one, written and read again as Parquet."""

import polars as pl
import tree


def options(secret: str) -> dict[str, str]:
    """How to reach the cloud with this secret."""
    return {
        "aws_endpoint_url": tree.ENDPOINT,
        "aws_access_key_id": tree.KEY_ID,
        "aws_secret_access_key": secret,
        "aws_region": "us-east-1",
        "aws_allow_http": "true",
    }


s3 = options(tree.SECRET)
for number in range(1000):
    frame = pl.DataFrame({"number": [number] * 3, "word": ["pothole", "graffiti", f"ü{number}"]})
    frame.write_csv(f"s3://{tree.BUCKET}/csv/{number:04}.csv", storage_options=s3)
scanned = pl.scan_csv(f"s3://{tree.BUCKET}/csv/*.csv", storage_options=s3).collect()
assert scanned.shape == (3000, 2)
assert scanned["number"].sum() == 3 * sum(range(1000))
scanned.write_parquet(f"s3://{tree.BUCKET}/all.parquet", storage_options=s3)
lazy = pl.scan_parquet(f"s3://{tree.BUCKET}/all.parquet", storage_options=s3)
assert lazy.sort("number", "word").collect().equals(scanned.sort("number", "word"))
assert lazy.filter(pl.col("word") == "ü7").collect()["number"].to_list() == [7]
try:
    pl.scan_parquet(f"s3://{tree.BUCKET}/all.parquet", storage_options=options(tree.WRONG_SECRET)).collect()
except Exception as error:  # noqa: BLE001 - the class differs between versions
    assert "403" in str(error) or "SignatureDoesNotMatch" in str(error), error
else:
    raise AssertionError("a wrong secret was let in")
