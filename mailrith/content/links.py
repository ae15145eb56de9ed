"""Which addresses a letter points to, numbered in reading order."""

from collections.abc import Iterator
from typing import Any

from mailrith.content.document import Document
from mailrith.content.nodes import EmailButton, Image, Link
from mailrith.content.slots import Slot
from mailrith.content.urls import wire_url


class Links:
    """The distinct web addresses of a letter. Each link of it is a slot, so that a tracked address can
    take its place; without tracking the plain one stands there.
    """

    def __init__(self, document: Document) -> None:
        self.urls = tuple(dict.fromkeys(filter(None, map(wire_url, _hrefs(document)))))
        self._numbers = {url: number for number, url in enumerate(self.urls)}

    def target(self, href: str) -> str:
        """What to write as the address: a slot, or the address itself where nobody can count."""
        url = wire_url(href)
        if url.startswith("mailto:"):
            return url
        return str(Slot("link", url, self._numbers[url])) if url else ""


def nodes(node: Any) -> Iterator[Any]:
    """Every node below this one, in reading order."""
    for child in getattr(node, "content", ()):
        yield child
        yield from nodes(child)


def _hrefs(document: Document) -> Iterator[str]:
    for node in nodes(document):
        if isinstance(node, EmailButton):
            yield node.attrs.href
        elif isinstance(node, Image):
            yield node.attrs.href or ""
            if node.attrs.unsplash:
                yield node.attrs.unsplash.photographer_url or ""
        for mark in getattr(node, "marks", ()):
            if isinstance(mark, Link):
                yield mark.attrs.href
