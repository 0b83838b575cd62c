"""s3fs: put, list, get, delete; refused with a wrong secret."""

import os

import s3fs

fs = s3fs.S3FileSystem(endpoint_url=os.environ["AWS_ENDPOINT_URL"])
fs.mkdir("s3fs-bucket")
with fs.open("s3fs-bucket/folder/hello.txt", "wb") as file:
    file.write(b"hello")
assert fs.ls("s3fs-bucket/folder") == ["s3fs-bucket/folder/hello.txt"]
assert fs.cat("s3fs-bucket/folder/hello.txt") == b"hello"
with fs.open("s3fs-bucket/big.bin", "wb", block_size=5 * 2**20) as file:
    file.write(os.urandom(12 * 2**20))
assert fs.info("s3fs-bucket/big.bin")["size"] == 12 * 2**20
assert len(fs.cat_file("s3fs-bucket/big.bin", start=2**20, end=3 * 2**20)) == 2**21
fs.rm("s3fs-bucket/folder/hello.txt")
fs.rm("s3fs-bucket/big.bin")
assert fs.ls("s3fs-bucket", refresh=True) == []
fs.rmdir("s3fs-bucket")

wrong = s3fs.S3FileSystem(
    endpoint_url=os.environ["AWS_ENDPOINT_URL"],
    key=os.environ["AWS_ACCESS_KEY_ID"],
    secret=os.environ["WRONG_SECRET"],
)
try:
    wrong.ls("s3fs-bucket")
except PermissionError:
    pass
else:
    raise AssertionError("a wrong secret was let in")
