"""The README's example runs as it stands."""

import os
import re
import subprocess
import sys
from pathlib import Path

README = Path(__file__).resolve().parents[3] / "README.md"


def test_the_readmes_boto3_example_runs(cloud, tmp_path):
    found = re.search(r"```python\n(import boto3.*?)```", README.read_text("utf-8"), re.DOTALL)
    assert found is not None
    example = found[1]
    (tmp_path / "requests.csv").write_text("a,b\n1,2\n")
    (tmp_path / "example.py").write_text(example)
    environment = {**os.environ, **cloud.environment()}
    done = subprocess.run(
        [sys.executable, "example.py"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
