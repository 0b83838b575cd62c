"""The committed benchmark runs, and finds every step of the path where it says that it is."""

import subprocess
import sys
from pathlib import Path

COMMAND = Path(__file__).parents[3] / "benchmarks" / "get_put.py"


def test_the_benchmark_of_get_and_put_prints_its_tables(tmp_path):
    given = ["--requests", "200", "--clients", "4", "--rounds", "1", "--folder", str(tmp_path)]
    command = [sys.executable, str(COMMAND), *given]
    ran = subprocess.run(command, check=False, capture_output=True, text=True, timeout=110)
    assert ran.returncode == 0, ran.stderr
    first = [line.split("|")[1].strip() for line in ran.stdout.splitlines() if line.startswith("|")]
    assert {"GET **cloud**", "PUT **cloud**", "PUT SQLite, one row a commit"} <= set(first)
    for step in ("verify the signature", "decide", "handler: look up what is known", "log line"):
        assert step in first
    assert first.count("verify the signature") == 2, "a table for GET and one for PUT"
    assert {"the write's statements", "committer: commit"} <= set(first)
