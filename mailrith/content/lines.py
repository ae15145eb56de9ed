"""A line of text in the form that Markdown can say exactly."""

import re
from collections.abc import Iterable, Sequence

from mailrith.content.nodes import HardBreak, Inline, Mark, Text

SAYABLE = ("link", "bold", "italic", "strike")
_EMPHASIS = SAYABLE[1:]


def settled(content: Sequence[Inline]) -> tuple[Inline, ...]:
    """The line without marks that Markdown has no sign for, without blanks at the ends of its lines,
    and with emphasis that begins and ends at a letter (`**so **` is none).
    """
    pieces = [piece for node in content for piece in _split(node)]
    pieces = [
        _blank(pieces, place, piece) if _is_blank(piece) else piece
        for place, piece in enumerate(pieces)
    ]
    return _joined(_trimmed(pieces))


def _split(node: Inline) -> Iterable[Inline]:
    """Blanks and what is between them, each by itself, when the text is emphasised."""
    if isinstance(node, HardBreak):
        return [HardBreak()]
    marks = tuple(mark for mark in node.marks if mark.type in SAYABLE)
    parts = re.fullmatch(r"(\s*)(.*?)(\s*)", node.text, re.DOTALL)
    assert parts is not None
    return [Text(text=part, marks=marks) for part in parts.groups() if part]


def _is_blank(node: Inline) -> bool:
    return isinstance(node, Text) and not node.text.strip()


def _blank(pieces: Sequence[Inline], place: int, piece: Inline) -> Inline:
    """Blanks are emphasised only between two words that are."""
    assert isinstance(piece, Text)
    before = _emphasis(reversed(pieces[:place]))
    after = _emphasis(pieces[place + 1 :])
    kept = [mark for mark in piece.marks if mark.type == "link" or mark in before & after]
    return Text(text=piece.text, marks=tuple(kept))


def _emphasis(pieces: Iterable[Inline]) -> frozenset[Mark]:
    for piece in pieces:
        if not _is_blank(piece):
            return frozenset(mark for mark in piece.marks if mark.type in _EMPHASIS)
    return frozenset()


def _trimmed(pieces: Sequence[Inline]) -> list[Inline]:
    """Without blanks beside a break, and without breaks at the ends."""
    kept: list[Inline] = []
    for piece in pieces:
        if isinstance(piece, HardBreak):
            while kept and _is_blank(kept[-1]):
                kept.pop()
        if not (_is_blank(piece) and (not kept or isinstance(kept[-1], HardBreak))):
            kept.append(piece)
    while kept and (_is_blank(kept[-1]) or isinstance(kept[-1], HardBreak)):
        kept.pop()
    start = 0
    while start < len(kept) and isinstance(kept[start], HardBreak):
        start += 1
    return kept[start:]


def _joined(pieces: Sequence[Inline]) -> tuple[Inline, ...]:
    joined: list[Inline] = []
    for piece in pieces:
        last = joined[-1] if joined else None
        if isinstance(piece, Text) and isinstance(last, Text) and last.marks == piece.marks:
            joined[-1] = Text(text=last.text + piece.text, marks=piece.marks)
        else:
            joined.append(piece)
    return tuple(joined)
