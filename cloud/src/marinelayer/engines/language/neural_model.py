"""One translation model of Argos Translate's form: a ZIP archive with a CTranslate2 model and a SentencePiece model.

    ROOT/metadata.json   from_code, to_code; target_prefix: what each translation begins with, and is not part of it
    ROOT/sentencepiece.model
    ROOT/model/model.bin, shared_vocabulary.json or .txt, config.json (newer ones)

What is kept goes through as a word that models tend to copy, and each translation is looked at: where a word was lost
or doubled, the text around is translated in pieces. Marks go by attention: a word of the translation has the mark of
the word that the model looked at most when it wrote it.

Source: https://opennmt.net/CTranslate2/, https://github.com/argosopentech/argos-translate.
"""

from __future__ import annotations

import importlib
import io
import json
import logging
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from marinelayer.engines.language.runs import Line, around_kept, has_words, joined, without_blanks
from marinelayer.ports import EngineUnavailableError, Run

# By name, since they are not everybody's: what runs no model must not need their types.
ctranslate2: Any = importlib.import_module("ctranslate2")
sentencepiece: Any = importlib.import_module("sentencepiece")

LOG = logging.getLogger(__name__)

BEAM = 2
MOST_PIECES = 256
MOST_BYTES = 1 << 30
_BLANK = "\u2581"
"""How SentencePiece writes a blank."""


class NeuralModel:
    """A loaded model. `threads` are those of its arithmetic; `device` is "auto" (a graphics processor where there is
    one that works) or "cpu"."""

    def __init__(self, package: bytes, *, threads: int = 1, device: str = "cpu") -> None:
        """Load it from the bytes of its archive. Raises EngineUnavailableError: it is of another form."""
        files = _files(package)
        processor = sentencepiece.SentencePieceProcessor()
        processor.LoadFromSerializedProto(files.pop("sentencepiece.model"))
        self._pieces = processor
        self._prefix = _prefix(files.pop("metadata.json", b"{}"))
        self._translator = _translator(files, threads, device)

    def translate(self, sentences: Sequence[Line]) -> list[Line]:
        """Each sentence by itself; it holds no line's end."""
        batch = [_Sentence(sentence, self._pieces) for sentence in sentences]
        results = self._run([sentence.pieces for sentence in batch], attention=any(one.marked for one in batch))
        return [
            sentence.translated(result, self._prefix) or self._around(sentence.line)
            for sentence, result in zip(batch, results, strict=True)
        ]

    def _run(self, pieces: Sequence[Sequence[str]], *, attention: bool) -> list[Any]:
        return self._translator.translate_batch(
            list(pieces),
            target_prefix=[self._prefix] * len(pieces) if self._prefix else None,
            beam_size=BEAM,
            max_batch_size=16,
            # What goes on for much longer than its text has lost its way.
            max_decoding_length=min(MOST_PIECES, 30 + 2 * max(map(len, pieces), default=0)),
            return_attention=attention,
            replace_unknowns=True,
        )

    def _around(self, line: Line) -> Line:
        """The sentence translated between what is kept."""
        done: Line = []
        for piece in around_kept(line):
            if not has_words(piece):
                done += piece
                continue
            before, words, after = without_blanks(piece)
            sentence = _Sentence(words, self._pieces)
            (result,) = self._run([sentence.pieces], attention=sentence.marked)
            done += [*before, *(sentence.translated(result, self._prefix) or words), *after]
        return done


def graphics_processors() -> int:
    """How many CTranslate2 finds here."""
    return ctranslate2.get_cuda_device_count()


def _translator(files: Mapping[str, bytes], threads: int, device: str) -> Any:
    """The model, loaded where it is to run. A graphics processor on which it does not write a word is left alone."""

    def on(where: str) -> Any:
        return ctranslate2.Translator(
            "model", device=where, compute_type="int8", inter_threads=1, intra_threads=threads, files=files
        )

    if device == "auto" and graphics_processors():
        try:
            translator = on("cuda")
            translator.translate_batch([[_BLANK]], max_decoding_length=1)
        except Exception as error:  # noqa: BLE001  # libraries and drivers fail in all kinds of ways
            LOG.warning("CUDA does not start: %s: %s", type(error).__name__, error)
        else:
            LOG.info("runs on CUDA")
            return translator
    LOG.info("runs on the processor")
    return on("cpu")


