"""A strict reader of pages: what browsers forgive and people with a screen reader, or a strict CSP, do not."""

from collections import Counter
from html.parser import HTMLParser

VOID = frozenset(
    "area base br col embed hr img input link meta source track wbr path circle rect line".split()
)
BLOCKS = frozenset("div form ul ol dl table section fieldset details p pre h2 h3".split())
OPTIONAL_END = frozenset({"use", "stop"})
REFERENCES = ("aria-describedby", "aria-labelledby", "for", "aria-controls", "popovertarget")


class Reader(HTMLParser):
    """Collects faults while it reads."""

    def __init__(self) -> None:
        super().__init__()
        self.faults: list[str] = []
        self.open: list[str] = []
        self.ids: list[str] = []
        self.references: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._look(tag, dict(attrs))
        if tag == "form" and "form" in self.open:
            self.faults.append("a form inside a form")
        if tag in BLOCKS and "p" in self.open:
            self.faults.append(f"<{tag}> inside a paragraph, which ends there")
        if tag in {"a", "button"} and {"a", "button"} & set(self.open):
            self.faults.append(f"<{tag}> inside a link or button")
        if tag not in VOID and tag not in OPTIONAL_END:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._look(tag, dict(attrs))

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID or tag in OPTIONAL_END:
            return
        if not self.open or self.open[-1] != tag:
            self.faults.append(f"</{tag}> closes {self.open[-1:] or 'nothing'} at {self.getpos()}")
        if tag in self.open:
            while self.open.pop() != tag:
                pass

    def _look(self, tag: str, attrs: dict[str, str | None]) -> None:
        for name, value in attrs.items():
            if name == "style" or name.startswith("on"):
                self.faults.append(f"<{tag} {name}> is refused by the content security policy")
            if name == "id":
                self.ids.append(value or "")
            if name in REFERENCES:
                self.references += [(name, target) for target in (value or "").split()]
        if tag == "script" and not attrs.get("src"):
            self.faults.append("a script without an address")
        if tag == "img" and attrs.get("alt") is None:
            self.faults.append("a picture without alt text")


def faults(page: str) -> list[str]:
    """Everything that is wrong with the HTML, in words; an empty list when it is sound."""
    reader = Reader()
    reader.feed(page)
    reader.close()
    found = reader.faults + [f"<{tag}> is never closed" for tag in reader.open]
    found += [
        f"two elements have the id {name!r}" for name, n in Counter(reader.ids).items() if n > 1
    ]
    have = set(reader.ids)
    found += [
        f'{name}="{target}" points nowhere'
        for name, target in reader.references
        if target not in have
    ]
    return found
