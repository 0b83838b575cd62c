"""Translating, in a worker: Apertium's pipelines, kept alive, one for each direction that was asked for.

Each line of a text goes through by itself, in the form of `apertium_stream`. A pipeline that breaks fails this task,
and the next one starts another; when this worker ends, the pipelines' input closes, and so they end.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from typing import IO, Any

from marinelayer.engines.language.apertium import PROGRAM, Pair, advice, installed_pairs
from marinelayer.engines.language.apertium_negation import answers_kept, mended
from marinelayer.engines.language.apertium_stream import decoded, encoded
from marinelayer.engines.language.runs import (
    Line,
    around_kept,
    from_json,
    has_words,
    letters,
    lines_of,
    to_json,
    without_blanks,
)
from marinelayer.ports import EngineUnavailableError

WITH_FLUSH = "apertium-wblank-mode"
END_OF_ANSWER = b"[]\0"
HIDE_UNKNOWN = "-n"
"""The generator's option that leaves out the stars before unknown words."""


class PipelineError(Exception):
    """A pipeline ended, or said something that is no translation."""


class Pipeline:
    """One direction's running programs."""

    def __init__(self, pair: Pair) -> None:
        helper = shutil.which(WITH_FLUSH)
        if helper is None:
            raise EngineUnavailableError("Apertium is too old here to be kept running: 3.8 or later is needed")
        script = subprocess.run(  # prints the mode's shell pipeline, flushing at NUL
            [helper, "-z", str(pair.mode)], check=True, capture_output=True, text=True, timeout=10
        ).stdout
        self._process = subprocess.Popen(
            ["/bin/sh", "-c", script, "apertium", HIDE_UNKNOWN, ""],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8"},
            bufsize=0,
        )
        self._ends: bool | None = None
        """Whether its answers end as what it was given did, which the first one tells."""

    def translate(self, line: Line) -> Line:
        """One line, which holds no newline. Where the pipeline loses what is kept, the text around it is translated in
        pieces, which costs it the sentence but never the word."""
        translated = decoded(self._through(encoded(line)), line)
        if translated is not None:
            return translated
        pieces: Line = []
        for piece in around_kept(line):
            if not has_words(piece):
                pieces += piece
                continue
            before, middle, after = without_blanks(piece)
            pieces += [*before, *(decoded(self._through(encoded(middle)), middle) or middle), *after]
        return pieces

    def _through(self, line: bytes) -> bytes:
        sent = _end(self._process.stdin)
        sent.write(line)
        received = bytearray()
        while not received.endswith(b"\0"):
            piece = os.read(_end(self._process.stdout).fileno(), 65536)
            if not piece:
                raise PipelineError
            received += piece
        return self._whole(bytes(received))

    def _whole(self, received: bytes) -> bytes:
        """An answer that has its end: a program whose neighbour died ends its text, too, as far as it came."""
        ends = received.endswith(END_OF_ANSWER)
        if self._ends and not ends:
            raise PipelineError
        self._ends = ends
        return received

    def close(self) -> None:
        """End it."""
        for end in (self._process.stdin, self._process.stdout):
            _end(end).close()
        self._process.kill()
        self._process.wait()


def _version() -> str:
    said = subprocess.run([PROGRAM, "-V"], check=True, capture_output=True, text=True, timeout=10)
    return said.stdout.removeprefix("Apertium").strip()


def _end(stream: IO[bytes] | None) -> IO[bytes]:
    if stream is None:
        raise PipelineError
    return stream


class Translate:
    """`texts` (runs, as JSON), `source` and `target` (AWS codes) in; out `texts` and Apertium's `version`."""

    def __init__(self) -> None:
        self._pairs = installed_pairs()
        self._version = _version() if self._pairs else ""
        self._pipelines: dict[tuple[str, str], Pipeline] = {}

    def run(self, request: Mapping[str, Any], payload: bytes) -> Mapping[str, Any]:
        """Translate each text; its line ends and the blanks around its lines stay as they are."""
        codes = str(request["source"]), str(request["target"])
        texts = [to_json(self._patiently(codes, from_json(text))) for text in request["texts"]]
        return {"texts": texts, "version": self._version}

    def _patiently(self, codes: tuple[str, str], text: Line) -> Line:
        try:
            return self._text(codes, text)
        except (PipelineError, OSError):
            # Whatever ended the pipeline may have had nothing to do with this text. A new one tells.
            return self._text(codes, text)

    def _text(self, codes: tuple[str, str], text: Line) -> Line:
        try:
            return [run for line in lines_of(text) for run in self._line(codes, line)]
        except (PipelineError, OSError, subprocess.SubprocessError):
            broken = self._pipelines.pop(codes, None)
            if broken is not None:
                broken.close()
            raise

    def _line(self, codes: tuple[str, str], line: Line) -> Line:
        if not has_words(line):
            return line
        before, words, after = without_blanks(answers_kept(line) if codes == ("en", "es") else line)
        if not has_words(words):
            return line
        _, translated, _ = without_blanks(self._pipeline(codes).translate(words))
        if codes == ("es", "en"):
            translated = mended(letters(words), translated)
        return [*before, *translated, *after]

    def _pipeline(self, codes: tuple[str, str]) -> Pipeline:
        if codes not in self._pipelines:
            if codes not in self._pairs:
                raise EngineUnavailableError(advice(*codes))
            self._pipelines[codes] = Pipeline(self._pairs[codes])
        return self._pipelines[codes]


def open_task(_options: Mapping[str, Any]) -> Translate:
    """Find the pairs; a pipeline starts when it is first needed."""
    return Translate()
