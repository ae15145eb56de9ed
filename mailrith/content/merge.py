"""Merge tags: `[Subscriber_Name, fallback="friend"]` in a subject, a preview text or the letter.

There is no language behind them: nothing to loop over, nothing to look up, nothing to inject.
Double braces are not tags; they go out as they are, and the checklist says so.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from mailrith.content.characters import one_line, one_value
from mailrith.content.slots import Kind, Slot

TAGS: dict[str, Kind] = {"Subscriber_Name": "name", "Subscriber_Email": "email"}

# Phones turn straight quotes into curly ones; a tag has to survive that.
_QUOTE = '["\u201c\u201d\u201e]'
_FALLBACK = rf'\s*,\s*fallback\s*=\s*{_QUOTE}([^"\u201c\u201d\u201e\[\]\r\n]*){_QUOTE}'
TAG = re.compile(rf"\[\s*({'|'.join(TAGS)})(?:{_FALLBACK})?\s*\]")

# Looks like a tag: a name with an underscore, or anything that comes with a fallback.
_LOOKS_LIKE_TAG = re.compile(r"\[\s*([A-Za-z]\w*)\s*(?:,\s*fallback\b[^\[\]\r\n]*)?\]")
_BRACES = re.compile(r"\{\{[^{}\r\n]{0,80}\}\}|\{%[^{}\r\n]{0,80}%\}")


@dataclass(frozen=True, slots=True)
class Person:
    """What is known about the reader of one mail. An empty name means that the fallback is used."""

    name: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True)
class Problem:
    """code: unknown_tag, missing_fallback or braces. tag: the words as they were written."""

    code: str
    tag: str


def parse(text: str) -> Iterator[str | Slot]:
    """Static runs and slots, in order. What is not a known tag is static."""
    text = one_line(text)
    end = 0
    for match in TAG.finditer(text):
        if match.start() > end:
            yield text[end : match.start()]
        yield Slot(TAGS[match.group(1)], (match.group(2) or "").strip())
        end = match.end()
    if end < len(text):
        yield text[end:]


def with_slots(text: str) -> str:
    """The text with each known tag replaced by its slot."""
    return "".join(map(str, parse(text)))


def problems(text: str) -> Iterator[Problem]:
    """Tags nobody knows, tags without a fallback, and braces that go out as they are."""
    for match in _LOOKS_LIKE_TAG.finditer(text):
        name = match.group(1)
        known = TAG.fullmatch(match.group())
        if known and known.group(2) is None:
            yield Problem("missing_fallback", match.group())
        elif not known and ("_" in name or "fallback" in match.group()):
            yield Problem("unknown_tag", match.group())
    for match in _BRACES.finditer(text):
        yield Problem("braces", match.group())


def value(slot: Slot, person: Person) -> str:
    """What a merge slot says to this person, on one line, not escaped for anything."""
    given = person.name if slot.kind == "name" else person.email
    return one_value(given) or slot.text


def fill(text: str, person: Person) -> str:
    """The text as this person reads it: tags and merge slots replaced, nothing escaped."""
    return "".join(
        piece if isinstance(piece, str) else value(piece, person) for piece in parse(text)
    )
