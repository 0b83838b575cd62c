"""MinIO's client library for Python."""

import tempfile
from pathlib import Path
from urllib.parse import urlsplit

import tree
from minio import Minio
from minio.commonconfig import CopySource
from minio.deleteobjects import DeleteObject
from minio.error import S3Error

known = tree.digests()
HOST = urlsplit(tree.ENDPOINT).netloc
s3 = Minio(HOST, access_key=tree.KEY_ID, secret_key=tree.SECRET, secure=False)
for name in known:
    s3.fput_object(tree.BUCKET, f"files/{name}", str(tree.FILES / name))
listed = [each.object_name for each in s3.list_objects(tree.BUCKET, "files/", recursive=True)]
assert listed == [f"files/{name}" for name in sorted(known)]
for name in known:
    s3.copy_object(tree.BUCKET, f"copied/{name}", CopySource(tree.BUCKET, f"files/{name}"))
    s3.copy_object(tree.BUCKET, f"moved/{name}", CopySource(tree.BUCKET, f"copied/{name}"))
assert not list(s3.remove_objects(tree.BUCKET, (DeleteObject(f"copied/{name}") for name in known)))
assert not list(s3.list_objects(tree.BUCKET, "copied/", recursive=True))
with tempfile.TemporaryDirectory() as out:
    for name in known:
        s3.fget_object(tree.BUCKET, f"moved/{name}", str(Path(out) / name))
    assert tree.digests(Path(out)) == known
try:
    list(Minio(HOST, access_key=tree.KEY_ID, secret_key=tree.WRONG_SECRET, secure=False).list_objects(tree.BUCKET))
except S3Error as error:
    assert error.code == "SignatureDoesNotMatch", error
else:
    raise AssertionError("a wrong secret was let in")
