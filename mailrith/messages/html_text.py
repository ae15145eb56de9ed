"""The plain text of somebody's HTML: what people read who want no HTML, and what spam filters compare.

Read by hand, in one pass: the standard library's parser needs minutes for a few kilobytes of broken tags (CVE-2025-6069).
"""

import re
from collections.abc import Iterator
from html import unescape

from mailrith.content.text import wrap

_SILENT = frozenset({"head", "noscript", "script", "style", "template", "title"})
_RAW = frozenset({"script", "style", "title"})  # no tags inside
_PARAGRAPHS = frozenset(
    "address article aside blockquote center dl dt dd fieldset figure footer form h1 h2 h3 h4 h5 h6 header hr main nav ol p "
    "pre section table ul".split()
)
_LINES = frozenset({"br", "div", "li", "tr", "caption"})
_RULE = "-" * 32

_NAME = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9:-]{0,40})")
_STOP = re.compile("[>\"']")
_HREF = re.compile(r"(?:^|\s)href\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))", re.IGNORECASE)
_ALT = re.compile(r"(?:^|\s)alt\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))", re.IGNORECASE)
_ENDLESS = re.compile(r"&#[xX]?[0-9a-fA-F]{8,};?")  # no character has such a number


def text_of(html: str) -> str:
    """Paragraphs with an empty line between them, links numbered and listed at the end. Ends with a line feed."""
    writer = _Writer()
    for token in _tokens(html):
        writer.take(*token)
    lines = [line for one in "".join(writer.pieces).split("\n") for line in wrap(_tidy(one))]
    notes = [f"[{number}] {href}" for href, number in writer.links.items()]
    body = "\n".join(_paragraphs(lines))
    return "\n\n".join(filter(None, (body, "\n".join(notes)))) + "\n"


def _tokens(html: str) -> Iterator[tuple[str, str, str]]:
    """("text", "", words), ("start", name, attributes) and ("end", name, ""). A tag that never ends takes the rest along."""
    place = 0
    while (start := html.find("<", place)) >= 0:
        yield "text", "", html[place:start]
        named = _NAME.match(html, start)
        if named is None and html[start + 1 : start + 2] not in {"!", "?", "/"}:
            yield "text", "", "<"
            place = start + 1
            continue
        place = _end_of_tag(html, start, named.end() if named else start + 1)
        if named is not None and place:
            name = named[2].lower()
            yield "end" if named[1] else "start", name, html[named.end() : place - 1]
            if name in _RAW and not named[1]:
                place = _end_of_raw(html, place, name)
        if not place:
            return
    yield "text", "", html[place:]


def _end_of_tag(html: str, start: int, inside: int) -> int:
    """The place behind a tag or comment; 0 where it never ends. A quote that is never closed is no quote."""
    if html.startswith("<!--", start):
        return html.find("-->", start + 4) + 3 if html.find("-->", start + 4) >= 0 else 0
    while (stop := _STOP.search(html, inside)) is not None:
        if stop[0] == ">":
            return stop.end()
        closing = html.find(stop[0], stop.end())
        inside = closing + 1 if closing >= 0 else stop.end()
    return 0


def _end_of_raw(html: str, place: int, name: str) -> int:
    found = re.compile(f"</{name}", re.IGNORECASE).search(html, place)
    return found.start() if found else 0


class _Writer:
    """Collects text; a line feed is a line break, two are the end of a paragraph."""

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self.links: dict[str, int] = {}  # href -> its number
        self._fresh = True  # whether the line is still empty
        self._silent = 0  # how deep inside of what is not read
        self._link: tuple[str, int] | None = None  # the open one, and where its text begins

    def take(self, kind: str, name: str, words: str) -> None:
        """One token."""
        if kind == "text":
            self._say(" ".join(f"|{_plain(words)}|".split())[1:-1])
        elif kind == "start":
            self._start(name, words)
        else:
            self._end(name)

    def _start(self, name: str, attributes: str) -> None:
        if name in _SILENT:
            self._silent += 1
        elif name == "a":
            self._link = ("".join(_value(_HREF, attributes).split()), len(self.pieces))
        elif name == "img":
            self._say(f"{_value(_ALT, attributes)} ")
        elif name in {"td", "th"}:
            self._say(" ")
        else:
            self._break(name)
            self._say({"li": "* ", "hr": f"{_RULE}\n\n"}.get(name, ""))

    def _end(self, name: str) -> None:
        if name in _SILENT:
            self._silent = max(0, self._silent - 1)
        elif name == "a" and self._link is not None:
            self._end_link(*self._link)
            self._link = None
        elif name != "br":
            self._break(name)

    def _end_link(self, href: str, begun: int) -> None:
        said = "".join(self.pieces[begun:]).strip()
        if href.startswith(("http://", "https://")) and said and said != href:
            self._say(f" [{self.links.setdefault(href, len(self.links) + 1)}]")
        elif href.startswith("mailto:") and href.removeprefix("mailto:") not in said:
            self._say(f" ({href.removeprefix('mailto:').partition('?')[0]})")

    def _break(self, name: str) -> None:
        if name in _PARAGRAPHS:
            self._say("\n\n")
        elif name == "br" or (name in _LINES and not self._fresh):
            self._say("\n")

    def _say(self, text: str) -> None:
        if not self._silent and text:
            self.pieces.append(text)
            self._fresh = text.endswith("\n") or (self._fresh and not text.strip())


def _value(pattern: re.Pattern[str], attributes: str) -> str:
    found = pattern.search(attributes)
    return _plain(next(filter(None, found.groups()), "")) if found else ""


def _plain(text: str) -> str:
    return unescape(_ENDLESS.sub("\ufffd", text)) if "&" in text else text


def _tidy(line: str) -> str:
    return " ".join(line.replace("\u00a0", " ").replace("\u200c", "").split())


def _paragraphs(lines: list[str]) -> list[str]:
    """Without empty lines at the ends, and without two in a row."""
    kept: list[str] = []
    for line in lines:
        if line or (kept and kept[-1]):
            kept.append(line)
    while kept and not kept[-1]:
        kept.pop()
    return kept
