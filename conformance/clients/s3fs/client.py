"""s3fs, by fsspec's transfers of folders."""

import tempfile
from pathlib import Path

import s3fs
import tree

known = tree.digests()
fs = s3fs.S3FileSystem(endpoint_url=tree.ENDPOINT)
fs.put(f"{tree.FILES}/", f"{tree.BUCKET}/files/", recursive=True)
assert fs.find(f"{tree.BUCKET}/files") == [f"{tree.BUCKET}/files/{name}" for name in sorted(known)]
fs.copy(f"{tree.BUCKET}/files/", f"{tree.BUCKET}/copied/", recursive=True)
# Not with recursive=True: fsspec then copies folders too, and fails where one is only a prefix, on AWS as here.
for name in known:
    fs.mv(f"{tree.BUCKET}/copied/{name}", f"{tree.BUCKET}/moved/{name}")
fs.invalidate_cache()
assert not fs.exists(f"{tree.BUCKET}/copied")
with tempfile.TemporaryDirectory() as out:
    fs.get(f"{tree.BUCKET}/moved/", f"{out}/", recursive=True)
    assert tree.digests(Path(out)) == known
name = next(name for name in known if (tree.FILES / name).stat().st_size > 2**20)
part = fs.cat_file(f"{tree.BUCKET}/moved/{name}", start=2**10, end=2**20)
assert part == (tree.FILES / name).read_bytes()[2**10 : 2**20]
fs.rm(f"{tree.BUCKET}/moved", recursive=True)

wrong = s3fs.S3FileSystem(endpoint_url=tree.ENDPOINT, key=tree.KEY_ID, secret=tree.WRONG_SECRET)
try:
    wrong.ls(tree.BUCKET)
except PermissionError:
    pass
else:
    raise AssertionError("a wrong secret was let in")
