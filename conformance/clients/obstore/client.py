"""obstore: the object_store of Rust."""

from datetime import timedelta

import obstore
import tree
from obstore.exceptions import BaseError
from obstore.store import S3Store

known = tree.digests()


def store(secret: str) -> S3Store:
    """The bucket, by this secret."""
    return S3Store(
        tree.BUCKET,
        endpoint=tree.ENDPOINT,
        access_key_id=tree.KEY_ID,
        secret_access_key=secret,
        region="us-east-1",
        client_options={"allow_http": True},
        retry_config={"max_retries": 0, "retry_timeout": timedelta(seconds=5)} if secret != tree.SECRET else None,
    )


s3 = store(tree.SECRET)
for name in known:
    s3.put(f"files/{name}", tree.FILES / name)
listed = {each["path"] for page in s3.list("files") for each in page}
assert listed == {f"files/{name}" for name in known}
for name in known:
    s3.copy(f"files/{name}", f"copied/{name}")
    s3.rename(f"copied/{name}", f"moved/{name}")
assert not [each for page in s3.list("copied") for each in page]
assert {name: tree.digest(bytes(s3.get(f"moved/{name}").bytes())) for name in known} == known
s3.delete([f"moved/{name}" for name in known])
assert not [each for page in s3.list("moved") for each in page]
try:
    s3.put(f"files/{next(iter(known))}", b"x", mode="create")
except obstore.exceptions.AlreadyExistsError:
    pass
else:
    raise AssertionError("a conditional write overwrote")
try:
    store(tree.WRONG_SECRET).head(f"files/{next(iter(known))}")
except (BaseError, PermissionError) as error:
    assert "403" in str(error), error
else:
    raise AssertionError("a wrong secret was let in")
