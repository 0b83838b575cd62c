"""boto3's resource and its transfers, as it is and as it was in 2022, before it sent checksums by itself."""

import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import boto3
import tree
from botocore.exceptions import ClientError

s3 = boto3.resource("s3", endpoint_url=tree.ENDPOINT)
bucket = s3.Bucket(tree.BUCKET)
known = tree.digests()

with ThreadPoolExecutor(8) as pool:
    list(pool.map(lambda name: bucket.upload_file(str(tree.FILES / name), f"files/{name}"), known))
    assert sorted(o.key for o in bucket.objects.filter(Prefix="files/")) == sorted(f"files/{name}" for name in known)

    def copy(name: str) -> None:
        """Copy a file's object, whole or in parts."""
        bucket.copy({"Bucket": tree.BUCKET, "Key": f"files/{name}"}, f"copied/{name}")

    def move(name: str) -> None:
        """Copy a copy, and delete it."""
        bucket.copy({"Bucket": tree.BUCKET, "Key": f"copied/{name}"}, f"moved/{name}")
        bucket.Object(f"copied/{name}").delete()

    list(pool.map(copy, known))
    list(pool.map(move, known))
    assert not list(bucket.objects.filter(Prefix="copied/"))
    with tempfile.TemporaryDirectory() as out:

        def get(name: str) -> None:
            """Download a file."""
            (Path(out) / name).parent.mkdir(parents=True, exist_ok=True)
            bucket.download_file(f"moved/{name}", str(Path(out) / name))

        list(pool.map(get, known))
        assert tree.digests(Path(out)) == known

assert sum(len(page["Deleted"]) for page in bucket.objects.filter(Prefix="moved/").delete()) == len(known)

keys = {"aws_access_key_id": tree.KEY_ID, "aws_secret_access_key": tree.WRONG_SECRET}
wrong = boto3.client("s3", endpoint_url=tree.ENDPOINT, **keys)
try:
    wrong.list_objects_v2(Bucket=tree.BUCKET)
except ClientError as error:
    assert error.response["Error"]["Code"] == "SignatureDoesNotMatch", error
else:
    raise AssertionError("a wrong secret was let in")
