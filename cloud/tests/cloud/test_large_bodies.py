"""Large bodies pass through without being held: benchmarks/large_bodies.py sends them, here smaller ones."""

import subprocess
import sys
from pathlib import Path

import pytest

COMMAND = Path(__file__).parents[3] / "benchmarks" / "large_bodies.py"


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's account of a process is Linux's")
def test_a_large_put_an_upload_and_many_copied_parts_take_little_memory(tmp_path, unused_tcp_port):
    sizes = ["--put", "256MiB", "--parts", "8", "--part", "32MiB", "--copies", "100", "--port", str(unused_tcp_port)]
    command = [sys.executable, str(COMMAND), *sizes, "--folder", str(tmp_path)]
    ran = subprocess.run(command, check=False, capture_output=True, text=True, timeout=110)
    assert ran.returncode == 0, ran.stderr
    memory = {row[1].strip(): int(row[6]) for row in (line.split("|") for line in ran.stdout.splitlines()[2:])}
    assert memory.keys() == {"one PUT", "8 parts", "100 copied parts"}
    assert max(memory.values()) < 200, "MiB, at the most"
