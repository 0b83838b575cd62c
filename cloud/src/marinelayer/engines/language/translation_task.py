"""Translating, in a worker: Apertium's pipelines, kept alive, one for each direction that was asked for.

A pipeline reads and writes a stream in which NUL ends a text, `[...]` holds what is not language, and a backslash
makes a reserved character plain (Apertium's stream format). Each line of a text goes through by itself; a full stop
and an empty blank (`.[]`) end it, as Apertium's own `apertium-destxt` does, so that the tagger sees a sentence's end.
A pipeline that breaks fails this task, and the next one starts another; when this worker ends, the pipelines' input
closes, and so they end.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from typing import IO, Any

from marinelayer.engines.language.apertium import PROGRAM, Pair, advice, installed_pairs
from marinelayer.ports import EngineUnavailableError

WITH_FLUSH = "apertium-wblank-mode"
END = ".[]"
HIDE_UNKNOWN = "-n"
"""The generator's option that leaves out the stars before unknown words."""

_RESERVED = re.compile(r"[\^$/<>{}@\\*\[\]]")
_BLANK = re.compile(r"\\(.)|[\[\]]", re.DOTALL)


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

    def translate(self, line: str) -> str:
        """One line, which holds no newline."""
        sent = _end(self._process.stdin)
        sent.write(encoded(line))
        received = bytearray()
        while not received.endswith(b"\0"):
            piece = os.read(_end(self._process.stdout).fileno(), 65536)
            if not piece:
                raise PipelineError
            received += piece
        return decoded(bytes(received))

    def close(self) -> None:
        """End it."""
        for end in (self._process.stdin, self._process.stdout):
            _end(end).close()
        self._process.kill()
        self._process.wait()


def encoded(line: str) -> bytes:
    """A line in the stream's form. A tilde is no letter to Apertium, which would drop it: it goes as a blank."""
    plain = line.replace("\0", " ")
    return (_RESERVED.sub(r"\\\g<0>", plain).replace("~", "[~]") + END).encode("utf-8", "replace") + b"\0"


def decoded(received: bytes) -> str:
    """The line that the stream holds."""
    text = received.rstrip(b"\0").decode("utf-8", "replace")
    return _BLANK.sub(lambda match: match[1] or "", text.removesuffix(END))


def _version() -> str:
    said = subprocess.run([PROGRAM, "-V"], check=True, capture_output=True, text=True, timeout=10)
    return said.stdout.removeprefix("Apertium").strip()


def _end(stream: IO[bytes] | None) -> IO[bytes]:
    if stream is None:
        raise PipelineError
    return stream


class Translate:
    """`text`, `source` and `target` (AWS codes) in; out `text` and Apertium's `version`."""

    def __init__(self) -> None:
        self._pairs = installed_pairs()
        self._version = _version() if self._pairs else ""
        self._pipelines: dict[tuple[str, str], Pipeline] = {}

    def run(self, request: Mapping[str, Any], payload: bytes) -> Mapping[str, Any]:
        """Translate one text; its line ends and the blanks around its lines stay as they are."""
        codes, text = (str(request["source"]), str(request["target"])), str(request["text"])
        try:
            translated = self._text(codes, text)
        except (PipelineError, OSError):
            # Whatever ended the pipeline may have had nothing to do with this text. A new one tells.
            translated = self._text(codes, text)
        return {"text": translated, "version": self._version}

    def _text(self, codes: tuple[str, str], text: str) -> str:
        try:
            return "".join([self._line(codes, line) for line in text.splitlines(keepends=True)])
        except (PipelineError, OSError, subprocess.SubprocessError):
            broken = self._pipelines.pop(codes, None)
            if broken is not None:
                broken.close()
            raise

    def _line(self, codes: tuple[str, str], line: str) -> str:
        words = line.strip()
        if not words:
            return line
        start = line.index(words)
        return line[:start] + self._pipeline(codes).translate(words) + line[start + len(words) :]

    def _pipeline(self, codes: tuple[str, str]) -> Pipeline:
        if codes not in self._pipelines:
            if codes not in self._pairs:
                raise EngineUnavailableError(advice(*codes))
            self._pipelines[codes] = Pipeline(self._pairs[codes])
        return self._pipelines[codes]


def open_task(_options: Mapping[str, Any]) -> Translate:
    """Find the pairs; a pipeline starts when it is first needed."""
    return Translate()
