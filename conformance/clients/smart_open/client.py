"""smart_open: files as streams, in parts as they come, and read from the middle."""

import boto3
import tree
from smart_open import open as open_stream
from smart_open import s3 as buckets

known = tree.digests()
s3 = {"client": boto3.client("s3", endpoint_url=tree.ENDPOINT), "min_part_size": 5 * 2**20}


def stream(key: str, mode: str) -> object:
    """An object as a stream."""
    return open_stream(f"s3://{tree.BUCKET}/{key}", mode, transport_params=s3)


for name in known:
    with stream(f"files/{name}", "wb") as out, (tree.FILES / name).open("rb") as file:
        while piece := file.read(2**20):
            out.write(piece)
found = {
    key.removeprefix("files/"): tree.digest(data)
    for key, data in buckets.iter_bucket(tree.BUCKET, prefix="files/", workers=8)
}
assert found == known
for name in known:
    with stream(f"files/{name}", "rb") as source, stream(f"copied/{name}.gz", "wb") as out:
        out.write(source.read())
    with stream(f"copied/{name}.gz", "rb") as back:
        assert tree.digest(back.read()) == known[name]
name = next(name for name in known if (tree.FILES / name).stat().st_size > 2**20)
with stream(f"files/{name}", "rb") as source:
    source.seek(2**20 + 7)
    assert source.read(2**12) == (tree.FILES / name).read_bytes()[2**20 + 7 :][: 2**12]
    source.seek(-9, 2)
    assert source.read() == (tree.FILES / name).read_bytes()[-9:]

wrong = boto3.client(
    "s3", endpoint_url=tree.ENDPOINT, aws_secret_access_key=tree.WRONG_SECRET, aws_access_key_id=tree.KEY_ID
)
try:
    with open_stream(f"s3://{tree.BUCKET}/refused", "wb", transport_params={"client": wrong}) as out:
        out.write(b"x")
except ValueError as error:
    assert "SignatureDoesNotMatch" in str(error), error
else:
    raise AssertionError("a wrong secret was let in")
