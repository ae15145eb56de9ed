"""One row of a file as somebody to import, or the sentence why not. Nothing here asks the database."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import BinaryIO

from mailrith.core import addresses
from mailrith.subscribers import lines, wording
from mailrith.subscribers.files import Layout
from mailrith.subscribers.models import NAME_CHARS, TAG_CHARS

EMAIL, NAME, TAGS = "email", "name", "tags"
TARGETS = (EMAIL, NAME, TAGS)
MAX_TAGS = 50  # of one row

REFUSED, LEFT_ALONE = "refused", "left_alone"

UNREADABLE = "This row cannot be read. Is a quotation mark missing?"
_TAG_SEPARATORS = re.compile(r"[,;|\n]")


@dataclass(slots=True)
class Person:
    """A row with a usable address. `row` is its number in the file, where the names of the columns are row 1."""

    row: int
    email: str
    key: str
    fingerprint: bytes
    name: str
    tags: list[str]


@dataclass(slots=True)
class Refusal:
    """A row that is not taken. `outcome` is "refused", or "left_alone" for people who want or get no mail."""

    row: int
    value: str
    name: str
    reason: str
    outcome: str = REFUSED


@dataclass(frozen=True)
class Parser:
    """Reads rows of one file for one workspace. `places` says which column goes where."""

    layout: Layout
    places: Mapping[str, int]
    salt: bytes

    def read(self, file: BinaryIO) -> Iterator[Person | Refusal]:
        """Everybody in the file. Rows without anything in them are passed over."""
        records = lines.records(file, self.layout.encoding, self.layout.delimiter)
        header = self.layout.skipped + 1
        for number, cells in enumerate(records, 1):
            if number > header and (cells is None or any(cells)):
                yield self.parse(number, cells)

    def parse(self, row: int, cells: list[str] | None) -> Person | Refusal:
        """What one record is."""
        if cells is None:
            return Refusal(row, "", "", UNREADABLE)
        written = self._cell(cells, EMAIL)
        name = wording.one_line(self._cell(cells, NAME))
        address = addresses.parse_address(written)
        tags = self._tags(cells)
        wrong = self._wrong(cells, name, address, tags)
        if wrong is not None or isinstance(address, addresses.Problem):
            return Refusal(row, wording.one_line(written)[:254], name[:NAME_CHARS], wrong or "")
        fingerprint = addresses.fingerprint(self.salt, address.text)
        return Person(row, address.text, address.key, fingerprint, name, tags)

    def _wrong(
        self,
        cells: list[str],
        name: str,
        address: addresses.Address | addresses.Problem,
        tags: list[str],
    ) -> str | None:
        width = len(self.layout.columns)
        found = None
        if len(cells) > width and any(cells[width:]):
            found = (
                f"This row has {len(cells):,} cells, but there are {width} columns. "
                "A cell with the separator in it needs quotation marks."
            )
        elif isinstance(address, addresses.Problem):
            found = address.sentence
        elif len(name) > NAME_CHARS:
            found = wording.name_too_long(name)
        elif len(tags) > MAX_TAGS:
            found = f"There are {len(tags):,} tags in this row; {MAX_TAGS} is the most."
        elif any(len(tag) > TAG_CHARS for tag in tags):
            found = f"A tag is longer than {TAG_CHARS} characters."
        return found

    def _tags(self, cells: list[str]) -> list[str]:
        written = self._cell(cells, TAGS)
        if not written:
            return []
        names = (wording.one_line(name) for name in _TAG_SEPARATORS.split(written))
        return list({name.casefold(): name for name in names if name}.values())

    def _cell(self, cells: list[str], target: str) -> str:
        place = self.places.get(target)
        return cells[place] if place is not None and place < len(cells) else ""
