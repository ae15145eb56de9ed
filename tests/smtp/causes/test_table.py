"""Whatever the code can say has an entry, and whatever has an entry can be said."""

import ast
from pathlib import Path

import mailrith
from mailrith.smtp.causes import CAUSES, CHAPTERS, cause
from mailrith.smtp.classification import RULES

PACKAGE = Path(mailrith.__file__).parent
SPEAKERS = [
    *sorted((PACKAGE / "smtp").glob("*.py")),
    PACKAGE / "connections" / "oauth.py",
    PACKAGE / "connections" / "checks" / "checking.py",
    PACKAGE / "connections" / "standing" / "reputation.py",
]
# Calls that carry a cause: its place among the arguments, or its name
PLACES = {
    "Trouble": 0, "Lost": 0, "NoToken": 0, "Share": 0, "Outcome": 3, "Step": 4,
    "_connection": 0, "_sender": 0, "_hard": 0, "_soft": 0, "_block": 0, "_message": 0, "_deferred": 0,
}  # fmt: skip


def texts(node):
    """Every text that the expression may be: itself, or one of several."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from texts(node.body)
        yield from texts(node.orelse)
    elif isinstance(node, ast.BoolOp | ast.Dict):
        for value in node.values:
            yield from texts(value)
    elif isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "get":
        for argument in node.args[1:]:
            yield from texts(argument)
        yield from texts(node.func.value)


def name_of(node):
    return getattr(node, "id", "") or getattr(node, "attr", "")


def from_call(call):
    place = PLACES.get(name_of(call.func))
    if place is not None and len(call.args) > place:
        yield from texts(call.args[place])
    for keyword in call.keywords:
        if keyword.arg == "cause":
            yield from texts(keyword.value)


def from_assignment(node):
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    if (
        any("cause" in name_of(target).lower() for target in targets)
        or name_of(targets[0]) == "_ERRORS"
    ):
        yield from texts(node.value)


def spoken(path):
    """The causes that a module names: in a call, a table or variable of causes, or as the answer of a cause's function."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call):
            yield from from_call(node)
        elif isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            yield from from_assignment(node)
        elif isinstance(node, ast.FunctionDef) and "cause" in node.name:
            for inner in ast.walk(node):
                if isinstance(inner, ast.Return) and inner.value is not None:
                    yield from texts(inner.value)


def all_spoken():
    named = {key for path in SPEAKERS for key in spoken(path) if key}
    return named | {rule.verdict.cause for rule in RULES}


def test_everything_that_can_be_said_has_an_entry():
    said = all_spoken()

    assert len(said) > 50, "the walk finds them"
    assert said - CAUSES.keys() == set()


def test_every_entry_can_be_said():
    assert CAUSES.keys() - all_spoken() == set()


def test_no_key_stands_in_two_chapters():
    assert sum(len(chapter) for chapter in CHAPTERS.values()) == len(CAUSES)


def test_titles_tell_causes_apart():
    assert len({found.title for found in CAUSES.values()}) == len(CAUSES)


def test_entries_are_sentences_with_a_way_out():
    for key, found in CAUSES.items():
        assert found.todo, key
        for sentence in (found.what, found.likely, *found.todo):
            assert sentence.endswith("."), (key, sentence)
            assert sentence[0].isupper(), (key, sentence)
        assert not found.title.endswith("."), key


def test_a_key_of_a_newer_version_has_a_plain_answer():
    assert cause("not_invented_yet") == CAUSES["refused"]
