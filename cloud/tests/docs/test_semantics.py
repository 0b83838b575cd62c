"""docs/semantics.md names tests that exist, and docs/architecture.md files and rooms that do."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
TESTS = ROOT / "cloud/tests"
PROMISES = (ROOT / "docs/semantics.md").read_text("utf-8")
NAMED = sorted(set(re.findall(r"`([\w/]+\.py)::(\w+)`", PROMISES)))


@pytest.mark.parametrize(("file", "test"), NAMED, ids=[test for _, test in NAMED])
def test_a_promise_names_a_test_that_exists(file, test):
    module = ast.parse((TESTS / file).read_text("utf-8"))
    functions = {node.name for node in module.body if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))}
    assert test in functions


def test_every_section_of_promises_names_tests():
    sections = PROMISES.split("\n## ")[1:]
    assert len(sections) > 5
    assert all("::test_" in section for section in sections)
