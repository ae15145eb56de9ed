"""House rules that no linter knows: how large a room may be, and what its name must not be."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
PACKAGE = ROOT / "mailrith"
MODULES = sorted(PACKAGE.rglob("*.py"))
EDGES = ("web", "public", "hooks")
FEATURES = (
    "accounts",
    "suppression",
    "subscribers",
    "content",
    "connections",
    "events",
    "messages",
    "broadcasts",
)

# Nobody is around them: what they let rise ends a worker, or shows an address in the server's log.
OUTERMOST = {"mailrith/worker.py", "mailrith/hooks/door.py"}

MODULE_LINES = 300
FUNCTION_LINES = 40
VIEW_LINES = 20
JOB_LINES = 10
SAYS_NOTHING = {
    "util",
    "utils",
    "helper",
    "helpers",
    "manager",
    "handler",
    "misc",
    "common",
    "service",
    "services",
    "base",
}


def test_modules_stay_small() -> None:
    large = {_name(path): lines for path in MODULES if (lines := _line_count(path)) > MODULE_LINES}

    assert not large, f"split by noun: {large}"


def test_functions_stay_small() -> None:
    large = [
        f"{_name(path)}:{function.name} ({length})"
        for path in MODULES
        for function in _functions(path)
        if (length := _length(function)) > FUNCTION_LINES
    ]

    assert not large


def test_views_are_thin() -> None:
    large = [
        f"{_name(path)}:{function.name} ({length})"
        for edge in EDGES
        for path in sorted((PACKAGE / edge).rglob("*.py"))
        for function in _functions(path)
        if _is_view(function) and (length := _length(function)) > VIEW_LINES
    ]

    assert not large


def test_jobs_are_shallow() -> None:
    large = [
        f"{_name(path)}:{function.name} ({length})"
        for path in PACKAGE.glob("*/jobs.py")
        for function in _functions(path)
        if (length := _length(function)) > JOB_LINES
    ]

    assert not large


def test_file_names_say_what_is_inside() -> None:
    assert not [_name(path) for path in MODULES if path.stem in SAYS_NOTHING]


@pytest.mark.parametrize("package", sorted(p.parent for p in PACKAGE.rglob("__init__.py")), ids=str)
def test_every_package_says_what_it_owns(package: Path) -> None:
    tree = ast.parse((package / "__init__.py").read_text())

    assert ast.get_docstring(tree), f"{package} has no docstring"


# Work of a job that goes through a file: a transaction for each batch, so that nothing waits for a million rows.
IN_BATCHES = {"mailrith/subscribers/importing.py", "mailrith/subscribers/checking.py"}
# A part of `delivery`'s send job, which commits around the wire.
IN_A_SLICE = {"mailrith/messages/sending.py"}


def test_features_leave_the_commit_to_their_caller() -> None:
    commits = [
        f"{_name(path)}:{node.lineno}"
        for feature in FEATURES
        for path in sorted((PACKAGE / feature).rglob("*.py"))
        if path.name != "jobs.py" and _name(path) not in IN_BATCHES | IN_A_SLICE
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute) and node.attr == "commit"
    ]

    assert not commits


def test_only_who_stands_outermost_catches_everything() -> None:
    catches = [
        f"{_name(path)}:{node.lineno}"
        for path in MODULES
        if _name(path) not in OUTERMOST
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ExceptHandler)
        and (
            node.type is None
            or (isinstance(node.type, ast.Name) and node.type.id in {"Exception", "BaseException"})
        )
    ]

    assert not catches


def test_partials_say_what_they_want() -> None:
    silent = [
        str(path.relative_to(ROOT))
        for path in sorted((ROOT / "templates").rglob("_*.html"))
        if not path.read_text().startswith("{#")
    ]

    assert not silent


def test_templates_need_no_inline_style_or_script() -> None:
    inline = [
        str(path.relative_to(ROOT))
        for path in sorted((ROOT / "templates").rglob("*.html"))
        if "mail" not in path.relative_to(ROOT / "templates").parts[:1]
        and any(
            word in path.read_text() for word in (" style=", "<style", " onclick=", "javascript:")
        )
    ]

    assert not inline


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def _line_count(path: Path) -> int:
    return len(path.read_text().splitlines())


def _functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def _length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of the body, without the docstring."""
    body = function.body[1:] if ast.get_docstring(function) else function.body
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


def _is_view(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return any(
        isinstance(decorator, ast.Call)
        and isinstance(decorator.func, ast.Attribute)
        and decorator.func.attr in {"get", "post", "route", "delete", "put", "patch"}
        for decorator in function.decorator_list
    )
