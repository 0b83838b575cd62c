"""Run one script of the lesson cell by cell, and say of each snippet what became of it.

A snippet that ends in an honest "no engine" does not end the script: it is counted, the cells that state what holds of
it are left out, and so are later snippets whose set-up had no engine. Anything else that goes wrong ends the run.

Usage: python lesson/cells.py lesson/lesson_4_1_rekognizing.py REPORT.json
"""

import json
import re
import sys
from pathlib import Path

from botocore.exceptions import ClientError

CELL = re.compile(r"^# %% (set-up|snippet|holds)([\d ]*)(?::.*)?$", re.MULTILINE)
NO_ENGINE = {"NotImplemented", "UnsupportedLanguageException", "UnsupportedLanguagePairException"}


def cells(text):
    """(kind, snippet numbers, line, code) of each cell."""
    heads = list(CELL.finditer(text))
    ends = [head.start() for head in heads[1:]] + [len(text)]
    for head, end in zip(heads, ends, strict=True):
        numbers = [int(number) for number in head.group(2).split()]
        yield head.group(1), numbers, text.count("\n", 0, head.start()), text[head.start() : end]


def run(path):
    """The outcome of each snippet: `answered`, or `no engine: ...` with the error that said so."""
    names = {"__name__": "__main__", "__file__": str(path)}
    outcomes = {}
    missing = {}
    for kind, numbers, line, code in cells(path.read_text("utf-8")):
        lacking = [missing[number] for number in numbers if number in missing]
        if lacking:
            if kind == "snippet":
                outcomes[numbers[0]] = f"no engine: {lacking[0]}"
            continue
        try:
            exec(compile("\n" * line + code, str(path), "exec"), names)
        except ClientError as error:
            if error.response["Error"]["Code"] not in NO_ENGINE or not numbers:
                raise
            missing.update(dict.fromkeys(numbers, str(error)))
            if kind == "snippet":
                outcomes[numbers[0]] = f"no engine: {error}"
        else:
            if kind == "snippet":
                outcomes[numbers[0]] = "answered"
    return outcomes


if __name__ == "__main__":
    script, report = Path(sys.argv[1]), Path(sys.argv[2])
    report.write_text(json.dumps(run(script), indent=1))
