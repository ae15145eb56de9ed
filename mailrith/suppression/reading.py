"""Addresses out of what somebody pastes, or of the list that another service exports: as CSV, or simply below one another."""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from mailrith.core import addresses
from mailrith.suppression.models import SuppressionReason as Reason
from mailrith.suppression.wording import plain_cell

MOST = 100_000  # addresses at once
SAMPLES = 5  # of what cannot be read, shown

_EMAILS = {"email", "e-mail", "email address", "emailaddress", "address", "recipient", "to"}
_REASONS = {"reason", "type", "status", "category", "event", "cause"}
_BETWEEN = re.compile(r"[\s,;|<>\"()]+")
_WORDS = (
    (re.compile(r"complain|spam|abuse|feedback", re.IGNORECASE), Reason.COMPLAINED),
    (re.compile(r"unsub|opt[- ]?out|left", re.IGNORECASE), Reason.UNSUBSCRIBED),
    (re.compile(r"hard|bounce|invalid|not exist|unknown user", re.IGNORECASE), Reason.BOUNCED),
)
_SOFT = re.compile(r"soft|transient|temporary", re.IGNORECASE)


@dataclass
class Found:
    """`entries` are addresses, each with the reason that its row gives, or None. `unread` are lines without an address, some of them."""

    entries: list[tuple[addresses.Address, Reason | None]] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    unread_count: int = 0
    too_many: bool = False

    def miss(self, line: str) -> None:
        """Count a line that cannot be used."""
        self.unread_count += 1
        if len(self.unread) < SAMPLES:
            self.unread.append(line[:80])


@dataclass(frozen=True)
class _Columns:
    """Where in a row things stand; -1 is nowhere, so everywhere is looked for addresses."""

    email: int = -1
    reason: int = -1


def decoded(body: bytes) -> str:
    """The text of a file: UTF-8 or UTF-16 by its mark, or what old programs write."""
    if body.startswith((b"\xff\xfe", b"\xfe\xff")):
        return body.decode("utf-16", "replace")
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError:
        return body.decode("cp1252", "replace")


def read(text: str) -> Found:
    """Every address of the text with its reason, in its order."""
    found, columns = Found(), _Columns()
    rows = list(_rows(text.removeprefix("\ufeff").replace("\0", "")))
    head = _columns(rows[0]) if rows else None
    if head is not None:
        columns, rows = head, rows[1:]
    for cells in rows:
        if len(found.entries) >= MOST:
            found.too_many = True
            break
        _take(cells, columns, found)
    return found


def reason_in(words: str) -> Reason | None:
    """The reason that a cell means: our own word, or another service's."""
    word = words.strip().lower()
    if word in set(Reason):
        return Reason(word)
    if _SOFT.search(word):
        return None
    return next((reason for pattern, reason in _WORDS if pattern.search(word)), None)


def _take(cells: Sequence[str], columns: _Columns, found: Found) -> None:
    reason = reason_in(cells[columns.reason]) if 0 <= columns.reason < len(cells) else None
    if columns.email < 0:
        tokens = [part for cell in cells for part in _BETWEEN.split(cell) if "@" in part]
    else:
        tokens = list(cells[columns.email : columns.email + 1])
        if not any(token.strip() for token in tokens):
            return  # kept without its address
    parsed = [addresses.parse_address(plain_cell(token.strip())) for token in tokens]
    good = [one for one in parsed if isinstance(one, addresses.Address)]
    found.entries.extend((one, reason) for one in good)
    if len(good) < len(parsed) or not good:
        found.miss(", ".join(cell for cell in cells if cell))


def _rows(text: str) -> Iterator[list[str]]:
    lines = [line for line in io.StringIO(text, newline=None) if line.strip()]
    first = lines[0] if lines else ""
    delimiter = max(",;\t|", key=first.count)
    for line in lines:
        try:
            # Line by line: a quotation mark that is never closed costs its own line only.
            yield next(csv.reader([line.rstrip("\n")], delimiter=delimiter))
        except csv.Error:
            yield [line[:200]]


def _columns(first: Sequence[str]) -> _Columns | None:
    """Of the first row, if it holds names."""
    names = [cell.strip().strip('"').lower().replace("_", " ") for cell in first]
    if any("@" in name for name in names):
        return None
    email = next((place for place, name in enumerate(names) if name in _EMAILS), -1)
    if email < 0:
        return None
    reason = next((place for place, name in enumerate(names) if name in _REASONS), -1)
    return _Columns(email, reason)
