"""Every snippet of the lesson runs under `marinelayer run`, on a throw-away folder, with plain boto3 and pandas."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
MODELS = HERE.parent.parent / "shared" / "models"
SCRIPTS = sorted(HERE.glob("lesson_[0-9]_*.py"))
SNIPPETS = 88
NEEDS_ENGINE = {74, 76, 77, 79, 80, 84, 86, 87}
"""The snippets that ask for labels, a translation, or the sentiment of a text in Spanish."""

COUNTED = re.compile(r"^# %% snippet (\d+)", re.MULTILINE)


def test_every_snippet_of_the_lesson_stands_in_a_script_once():
    numbers = [int(n) for script in SCRIPTS for n in COUNTED.findall(script.read_text("utf-8"))]
    assert numbers == list(range(1, SNIPPETS + 1))


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.stem)
def test_the_snippets_of_a_section_do_what_the_lesson_says(script, tmp_path, record_property):
    report = tmp_path / "report.json"
    marinelayer = str(Path(sys.executable).with_name("marinelayer"))
    command = [marinelayer, "run", "--account", "320333787981", "--port", "0", "--console-port", "0"]
    command += ["--models", str(MODELS)] if MODELS.exists() else []
    command += ["--", sys.executable, str(HERE / "cells.py"), str(script), str(report)]
    environment = {**os.environ, "PYTHONPATH": str(HERE), "PYTHONWARNINGS": "default"}
    done = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=110, check=False
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-6000:]

    outcomes = {int(number): outcome for number, outcome in json.loads(report.read_text()).items()}
    assert sorted(outcomes) == sorted(int(n) for n in COUNTED.findall(script.read_text("utf-8")))
    without = {number for number, outcome in outcomes.items() if outcome != "answered"}
    assert without <= NEEDS_ENGINE, outcomes
    print(f"lesson {script.stem}: {len(outcomes) - len(without)} answered, {len(without)} honestly without an engine")
    record_property("without an engine", sorted(without))
