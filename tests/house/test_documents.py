"""Documents that name tests name tests that exist."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
NAMED = re.compile(r"`([\w/]+\.py)::(\w+)`")
DOCUMENTS = sorted(path for path in (ROOT / "docs").rglob("*.md") if NAMED.search(path.read_text()))
ROWS = (*map(str, range(1, 31)), *(f"A{n}" for n in (1, 2, 3, 4, 5, 6, 14, 15, 16, 17, 28, 29, 30, 31, 32, 57, 68, 69)))  # fmt: skip


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_test_that_a_document_names_exists(document: Path) -> None:
    named = set(NAMED.findall(document.read_text()))

    assert {f"{file}::{name}" for file, name in named if name not in _tests_in(file)} == set()


def test_each_promise_about_connections_is_shown_by_something() -> None:
    rows = re.findall(
        r"^\| (\d+|A\d+)\b.*$", (ROOT / "docs/connections.md").read_text(), re.MULTILINE
    )
    lines = (ROOT / "docs/connections.md").read_text().splitlines()
    shown = [line for line in lines if re.match(r"\| (\d+|A\d+)\b", line)]

    assert tuple(rows) == ROWS
    assert all(NAMED.search(line) for line in shown)


@cache
def _tests_in(file: str) -> frozenset[str]:
    path = ROOT / "tests" / file
    if not path.exists():
        return frozenset()
    body = ast.parse(path.read_text()).body
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    return frozenset(
        node.name for node in body if isinstance(node, functions) and node.name.startswith("test_")
    )
