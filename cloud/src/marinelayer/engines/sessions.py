"""Where ONNX models run: the one place that opens sessions of onnxruntime.

The first provider of ORDER that onnxruntime has here and that works is taken, else the processor. One that does not
start, or that breaks while it runs, is given up with a warning, and the processor goes on in its place: no request
fails by it. Which one works is said in the log. The wheel that the cloud depends on knows the processor (on macOS also
CoreML); `pip install onnxruntime-gpu` in its place brings CUDA.

Source: https://onnxruntime.ai/docs/execution-providers/.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

import onnxruntime

LOG = logging.getLogger(__name__)

PROCESSOR = "CPUExecutionProvider"
ORDER: Mapping[str, Mapping[str, str]] = {
    # Its default tries every algorithm for each new shape, and pictures of texts have all shapes.
    "CUDAExecutionProvider": {"cudnn_conv_algo_search": "HEURISTIC"},
    "MIGraphXExecutionProvider": {},
    "ROCMExecutionProvider": {},
    "CoreMLExecutionProvider": {},
}
"""Providers with their options, the best first. TensorRT is not among them, which builds an engine for minutes before
its first answer, nor OpenVINO, whose default device is the processor."""


def devices(options: Mapping[str, Any]) -> list[str]:
    """The providers that are tried before the processor, for a worker's options: none where `device` is "cpu" (or is
    not there)."""
    if options.get("device") != "auto":
        return []
    runtime: Any = onnxruntime  # its types are incomplete
    here: list[str] = runtime.get_available_providers()
    return [provider for provider in ORDER if provider in here]


_InferenceSession: Any = onnxruntime.InferenceSession  # its types are incomplete


class Session(_InferenceSession):
    """A session that goes on with the processor where its provider breaks."""

    def run(self, output_names: Any, input_feed: Any, run_options: Any = None) -> Any:
        """See InferenceSession; raises what the processor raises."""
        inherited: Any = super()
        try:
            return inherited.run(output_names, input_feed, run_options)
        except Exception as error:
            provider = self.get_providers()[0]
            if provider == PROCESSOR:
                raise
            # Only the kind: the text may hold what a user sent.
            LOG.warning("%s broke (%s): the processor goes on", provider, type(error).__name__)
            self.set_providers([PROCESSOR])
            return inherited.run(output_names, input_feed, run_options)


class Sessions:
    """Opens sessions of one thread. `providers` are tried before the processor, in this order."""

    def __init__(self, providers: list[str] | None = None) -> None:
        self._providers = list(providers or [])
        self._said: set[str] = set()

    @property
    def accelerated(self) -> bool:
        """Whether anything but the processor may be used."""
        return bool(self._providers)

    def open(self, model: bytes | str) -> Any:
        """A session for an ONNX model, by its bytes or the path of its file. Raises what onnxruntime raises of a model
        that the processor does not take either."""
        for provider in list(self._providers):
            try:
                session = Session(
                    model, _options(), providers=[(provider, dict(ORDER[provider])), PROCESSOR], enable_fallback=0
                )
            except Exception as error:  # noqa: BLE001  # libraries and drivers fail in all kinds of ways
                self._give_up(provider, f"{type(error).__name__}: {error}")
                continue
            if session.get_providers()[0] == provider:
                self._say(provider)
                return session
            self._give_up(provider, "onnxruntime left it out")
        self._say(PROCESSOR)
        return Session(model, _options(), providers=[PROCESSOR])

    def _give_up(self, provider: str, reason: str) -> None:
        LOG.warning("%s does not start: %s", provider, reason)
        self._providers.remove(provider)

    def _say(self, provider: str) -> None:
        if provider not in self._said:
            self._said.add(provider)
            LOG.info("runs on %s", provider)


ON_PROCESSOR = Sessions()


def _options() -> Any:
    runtime: Any = onnxruntime
    options = runtime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 4
    return options
