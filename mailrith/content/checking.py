"""What to look at before a letter goes out, as findings for the checklist."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from mailrith.content import contrast, merge
from mailrith.content.characters import one_value
from mailrith.content.document import Document
from mailrith.content.footer import Footer
from mailrith.content.headers import LONGEST_SUBJECT
from mailrith.content.inline import plain
from mailrith.content.links import nodes
from mailrith.content.nodes import EmailButton, Heading, Image, Link, Paragraph, Text
from mailrith.content.preview import GMAIL_CLIPS_AT
from mailrith.content.rendering import render_html
from mailrith.core.line_breaks import breaks_a_line

Tone = Literal["bad", "warn", "ok"]


@dataclass(frozen=True, slots=True)
class Finding:
    """code: stable, for tests and the API. tone: bad stops the sending, warn asks for a look, ok is
    a point that was checked. title and detail: sentences. count: how many places.
    """

    code: str
    tone: Tone
    title: str
    detail: str = ""
    count: int = 1


def check(
    document: Document, subject: str, preview_text: str, *, footer: Footer | None = None
) -> list[Finding]:
    """Everything worth saying about this letter, what stops it first. Never empty: what is in order
    is said as well.
    """
    checks: tuple[Callable[[], Iterator[Finding]], ...] = (
        lambda: _subject(subject),
        lambda: _body(document),
        lambda: _links(document),
        lambda: _pictures(document),
        lambda: _colours(document),
        lambda: _tags(document, subject, preview_text),
        lambda: _size(document, preview_text, footer or Footer("")),
        lambda: _preview_text(preview_text),
    )
    findings = [finding for one in checks for finding in one()]
    return sorted(findings, key=lambda finding: ("bad", "warn", "ok").index(finding.tone))


def _subject(subject: str) -> Iterator[Finding]:
    words = one_value(subject)
    if not words:
        yield Finding("subject_empty", "bad", "There is no subject", "Write one on the first step.")
    elif breaks_a_line(subject):
        yield Finding(
            "subject_breaks",
            "bad",
            "The subject holds a line break",
            "It may be an encoded one, such as =?utf-8?q?a=0Ab?=. Take it out.",
        )
    elif len(words) > LONGEST_SUBJECT:
        yield Finding(
            "subject_too_long",
            "bad",
            f"The subject has {len(words):,} characters",
            f"{LONGEST_SUBJECT} are the most that a mail can carry.",
        )


def _body(document: Document) -> Iterator[Finding]:
    for node in nodes(document):
        if isinstance(node, Image | EmailButton) or (isinstance(node, Text) and node.text.strip()):
            return
    yield Finding("body_empty", "bad", "The letter is empty", "There is nothing to read in it yet.")


def _links(document: Document) -> Iterator[Finding]:
    empty = list(_empty_links(document))
    if empty:
        yield Finding(
            "empty_link",
            "bad",
            _many(len(empty), "A link leads nowhere", "{} links lead nowhere"),
            f"Give an address to {_named(empty)}.",
            len(empty),
        )
    broken = [
        match.group()
        for node in nodes(document)
        if isinstance(node, Paragraph | Heading)
        for match in _UNMADE.finditer(plain(node.content))
    ]
    if broken:
        yield Finding(
            "unmade_link",
            "warn",
            _many(len(broken), "A link was not understood", "{} links were not understood"),
            f"{_named(broken)} goes out as it is typed. A full address begins with https://.",
            len(broken),
        )
    if not empty and not broken:
        yield Finding("links", "ok", "Every link has an address")


_UNMADE = re.compile(r"!?\[[^\[\]\n]{0,80}\]\([^()\n]{0,80}\)")


def _empty_links(document: Document) -> Iterator[str]:
    for node in nodes(document):
        if isinstance(node, EmailButton) and not node.attrs.href:
            yield node.attrs.label or "a button"
        if isinstance(node, Text):
            for mark in node.marks:
                if isinstance(mark, Link) and not mark.attrs.href:
                    yield node.text


def _pictures(document: Document) -> Iterator[Finding]:
    pictures = [node for node in nodes(document) if isinstance(node, Image)]
    unspoken = [node for node in pictures if not node.attrs.alt.strip()]
    missing = [node for node in pictures if not node.attrs.src]
    if missing:
        yield Finding(
            "empty_picture",
            "bad",
            _many(len(missing), "A picture is missing", "{} pictures are missing"),
            "Give it an address, or take it out.",
            len(missing),
        )
    if unspoken:
        yield Finding(
            "missing_alt",
            "warn",
            _many(len(unspoken), "A picture has no description", "{} pictures have no description"),
            "People who can't see it, or whose mail program hides pictures, get nothing.",
            len(unspoken),
        )
    elif pictures and not missing:
        yield Finding("pictures", "ok", "Every picture has a description")


def _colours(document: Document) -> Iterator[Finding]:
    if words := list(contrast.faint(document)):
        yield Finding(
            "faint_text",
            "warn",
            _many(len(words), "A text is hard to read", "{} texts are hard to read"),
            f"{_named(words)} is too close in colour to what is behind it.",
            len(words),
        )


def _tags(document: Document, subject: str, preview_text: str) -> Iterator[Finding]:
    found: dict[str, list[str]] = {}
    texts = [subject, preview_text, *_texts(document)]
    for text in texts:
        for problem in merge.problems(text):
            found.setdefault(problem.code, []).append(problem.tag)
    for code, (tone, one, many, detail) in _TAG_FINDINGS.items():
        if tags := found.get(code):
            yield Finding(
                code, tone, _many(len(tags), one, many), detail.format(_named(tags)), len(tags)
            )
    if not found and any(merge.TAG.search(text) for text in texts):
        yield Finding("tags", "ok", "Every merge tag is known and has a fallback")


_TAG_FINDINGS: dict[str, tuple[Tone, str, str, str]] = {
    "unknown_tag": (
        "warn",
        "A merge tag is not known",
        "{} merge tags are not known",
        "{} goes out as it is typed.",
    ),
    "missing_fallback": (
        "warn",
        "A merge tag has no fallback",
        "{} merge tags have no fallback",
        "{} is empty for people whose name is not known.",
    ),
    "braces": (
        "warn",
        "Double braces go out as they are",
        "{} pairs of double braces go out as they are",
        "{} is no merge tag here. Use the Merge tag menu instead.",
    ),
}


def _texts(document: Document) -> Iterator[str]:
    for node in nodes(document):
        if isinstance(node, Paragraph | Heading):
            yield plain(node.content)
        elif isinstance(node, EmailButton):
            yield node.attrs.label
        elif isinstance(node, Image):
            yield node.attrs.caption or ""


def _size(document: Document, preview_text: str, footer: Footer) -> Iterator[Finding]:
    size = len(render_html(document, preview_text=preview_text, footer=footer).encode())
    kilobytes = round(size / 1024)
    if size > GMAIL_CLIPS_AT:
        yield Finding(
            "too_big",
            "warn",
            f"{kilobytes} KB, and Gmail cuts a letter short at 102 KB",
            "The end, and the unsubscribe link in it, is hidden behind “View entire message”.",
        )
    else:
        yield Finding("size", "ok", f"{kilobytes} KB of 102 KB before Gmail cuts it short")


def _preview_text(preview_text: str) -> Iterator[Finding]:
    if not one_value(preview_text):
        yield Finding(
            "preview_text_empty",
            "warn",
            "There is no preview text",
            "Inboxes show the first words of the letter beside the subject instead.",
        )


def _many(count: int, one: str, many: str) -> str:
    return one if count == 1 else many.format(count)


def _named(things: list[str]) -> str:
    """The first three, in quotes."""
    shown = [f"“{thing.strip()[:60]}”" for thing in dict.fromkeys(things)][:3]
    more = len(dict.fromkeys(things)) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more else "")
