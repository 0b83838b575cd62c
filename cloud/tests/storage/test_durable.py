from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from marinelayer.storage import durable


def test_a_new_file_never_replaces_one_that_is_there(tmp_path: Path) -> None:
    durable.write_new(tmp_path / "a", b"first")
    with pytest.raises(FileExistsError):
        durable.write_new(tmp_path / "a", b"second")
    assert (tmp_path / "a").read_bytes() == b"first"
    assert [path.name for path in tmp_path.iterdir()] == ["a"]
    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o600


def test_what_a_killed_writer_left_is_no_obstacle(tmp_path: Path) -> None:
    (tmp_path / ".a.new").write_bytes(b"half")
    durable.replace(tmp_path / "a", b"whole")
    durable.replace(tmp_path / "a", b"again")
    assert (tmp_path / "a").read_bytes() == b"again"
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_threads_that_ask_meanwhile_share_the_next_sync(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    begun, go_on = threading.Event(), threading.Event()
    syncs = 0

    def slow(folder: Path) -> None:
        nonlocal syncs
        syncs += 1
        begun.set()
        assert go_on.wait(10)

    monkeypatch.setattr(durable, "sync_folder", slow)
    shared = durable.SharedFolderSync(tmp_path)
    with ThreadPoolExecutor(9) as threads:
        first = threads.submit(shared.sync)
        assert begun.wait(10)
        others = [threads.submit(shared.sync) for _ in range(8)]
        while shared._asked < 9:
            pass
        go_on.set()
        for future in (first, *others):
            future.result(10)
    assert syncs == 2
