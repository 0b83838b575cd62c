"""Models run on what the machine has, on the processor where that fails, and within bounds on either."""

import logging
import resource
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest
import structlog
from structlog.testing import LogCapture

from marinelayer.config import Settings
from marinelayer.engines import sessions, supervisor, worker
from marinelayer.engines.assembly import open_engines
from marinelayer.engines.sessions import PROCESSOR, Session, Sessions, devices
from marinelayer.engines.supervisor import Limits, Supervisor
from marinelayer.engines.vision import texts_task
from marinelayer.engines.vision.texts_task import ReadText

from .conftest import sign
from .onnx_model import model, node

HERE = Path(__file__).parent
DOUBLE = model(
    [node("Add", ["x", "x"], "y")], inputs={"x": (1, 2)}, outputs={"y": (1, 2)}, weights={"unused": np.zeros(1)}
)
X = {"x": np.array([[1.0, 2.0]], np.float32)}
CUDA, COREML = "CUDAExecutionProvider", "CoreMLExecutionProvider"


class Pretending(Session):
    """A session that says that it runs on what it was opened for, and does so on the processor. `starts` and `works`
    are the providers that do."""

    opened: list[str]
    starts: set[str]
    works: set[str]

    def __init__(self, data: Any, options: Any, *, providers: list[Any], **more: Any) -> None:
        first: str = providers[0] if isinstance(providers[0], str) else providers[0][0]
        self.opened.append(first)
        if first not in {*self.starts, PROCESSOR}:
            raise RuntimeError("libcudnn is not there")
        super().__init__(data, options, providers=[PROCESSOR])
        if first not in {*self.works, PROCESSOR}:
            self._sess = Breaking()
        self._pretended = first

    def get_providers(self) -> Any:
        return [getattr(self, "_pretended", PROCESSOR), PROCESSOR]

    def set_providers(self, providers: Any = None, provider_options: Any = None) -> None:
        self._pretended = PROCESSOR
        super().set_providers(providers, provider_options)


class Breaking:
    """What breaks when it is touched."""

    def __getattr__(self, name: str) -> Any:
        raise RuntimeError("out of memory: secret text of a user")


@pytest.fixture
def pretending(monkeypatch: pytest.MonkeyPatch) -> type[Pretending]:
    """A machine with CUDA and CoreML, as far as onnxruntime tells, of which both start and work."""
    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: [COREML, PROCESSOR, CUDA, "Tensorrt"])
    monkeypatch.setattr(sessions, "Session", Pretending)
    for name, value in (("opened", []), ("starts", {CUDA, COREML}), ("works", {CUDA, COREML})):
        monkeypatch.setattr(Pretending, name, value, raising=False)
    return Pretending


def said(caplog: pytest.LogCaptureFixture) -> list[str]:
    """What the engines logged."""
    return [record.getMessage() for record in caplog.records if record.name.startswith("marinelayer.engines")]


def open_here() -> Sessions:
    return Sessions(devices({"device": "auto"}))


def test_the_best_provider_that_is_here_is_taken(
    pretending: type[Pretending], caplog: pytest.LogCaptureFixture
) -> None:
    assert devices({"device": "auto"}) == [CUDA, COREML]
    with caplog.at_level(logging.INFO):
        opened = open_here()
        assert [opened.open(DOUBLE).run(None, X)[0].tolist() for _ in range(2)] == [[[2.0, 4.0]]] * 2
    assert pretending.opened == [CUDA, CUDA]
    assert said(caplog) == [f"runs on {CUDA}"], "it is said once"


def test_nothing_but_the_processor_is_tried_where_that_is_set(pretending: type[Pretending]) -> None:
    assert devices({"device": "cpu"}) == devices({}) == []
    Sessions(devices({"device": "cpu"})).open(DOUBLE)
    assert pretending.opened == [PROCESSOR]


def test_this_machine_has_what_onnxruntime_says_it_has() -> None:
    here: list[str] = onnxruntime.get_available_providers()  # pyright: ignore[reportAttributeAccessIssue]
    assert set(devices({"device": "auto"})) == set(here) & set(sessions.ORDER)


def test_a_provider_that_does_not_start_is_given_up(
    pretending: type[Pretending], caplog: pytest.LogCaptureFixture
) -> None:
    pretending.starts = {COREML}
    opened = open_here()
    with caplog.at_level(logging.INFO):
        opened.open(DOUBLE)
        opened.open(DOUBLE)
    assert pretending.opened == [CUDA, COREML, COREML], "it is tried once"
    assert said(caplog) == [f"{CUDA} does not start: RuntimeError: libcudnn is not there", f"runs on {COREML}"]