class _Sentence:
    """A sentence as pieces of words, and what came of it."""

    def __init__(self, line: Line, processor: Any) -> None:
        self.line = line
        self._kept = {f"XQ{number}": run for number, run in enumerate(one for one in line if one.kept and one.text)}
        # What is kept and is no word goes behind the word that it follows, and is put back there.
        words = iter(self._kept)
        written = [next(words) if run.kept and run.text else run.text for run in line]
        self._marks = [mark for run, text in zip(line, written, strict=True) for mark in [run.mark] * len(text)]
        self.marked = any(run.mark and not run.kept for run in line)
        encoded = processor.encode("".join(written), return_type="offset_mapping")
        self.pieces: list[str] = encoded["pieces"]
        self._ends: list[int] = [end for _, end in encoded["offsets"]]

    def translated(self, result: Any, prefix: list[str]) -> Line | None:
        """Without the prefix. None where what is kept is not in it exactly once, or could not be sent along."""
        if any(run.kept and not run.text for run in self.line):
            return None
        pieces: list[str] = result.hypotheses[0]
        if prefix and pieces[: len(prefix)] == prefix:
            pieces = pieces[len(prefix) :]
        marks = self._marks_of(result, len(pieces)) if self.marked else [0] * len(pieces)
        found = _put_back(joined(_words(pieces, marks)), self._kept)
        if sorted(map(id, (run for run in found if run.kept))) != sorted(map(id, self._kept.values())):
            return None
        _, words, _ = without_blanks(found)
        return words

    def _marks_of(self, result: Any, count: int) -> list[int]:
        """The mark of each piece of the translation: that of the piece that it looked at most."""
        marks: list[int] = []
        # The prefix has rows of its own.
        rows = result.attention[0][len(result.hypotheses[0]) - count :][:count]
        for attention in rows:
            looked_at = max(range(min(len(attention), len(self._ends))), key=attention.__getitem__, default=0)
            at = self._ends[looked_at] - 1 if self._ends else 0
            marks.append(self._marks[at] if 0 <= at < len(self._marks) else 0)
        return marks + [0] * (count - len(marks))


def _words(pieces: Sequence[str], marks: Sequence[int]) -> Iterator[Run]:
    """Words as runs, each with the mark of its first letter, and the blanks between them."""
    word: list[str] = []
    marked = 0
    for piece, mark in zip(pieces, marks, strict=True):
        letters = piece.removeprefix(_BLANK)
        if letters != piece:
            yield Run("".join(word), marked)
            yield Run(" ")
            word = []
        if letters:
            marked = marked if word else mark
            word.append(letters.replace(_BLANK, " "))
    yield Run("".join(word), marked)


def _put_back(runs: Sequence[Run], kept: dict[str, Run]) -> Line:
    if not kept:
        return list(runs)
    found: Line = []
    for run in runs:
        for part in re.split(r"(?<!\w)(XQ\d+)(?!\w)", run.text):
            if part in kept:
                found.append(kept[part])
            elif part:
                found.append(replace(run, text=part))
    return found


def _prefix(metadata: bytes) -> list[str]:
    """The pieces that each translation is to begin with."""
    prefix = json.loads(metadata).get("target_prefix", "")
    return [prefix] if prefix else []


def _files(package: bytes) -> dict[str, bytes]:
    """The files that a model is loaded from, by their names in its folder. Raises EngineUnavailableError."""
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        names = {name.partition("/")[2]: name for name in archive.namelist() if not name.endswith("/")}
        wanted = {
            name: path
            for name, path in names.items()
            if name in {"metadata.json", "sentencepiece.model"} or name.startswith("model/")
        }
        if "sentencepiece.model" not in wanted or "model/model.bin" not in wanted:
            raise EngineUnavailableError("the model is of a form that can not be used: it has no SentencePiece model")
        if sum(archive.getinfo(path).file_size for path in wanted.values()) > MOST_BYTES:
            raise EngineUnavailableError("the model is too large")
        return {name.removeprefix("model/"): archive.read(path) for name, path in wanted.items()}
