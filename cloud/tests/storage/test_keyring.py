from __future__ import annotations

import base64
import hmac
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from marinelayer.storage.keyring import FileKeyring


@pytest.fixture
def keyring(tmp_path: Path) -> FileKeyring:
    return FileKeyring(tmp_path / "master.key")


def test_a_wrapped_secret_comes_back(keyring: FileKeyring) -> None:
    wrapped = keyring.wrap(b"secret", "access key")
    assert b"secret" not in wrapped
    assert keyring.unwrap(wrapped, "access key") == b"secret"


def test_the_same_secret_is_never_wrapped_the_same_way(keyring: FileKeyring) -> None:
    assert len({keyring.wrap(b"secret", "p") for _ in range(100)}) == 100


def test_another_purpose_does_not_unwrap(keyring: FileKeyring) -> None:
    with pytest.raises(ValueError, match="another purpose"):
        keyring.unwrap(keyring.wrap(b"secret", "access key"), "session")


def test_every_changed_byte_is_noticed(keyring: FileKeyring) -> None:
    wrapped = keyring.wrap(b"secret", "p")
    for place in range(len(wrapped)):
        changed = bytearray(wrapped)
        changed[place] ^= 1
        with pytest.raises(ValueError):
            keyring.unwrap(bytes(changed), "p")


@given(st.binary(max_size=60))
def test_no_bytes_that_we_did_not_wrap_are_taken(tmp_path_factory: pytest.TempPathFactory, strange: bytes) -> None:
    keyring = FileKeyring(tmp_path_factory.mktemp("keyring") / "master.key")
    with pytest.raises(ValueError):
        keyring.unwrap(strange, "p")


def test_another_folders_key_does_not_unwrap(keyring: FileKeyring, tmp_path: Path) -> None:
    other = FileKeyring(tmp_path / "other.key")
    with pytest.raises(ValueError):
        other.unwrap(keyring.wrap(b"secret", "p"), "p")


def test_the_key_is_only_its_owners_and_the_same_at_the_next_start(keyring: FileKeyring, tmp_path: Path) -> None:
    path = tmp_path / "master.key"
    assert path.stat().st_mode & 0o777 == 0o600
    wrapped = keyring.wrap(b"secret", "p")
    path.chmod(0o644)
    assert FileKeyring(path).unwrap(wrapped, "p") == b"secret"
    assert path.stat().st_mode & 0o777 == 0o600


def test_after_a_rotation_old_secrets_unwrap_and_new_ones_need_the_new_key(
    keyring: FileKeyring, tmp_path: Path
) -> None:
    path = tmp_path / "master.key"
    old = keyring.wrap(b"old", "p")
    before = path.read_bytes()
    keyring.rotate()
    new = keyring.wrap(b"new", "p")
    again = FileKeyring(path)
    assert (again.unwrap(old, "p"), again.unwrap(new, "p")) == (b"old", b"new")
    (tmp_path / "before.key").write_bytes(before)
    with pytest.raises(ValueError):
        FileKeyring(tmp_path / "before.key").unwrap(new, "p")


def test_each_purpose_has_a_key_of_its_own(tmp_path: Path) -> None:
    """Whoever has any number of secrets wrapped for one purpose learns nothing of another one's key."""
    path = tmp_path / "master.key"
    keyring = FileKeyring(path)
    master = base64.b64decode(path.read_text().partition(":")[2])
    found: set[bytes] = set()
    for purpose in ("page:s3.ListObjectsV2/b", "access-key:AKIA"):
        wrapped = keyring.wrap(b"secret", purpose)
        own = hmac.digest(master, b"family:" + purpose.encode(), "sha256")
        assert AESGCM(own).decrypt(wrapped[2:14], wrapped[14:], wrapped[:2] + purpose.encode()) == b"secret"
        found.add(own)
    assert len(found) == 2
    assert master not in found


def test_names_that_begin_alike_share_a_key_and_do_not_unwrap_each_other(tmp_path: Path) -> None:
    path = tmp_path / "master.key"
    keyring = FileKeyring(path)
    master = base64.b64decode(path.read_text().partition(":")[2])
    one, other, later = (f"s3.blob/{start}{'0' * 23}{end}" for start, end in (("a" * 8, 1), ("a" * 8, 2), ("b" * 8, 1)))
    family = hmac.digest(master, b"family:s3.blob/aaaaaaaa", "sha256")
    for purpose in (one, other):
        wrapped = keyring.wrap(b"secret", purpose)
        assert AESGCM(family).decrypt(wrapped[2:14], wrapped[14:], wrapped[:2] + purpose.encode()) == b"secret"
        for stranger in {one, other, later} - {purpose}:
            with pytest.raises(ValueError, match="another purpose"):
                keyring.unwrap(wrapped, stranger)


def test_more_families_than_are_kept_ready_come_back(keyring: FileKeyring) -> None:
    purposes = [f"s3.blob/{number:08x}{'0' * 24}" for number in range(200)]
    wrapped = [keyring.wrap(purpose.encode(), purpose) for purpose in purposes]
    assert [keyring.unwrap(*pair) for pair in zip(wrapped, purposes, strict=True)] == [p.encode() for p in purposes]


def test_what_was_wrapped_with_a_key_for_each_purpose_unwraps(tmp_path: Path) -> None:
    path = tmp_path / "master.key"
    keyring = FileKeyring(path)
    master = base64.b64decode(path.read_text().partition(":")[2])
    header, nonce, purpose = b"\x02\x01", b"n" * 12, "s3.blob/" + "a" * 32
    key = AESGCM(hmac.digest(master, purpose.encode(), "sha256"))
    wrapped = header + nonce + key.encrypt(nonce, b"secret", header + purpose.encode())
    assert keyring.unwrap(wrapped, purpose) == b"secret"


def test_what_was_wrapped_before_keys_were_derived_unwraps(tmp_path: Path) -> None:
    path = tmp_path / "master.key"
    keyring = FileKeyring(path)
    master = base64.b64decode(path.read_text().partition(":")[2])
    header, nonce = b"\x01\x01", b"n" * 12
    wrapped = header + nonce + AESGCM(master).encrypt(nonce, b"secret", header + b"p")
    assert keyring.unwrap(wrapped, "p") == b"secret"


@pytest.mark.parametrize("text", ["", "1:short\n", "nonsense", "0:" + "A" * 43 + "=\n", "1:" + "!" * 44])
def test_a_broken_key_file_is_refused_without_showing_it(tmp_path: Path, text: str) -> None:
    (tmp_path / "master.key").write_text(text)
    with pytest.raises(ValueError, match="no master key file") as caught:
        FileKeyring(tmp_path / "master.key")
    assert caught.value.__cause__ is None
    assert "short" not in str(caught.value)


def test_no_key_is_printed(keyring: FileKeyring, tmp_path: Path) -> None:
    key = (tmp_path / "master.key").read_text().partition(":")[2].strip()
    assert key not in repr(keyring)