def test_where_no_provider_starts_the_processor_does_the_work(pretending: type[Pretending]) -> None:
    pretending.starts = set()
    assert open_here().open(DOUBLE).run(None, X)[0].tolist() == [[2.0, 4.0]]
    assert pretending.opened == [CUDA, COREML, PROCESSOR]


def test_a_provider_that_onnxruntime_leaves_out_in_silence_is_noticed(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO), pytest.warns(UserWarning, match="not in available"):
        Sessions([CUDA]).open(DOUBLE)  # this onnxruntime has none, and goes on without
    assert said(caplog) == [f"{CUDA} does not start: onnxruntime left it out", f"runs on {PROCESSOR}"]


def test_a_provider_that_breaks_later_fails_no_request(
    pretending: type[Pretending], caplog: pytest.LogCaptureFixture
) -> None:
    pretending.works = {COREML}
    session = open_here().open(DOUBLE)
    with caplog.at_level(logging.WARNING):
        assert [session.run(None, X)[0].tolist() for _ in range(2)] == [[[2.0, 4.0]]] * 2
    assert said(caplog) == [f"{CUDA} broke (RuntimeError): the processor goes on"]


def test_what_the_processor_refuses_too_is_refused() -> None:
    with pytest.raises(Exception, match="Unexpected input data type"):
        Sessions().open(DOUBLE).run(None, {"x": np.zeros((1, 2), np.int64)})


def test_the_reader_of_texts_runs_there_too(pretending: type[Pretending]) -> None:
    image = sign("MARKET STREET")
    there = ReadText(None, open_here())
    found = there.run({"model": "PP-OCRv6-small"}, image)
    assert pretending.opened == [CUDA, CUDA]
    assert found == ReadText(None).run({"model": "PP-OCRv6-small"}, image)


BOUNDED = """
import resource, sys, time
from marinelayer.engines import worker
worker.WATCH = 0.01
worker.bound_memory(500 << 20, sys.argv[1:])
print(resource.getrlimit(resource.RLIMIT_AS)[0] == 500 << 20, flush=True)
held = b"x" * (700 << 20)
time.sleep(60)
print("survived")
"""


def bounded(*tried: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", BOUNDED, *tried]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=90)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux bounds an address space")
def test_without_another_device_the_address_space_is_bounded() -> None:
    done = bounded()
    assert (done.stdout, done.returncode) == ("True\n", 1)
    assert "MemoryError" in done.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells what is resident")
def test_with_another_device_what_is_held_is_bounded_and_addresses_are_not() -> None:
    done = bounded(CUDA)
    assert (done.stdout, done.stderr, done.returncode) == ("False\n", "", 1)


def test_every_worker_that_opens_sessions_says_what_it_may_use() -> None:
    """worker.bound_memory must know it before models are loaded."""
    source = Path(worker.__file__).parent
    users = [path for path in source.rglob("*_task.py") if "Sessions(" in path.read_text("utf-8")]
    assert len(users) >= 3
    assert all("devices = sessions.devices" in path.read_text("utf-8") for path in users)
    assert texts_task.devices is devices


@pytest.fixture
async def saying(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Supervisor]:
    monkeypatch.setenv("PYTHONPATH", str(HERE))
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    supervisor = Supervisor("saying_task", options={"device": "auto"}, limits=Limits(ceiling=1 << 30))
    yield supervisor
    await supervisor.close()


async def test_what_a_worker_logs_stands_in_the_clouds_log(saying: Supervisor, monkeypatch: pytest.MonkeyPatch) -> None:
    log, everything = LogCapture(), structlog.make_filtering_bound_logger(0)
    monkeypatch.setattr(supervisor, "LOG", structlog.wrap_logger(None, processors=[log], wrapper_class=everything))
    seen = await saying.run({})
    await saying.run({})
    assert [(line["log_level"], line["text"]) for line in log.entries if line["engine"] == "saying_task"] == [
        ("info", "runs on something"),
        ("warning", "something broke"),
        ("warning", "something broke"),
    ]
    assert seen["address_space"] == resource.RLIM_INFINITY, "a device was named"
    assert seen["environment"]["CUDA_VISIBLE_DEVICES"] == ""


@pytest.mark.parametrize("device", ["auto", "cpu"])
def test_the_setting_reaches_every_worker_that_runs_models(device: Any) -> None:
    assert Settings.model_fields["engine_device"].default == "auto"
    engines = open_engines(None, device=device)
    supervisors = [
        engines.supervisors["labels"],
        engines.supervisors["texts"],
        engines.translator._neural,
        engines.custom_labels._training,
        engines.custom_labels._looking,
    ]
    assert [supervisor._options["device"] for supervisor in supervisors] == [device] * 5
