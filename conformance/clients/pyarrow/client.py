"""pyarrow.fs: the AWS SDK for C++ underneath."""

import tempfile
from pathlib import Path

import tree
from pyarrow import csv, fs, parquet

known = tree.digests()


def client(secret: str) -> fs.S3FileSystem:
    """A file system with this secret."""
    host = tree.ENDPOINT.partition("://")[2]
    return fs.S3FileSystem(
        access_key=tree.KEY_ID, secret_key=secret, endpoint_override=host, scheme="http", region="us-east-1"
    )


s3, local = client(tree.SECRET), fs.LocalFileSystem()
fs.copy_files(str(tree.FILES), f"{tree.BUCKET}/files", source_filesystem=local, destination_filesystem=s3)
selector = fs.FileSelector(f"{tree.BUCKET}/files", recursive=True)
listed = [info.path.removeprefix(f"{tree.BUCKET}/files/") for info in s3.get_file_info(selector) if info.is_file]
assert sorted(listed) == sorted(known)
for name in known:
    s3.copy_file(f"{tree.BUCKET}/files/{name}", f"{tree.BUCKET}/copied/{name}")
    s3.move(f"{tree.BUCKET}/copied/{name}", f"{tree.BUCKET}/moved/{name}")
with tempfile.TemporaryDirectory() as out:
    fs.copy_files(f"{tree.BUCKET}/moved", out, source_filesystem=s3, destination_filesystem=local)
    assert tree.digests(Path(out)) == known
with s3.open_output_stream(f"{tree.BUCKET}/table.csv") as stream:
    stream.write(b"a,b\n1,x\n2,y\n")
table = csv.read_csv(s3.open_input_stream(f"{tree.BUCKET}/table.csv"))
parquet.write_table(table, f"{tree.BUCKET}/table.parquet", filesystem=s3)
assert parquet.read_table(f"{tree.BUCKET}/table.parquet", filesystem=s3).equals(table)
s3.delete_dir(f"{tree.BUCKET}/moved")
try:
    client(tree.WRONG_SECRET).get_file_info(selector)
except OSError as error:
    assert "SIGNATURE_DOES_NOT_MATCH" in str(error) or "ACCESS_DENIED" in str(error), error
else:
    raise AssertionError("a wrong secret was let in")
