"""Models are pulled from a real server that misbehaves, added from a folder, and removed; nothing half done is left."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from marinelayer.cli import main
from marinelayer.engines import catalogue
from marinelayer.engines.catalogue import ModelFile
from marinelayer.engines.models import fetching
from marinelayer.engines.models.fetching import PullError
from marinelayer.engines.models.installing import PARTIAL, add, pull, remove

from .shop import NAMES, WEIGHTS, Known, Shop, listed, sized


@pytest.fixture
def folder(tmp_path: Path, shop: Shop, known: Known) -> Path:
    """A models folder, and a catalogue of one model of two files that the shop has."""
    weights = sized("weights.onnx", WEIGHTS, f"{shop.url}/weights.onnx")
    names = sized("labels/names.txt", NAMES, f"{shop.url}/names.txt")
    known(listed("Seer", [weights, names]))
    return tmp_path / "data" / "models"


def told(*_: Any) -> None:
    return


def everything(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_a_model_is_pulled_whole_and_only_once(folder: Path, shop: Shop) -> None:
    steps: list[tuple[str, int, int | None]] = []
    found = pull("Seer", folder, lambda file, have, total: steps.append((file.name, have, total)))
    assert found.state == "present"
    assert found.read("weights.onnx") == WEIGHTS
    assert found.read("labels/names.txt") == NAMES
    assert everything(folder) == ["Seer/labels/names.txt", "Seer/weights.onnx"]
    assert not (folder / PARTIAL).exists()
    assert steps[0] == ("weights.onnx", 0, len(WEIGHTS))
    assert steps[-1] == ("labels/names.txt", len(NAMES), len(NAMES))
    pull("Seer", folder, told)
    assert shop.asked == [("/weights.onnx", None), ("/names.txt", None)]


def test_what_broke_off_goes_on_where_it_was(folder: Path, shop: Shop) -> None:
    shop.break_off = [100_000, 300_000]
    assert pull("Seer", folder, told).read("weights.onnx") == WEIGHTS
    assert [asked for path, asked in shop.asked if path == "/weights.onnx"] == [None, "bytes=100000-", "bytes=300000-"]


def test_what_was_given_up_goes_on_at_the_next_pull(folder: Path, shop: Shop) -> None:
    shop.break_off, shop.refusals = [123_456], [0] + [503] * fetching.ATTEMPTS
    with pytest.raises(PullError, match=r"503.*next pull goes on"):
        pull("Seer", folder, told)
    assert catalogue.find("Seer", folder).state == "missing"
    shop.asked = []
    assert pull("Seer", folder, told).state == "present"
    assert shop.asked == [("/weights.onnx", "bytes=123456-"), ("/names.txt", None)]


def test_a_server_without_ranges_gives_it_from_the_beginning(folder: Path, shop: Shop) -> None:
    shop.ranges = False
    shop.break_off = [100_000]
    assert pull("Seer", folder, told).read("weights.onnx") == WEIGHTS
    assert len(shop.asked) == 3


def test_a_server_that_says_no_length_is_believed_by_the_digest(folder: Path, shop: Shop) -> None:
    shop.says_length = False
    assert pull("Seer", folder, told).read("weights.onnx") == WEIGHTS


@pytest.mark.parametrize("wrong", [WEIGHTS[:-1] + b"!", WEIGHTS + b"!", WEIGHTS[:-1], b""])
def test_wrong_bytes_are_refused_and_nothing_is_left(folder: Path, shop: Shop, wrong: bytes) -> None:
    shop.files["/weights.onnx"] = wrong
    with pytest.raises(PullError, match="not the catalogue's file"):
        pull("Seer", folder, told)
    assert everything(folder) == []
    assert not (folder / PARTIAL).exists()


def test_a_part_of_something_else_is_thrown_away(folder: Path, shop: Shop) -> None:
    part = folder / PARTIAL / hashlib.sha256(WEIGHTS).hexdigest()
    part.parent.mkdir(parents=True)
    part.write_bytes(b"what an earlier server gave")
    assert pull("Seer", folder, told).read("weights.onnx") == WEIGHTS
    assert [asked for path, asked in shop.asked if path == "/weights.onnx"] == ["bytes=27-", None]


def test_a_file_that_was_whole_already_is_not_asked_for(folder: Path, shop: Shop) -> None:
    part = folder / PARTIAL / hashlib.sha256(WEIGHTS).hexdigest()
    part.parent.mkdir(parents=True)
    part.write_bytes(WEIGHTS)
    assert pull("Seer", folder, told).state == "present"
    assert shop.asked == [("/names.txt", None)]


def test_what_is_gone_says_so_and_another_address_is_tried(tmp_path: Path, shop: Shop, known: Known) -> None:
    gone, there = f"{shop.url}/gone", f"{shop.url}/weights.onnx"
    known(listed("Seer", [sized("weights.onnx", WEIGHTS, gone)]))
    with pytest.raises(PullError, match=r"/gone: the server answers 404 Not Found"):
        pull("Seer", tmp_path, told)
    assert not (tmp_path / PARTIAL).exists()
    known(listed("Seer", [sized("weights.onnx", WEIGHTS, gone, there)]))
    assert pull("Seer", tmp_path, told).state == "present"


def test_a_server_that_is_not_there_says_so(tmp_path: Path, known: Known) -> None:
    known(listed("Seer", [sized("weights.onnx", WEIGHTS, "http://127.0.0.1:1/weights.onnx")]))
    with pytest.raises(PullError, match="can not be reached"):
        pull("Seer", tmp_path, told)
    assert everything(tmp_path) == []


def test_a_file_of_unknown_size_is_told_by_its_digest(tmp_path: Path, shop: Shop, known: Known) -> None:
    digest = hashlib.sha256(WEIGHTS).hexdigest()
    known(listed("Seer", [ModelFile(name="weights.onnx", sha256=digest, urls=(f"{shop.url}/weights.onnx",))]))
    shop.break_off = [100_000]
    found = pull("Seer", tmp_path, told)
    assert found.read("weights.onnx") == WEIGHTS
    assert found.model.size is None


def test_a_folder_that_can_not_be_written_says_so(tmp_path: Path, shop: Shop, folder: Path) -> None:
    occupied = tmp_path / "file"
    occupied.write_bytes(b"")
    with pytest.raises(PullError, match=r"can not be written: Not a directory"):
        pull("Seer", occupied / "models", told)


def test_a_full_disk_says_so_and_keeps_what_it_has(folder: Path, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fsync", lambda _: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    with pytest.raises(PullError, match=r"can not be written: No space left on device"):
        pull("Seer", folder, told)
    assert catalogue.find("Seer", folder).state == "missing"
    monkeypatch.undo()


def test_two_pulls_of_the_same_file_do_not_mix(folder: Path, shop: Shop) -> None:
    import fcntl

    part = folder / PARTIAL / hashlib.sha256(WEIGHTS).hexdigest()
    part.parent.mkdir(parents=True)
    with part.open("ab") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(PullError, match="another process is downloading"):
            pull("Seer", folder, told)
    assert pull("Seer", folder, told).state == "present"


def test_what_comes_by_other_ways_says_by_which(tmp_path: Path, known: Known) -> None:
    known(listed("Program", [], "system"), listed("Trained", [sized("weights.onnx", WEIGHTS)]))
    for name in ("Program", "Trained"):
        with pytest.raises(PullError, match="put it there"):
            pull(name, tmp_path, told)
        said = CliRunner().invoke(main, ["models", "pull", name, "--models", str(tmp_path)]).stderr
        assert said.startswith(f"Error: {name}: it can not be downloaded by this command: ")
    with pytest.raises(PullError, match=r"no model Nothing in the catalogue.*models list"):
        pull("Nothing", tmp_path, told)


def test_files_under_any_name_are_added_by_their_digest(tmp_path: Path, folder: Path) -> None:
    stick = tmp_path / "stick" / "deep" / "down"
    stick.mkdir(parents=True)
    (stick / "a.bin").write_bytes(WEIGHTS)
    (stick / "other.bin").write_bytes(WEIGHTS[:-1] + b"!")
    lacking = add(tmp_path / "stick", folder)
    assert lacking.installed == ()
    assert [found.model.name for found in lacking.incomplete] == ["Seer"]
    assert catalogue.find("Seer", folder).state == "missing"
    (stick.parent / "b.txt").write_bytes(NAMES)
    assert add(tmp_path / "stick", folder).installed == ("Seer",)
    assert everything(folder) == ["Seer/labels/names.txt", "Seer/weights.onnx"]
    assert (stick / "a.bin").exists()
    assert add(tmp_path / "stick", folder).installed == ("Seer",)


def test_a_folder_that_is_not_there_can_not_be_added(tmp_path: Path, folder: Path) -> None:
    with pytest.raises(PullError, match="is not a folder"):
        add(tmp_path / "nowhere", folder)


def test_what_was_pulled_is_removed_and_can_be_pulled_again(folder: Path) -> None:
    pull("Seer", folder, told)
    remove("Seer", folder)
    assert everything(folder) == []
    with pytest.raises(PullError, match="not installed"):
        remove("Seer", folder)
    assert pull("Seer", folder, told).state == "present"


def test_a_file_that_somebody_put_there_is_theirs_to_remove(tmp_path: Path, known: Known) -> None:
    known(listed("Seer", [sized("weights.onnx", WEIGHTS)]))
    (tmp_path / "mine.onnx").write_bytes(WEIGHTS)
    with pytest.raises(PullError, match=r"remove .*mine\.onnx"):
        remove("Seer", tmp_path)
    assert (tmp_path / "mine.onnx").exists()


def test_what_was_changed_since_it_was_installed_is_not_loaded(folder: Path) -> None:
    from marinelayer.ports import EngineUnavailableError

    found = pull("Seer", folder, told)
    found.paths["weights.onnx"].write_bytes(WEIGHTS[:-1] + b"!")
    with pytest.raises(EngineUnavailableError, match="sha256 differs"):
        catalogue.find("Seer", folder).read("weights.onnx")


def test_the_command_line_pulls_lists_and_removes(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MARINELAYER_MODELS", str(folder))
    run = CliRunner().invoke

    def states() -> list[str]:
        return [json.loads(line)["state"] for line in run(main, ["models", "list", "--json"]).stdout.splitlines()]

    assert states() == ["missing"]
    pulled = run(main, ["models", "pull", "Seer"])
    assert pulled.exit_code == 0
    assert pulled.stdout.startswith("Seer is installed: ")
    assert states() == ["present"]
    table = run(main, ["models", "list"]).stdout
    assert "Seer" in table
    assert "Apache-2.0" in table
    assert run(main, ["models", "remove", "Seer"]).stdout == "Seer is removed\n"
    assert states() == ["missing"]


def test_the_command_line_adds_and_says_what_can_not_be(tmp_path: Path, folder: Path) -> None:
    run, stick = CliRunner().invoke, tmp_path / "stick"
    stick.mkdir()
    where = ["--models", str(folder)]
    nothing = run(main, ["models", "add", str(stick), *where])
    assert nothing.exit_code == 1
    assert "holds no whole model" in nothing.stderr
    (stick / "w").write_bytes(WEIGHTS)
    assert "Seer lacks labels/names.txt" in run(main, ["models", "add", str(stick), *where]).stderr
    (stick / "n").write_bytes(NAMES)
    assert run(main, ["models", "add", str(stick), *where]).stdout == f"Seer is installed in {folder}\n"
    unknown = run(main, ["models", "pull", "Nothing", *where])
    assert unknown.exit_code == 1
    assert unknown.stderr == (
        "Error: Nothing: there is no model Nothing in the catalogue; `marinelayer models list` shows what there is\n"
    )
