"""The table of causes as a document for people who look for the words they saw on a screen."""

from collections.abc import Iterator

from mailrith.smtp.causes import CHAPTERS, Cause

_BEGINNING = """# Troubleshooting

[//]: # (Written by `python -m mailrith.smtp.causes` from the program's own table.)

What Mailrith says when a mail server does not do what it should, what that means, and what helps. The same words stand under
Verify, beside a test mail and in the errors of a broadcast. Beside them Mailrith shows what the server said itself: when the two
seem to disagree, believe the server.
"""


def markdown() -> str:
    """Every cause by chapter. Ends with a line end."""
    return "\n".join([_BEGINNING, *_lines()])


def _lines() -> Iterator[str]:
    for title, causes in CHAPTERS.items():
        yield f"## {title}\n"
        for found in causes.values():
            yield from _entry(found)


def _entry(found: Cause) -> Iterator[str]:
    yield f"### {found.title}\n"
    yield f"{found.what} {found.likely}\n"
    for step in found.todo:
        yield f"- {step}"
    yield ""
