"""The plain text of somebody's HTML: what people read who want no HTML, and what spam filters compare."""

from html.parser import HTMLParser

from mailrith.content.text import wrap

_SILENT = frozenset({"head", "script", "style", "template", "title"})
_PARAGRAPHS = frozenset(
    "address article aside blockquote center dl dt dd fieldset figure footer form h1 h2 h3 h4 h5 h6 header hr main nav ol p "
    "pre section table ul".split()
)
_LINES = frozenset({"br", "div", "li", "tr", "caption"})
_LONGEST_RULE = "-" * 32


def text_of(html: str) -> str:
    """Paragraphs with an empty line between them, links numbered and listed at the end. Ends with a line feed."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    lines = [
        line for written in "".join(reader.pieces).split("\n") for line in wrap(_tidy(written))
    ]
    notes = [f"[{number}] {href}" for href, number in reader.links.items()]
    blank_after = "\n".join(_paragraphs(lines))
    return "\n\n".join(filter(None, (blank_after, "\n".join(notes)))) + "\n"


class _Reader(HTMLParser):
    """Collects text; a line feed is a line break, two are the end of a paragraph."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self.links: dict[str, int] = {}  # href -> its number
        self._fresh = True  # whether the line is still empty
        self._silent = 0  # how deep inside of what is not read
        self._hrefs: list[tuple[str, int]] = []  # open links, and where their text begins

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SILENT:
            self._silent += 1
        elif tag == "a":
            self._hrefs.append(
                (" ".join((dict(attrs).get("href") or "").split()), len(self.pieces))
            )
        elif tag == "img":
            self._say(f"{dict(attrs).get('alt') or ''} ")
        elif tag in {"td", "th"}:
            self._say(" ")
        else:
            self._break(tag)
            self._say({"li": "* ", "hr": f"{_LONGEST_RULE}\n\n"}.get(tag, ""))

    def handle_endtag(self, tag: str) -> None:
        if tag in _SILENT:
            self._silent = max(0, self._silent - 1)
        elif tag == "a" and self._hrefs:
            self._end_link(*self._hrefs.pop())
        elif tag != "br":
            self._break(tag)

    def handle_data(self, data: str) -> None:
        self._say(" ".join(f"|{data}|".split())[1:-1])

    def _end_link(self, href: str, begun: int) -> None:
        said = "".join(self.pieces[begun:]).strip()
        if href.startswith(("http://", "https://")) and said and said != href:
            self._say(f" [{self.links.setdefault(href, len(self.links) + 1)}]")
        elif href.startswith("mailto:") and href.removeprefix("mailto:") not in said:
            self._say(f" ({href.removeprefix('mailto:').partition('?')[0]})")

    def _break(self, tag: str) -> None:
        if tag in _PARAGRAPHS:
            self._say("\n\n")
        elif tag == "br" or (tag in _LINES and not self._fresh):
            self._say("\n")

    def _say(self, text: str) -> None:
        if not self._silent and text:
            self.pieces.append(text)
            self._fresh = text.endswith("\n") or (self._fresh and not text.strip())


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
