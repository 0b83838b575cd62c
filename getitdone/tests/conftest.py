"""What the tests share: the ports in memory, and, for the end-to-end tests, our own cloud as a user starts it."""

from __future__ import annotations

import shlex
import subprocess
import sys
import threading
from collections.abc import Generator
from pathlib import Path

import pytest

from getitdone.meter import Meter

# In importlib mode a test's folder is not on the path, and the twins are shared by many tests.
sys.path.insert(0, str(Path(__file__).parent))

from running import RunningCloud, plain_environment
from twins import MemoryObjects, MemoryTopics

SHARED = Path(__file__).parents[3] / "shared"


@pytest.fixture(scope="session")
def san_diego() -> Path:
    """San Diego's real requests."""
    file = SHARED / "data" / "get_it_done_2021_requests_datasd.csv"
    if not file.exists():
        pytest.skip("San Diego's file is not at ../shared/data")
    return file


@pytest.fixture
def objects() -> MemoryObjects:
    return MemoryObjects()


@pytest.fixture
def topics() -> MemoryTopics:
    return MemoryTopics()


@pytest.fixture
def meter() -> Meter:
    return Meter()


# --- the cloud, as a user starts it --------------------------------------------------------------------------------


def _ready_line(process: subprocess.Popen[str], seconds: float) -> str:
    lines: list[str] = []
    assert process.stdout is not None
    stdout = process.stdout

    def read() -> None:
        for line in stdout:
            if line.startswith("ready "):
                lines.append(line.split()[1])
                return

    thread = threading.Thread(target=read, daemon=True)
    thread.start()
    thread.join(seconds)
    return lines[0] if lines else ""


@pytest.fixture(scope="session")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Generator[RunningCloud]:
    """Our cloud in a process and a folder of its own, with the models of ../shared where they are."""
    program = Path(sys.prefix) / "bin" / "marinelayer"
    if not program.exists():
        pytest.skip("marinelayer is not installed beside this Python")
    folder = tmp_path_factory.mktemp("cloud")
    command = [str(program), "up", "--data", str(folder / "data"), "--port", "0", "--console-port", "0"]
    models = SHARED / "models"
    if models.is_dir():
        command += ["--models", str(models)]
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=log, text=True, cwd=folder, env=plain_environment()
        )
        try:
            address = _ready_line(process, 60)
            if not address:
                pytest.skip(f"marinelayer does not start: {(folder / 'log').read_text()[-600:]}")
            printed = subprocess.run(
                [str(program), "env", "--data", str(folder / "data")],
                capture_output=True,
                text=True,
                check=True,
                timeout=60,
                env=plain_environment(),
            ).stdout
            variables = dict(word.split("=", 1) for word in shlex.split(printed) if "=" in word)
            yield RunningCloud(environment=variables, folder=folder)
        finally:
            process.terminate()
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            if process.stdout:
                process.stdout.close()
