"""docs/architecture.md is true to the code: every room has its place, and every file that it names exists."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
HOUSE = ROOT / "cloud/src/marinelayer"
PAGE = (ROOT / "docs/architecture.md").read_text("utf-8")
ROOMS = sorted(
    path.name + ("/" if path.is_dir() else "")
    for path in HOUSE.iterdir()
    if (path.suffix == ".py" and path.stem != "__init__") or (path.is_dir() and (path / "__init__.py").exists())
)
AT_RUN_TIME = {"epoch-N/cloud.db", "epoch-N/blobs/", "run.json", "last.json", "marinelayer.toml"}
"""What is no file of the repository."""


def _rows():
    """The rooms of the table with the files that they begin with."""
    for line in PAGE.partition("| room |")[2].partition("\n\n")[0].splitlines()[2:]:
        cells = line.strip("|").split("|")
        yield re.findall(r"`([^`]+)`", cells[0]), re.findall(r"`([^`]+)`", cells[1])


def test_no_room_is_left_out():
    named = {room for rooms, _ in _rows() for room in rooms}
    drawing = PAGE.partition("```")[2].partition("```")[0]
    for room in ROOMS:
        assert room in drawing, f"{room} is not in the drawing"
        assert room in named | {"cli.py", "testing.py"}, f"{room} is not in the table"
    assert named <= set(ROOMS)


def test_the_files_of_a_room_are_in_it():
    listed = [(rooms[0], file) for rooms, files in _rows() for file in files]
    assert len(listed) > 50
    for room, file in listed:
        place = HOUSE / room if room.endswith("/") else HOUSE
        assert (place / file).exists(), f"{file} is not in {room}"


def test_files_that_are_named_in_the_text_exist():
    text = re.sub(r"```.*?```", "", PAGE, flags=re.DOTALL).partition("## A request's way")[2]
    paths = {path for path in re.findall(r"`([\w./-]+/[\w./-]*)`", text) if not path.startswith("/_")} - AT_RUN_TIME
    assert len(paths) > 20
    for path in paths:
        places = (ROOT, HOUSE, ROOT / "getitdone/src/getitdone")
        assert any((place / path).exists() for place in places), path


@pytest.mark.parametrize("name", ["architecture.md", "semantics.md", "differences.md"])
def test_links_of_a_page_lead_somewhere(name):
    page = (ROOT / "docs" / name).read_text("utf-8")
    for link in re.findall(r"\]\(([^)#]+)\)", page):
        if "://" not in link:
            assert (ROOT / "docs" / link).exists(), link


def test_the_map_is_short():
    assert len(PAGE.splitlines()) <= 200
