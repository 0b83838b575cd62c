"""What the rules do to versions and delete markers."""

from typing import Any

from marinelayer.ports import Statement
from marinelayer.services.s3.lifecycle_rules import DAY

from .passing_days import EXPIRE, keys, markers, put, put_all, rest, rule, versioning, versions


async def test_in_a_versioned_bucket_objects_expire_to_delete_markers(s3: Any) -> None:
    await versioning(s3)
    await put_all(s3, "logs/a")
    await put(s3, EXPIRE)
    await rest(s3, 4)
    assert await keys(s3) == []
    assert [key for key, _ in await versions(s3)] == await markers(s3) == ["logs/a"]
    await rest(s3, 9)
    assert [key for key, _ in await versions(s3)] == await markers(s3) == ["logs/a"], "a marker above versions stays"


async def test_while_versioning_is_suspended_the_null_version_goes(s3: Any) -> None:
    await put_all(s3, "logs/a")
    await versioning(s3, "Suspended")
    await put(s3, EXPIRE)
    await rest(s3, 4)
    assert (await versions(s3), await markers(s3)) == ([], ["logs/a"])


async def test_noncurrent_versions_go_and_the_newer_ones_are_kept(s3: Any) -> None:
    await versioning(s3)
    written = []
    for _ in range(5):
        written.append((await s3("PutObject", Bucket="photos", Key="k", Body=b"x"))["VersionId"])
        s3.clock.forward(1)
    await put(s3, rule(NoncurrentVersionExpiration={"NoncurrentDays": 2, "NewerNoncurrentVersions": 2}))
    await rest(s3, 1.9)
    assert len(await versions(s3)) == 5
    await rest(s3, 2)
    assert [version for _, version in await versions(s3)] == written[:1:-1]


async def test_a_version_is_as_old_as_its_successor(s3: Any) -> None:
    await versioning(s3)
    await put_all(s3, "k")
    await put(s3, rule(NoncurrentVersionExpiration={"NoncurrentDays": 2}))
    await rest(s3, 10)
    await put_all(s3, "k")
    await rest(s3, 1)
    assert len(await versions(s3)) == 2
    await rest(s3, 2)
    assert len(await versions(s3)) == 1


async def test_a_delete_marker_goes_when_nothing_is_left_under_it(s3: Any) -> None:
    await versioning(s3)
    await put_all(s3, "logs/a", "logs/b")
    for key in ("logs/a", "logs/b"):
        await s3("DeleteObject", Bucket="photos", Key=key)
    await put(
        s3,
        rule(Filter={"Prefix": "logs/a"}, Expiration={"ExpiredObjectDeleteMarker": True}),
        rule(Filter={"Prefix": "logs/"}, NoncurrentVersionExpiration={"NoncurrentDays": 1}),
    )
    await rest(s3, 0)
    assert await markers(s3) == ["logs/a", "logs/b"]
    await rest(s3, 2)
    await rest(s3, 1)
    assert (await versions(s3), await markers(s3)) == ([], ["logs/b"])


async def test_an_expiration_in_days_removes_a_delete_marker_of_that_age(s3: Any) -> None:
    await versioning(s3)
    await s3("DeleteObject", Bucket="photos", Key="logs/a")
    await put(s3, EXPIRE)
    await rest(s3, 3)
    assert await markers(s3) == ["logs/a"]
    await rest(s3, 1)
    assert await markers(s3) == []


async def test_noncurrent_versions_are_transitioned_by_themselves(s3: Any) -> None:
    await versioning(s3)
    body = b"x" * (128 * 1024)
    for _ in range(2):
        await s3("PutObject", Bucket="photos", Key="k", Body=body)
    await put(s3, rule(NoncurrentVersionTransitions=[{"NoncurrentDays": 1, "StorageClass": "GLACIER"}]))
    await rest(s3, 2)
    found = (await s3("ListObjectVersions", Bucket="photos"))["Versions"]
    assert [one["StorageClass"] for one in found] == ["STANDARD", "GLACIER"]


async def test_what_is_locked_stays(s3: Any) -> None:
    await versioning(s3)
    for key in ("held", "kept", "free"):
        await put_all(s3, key, key)
    lock = Statement("lock", "UPDATE versions SET legal_hold = :hold, retain_until = :until WHERE key = :key")
    far = s3.clock.now() + 5 * DAY
    for key, hold, until in (("held", 1, None), ("kept", None, far)):
        await s3.tables.write(lambda tx, **values: tx.run(lock, **values), key=key.encode(), hold=hold, until=until)
    await s3.tables.write(
        lambda tx: tx.run(Statement("mode", "UPDATE versions SET retention_mode = 'COMPLIANCE' WHERE retain_until > 0"))
    )
    await put(s3, rule(NoncurrentVersionExpiration={"NoncurrentDays": 1}))
    await rest(s3, 2)
    assert [key for key, _ in await versions(s3)] == ["free", "held", "held", "kept", "kept"]
    await rest(s3, 5)
    assert [key for key, _ in await versions(s3)] == ["free", "held", "held", "kept"]
