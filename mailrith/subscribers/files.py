"""What an uploaded file is: its encoding, its delimiter and its columns, or the one sentence that says why it cannot be read."""

import codecs
from collections import Counter
from dataclasses import asdict, dataclass
from itertools import islice
from typing import Any, BinaryIO

from charset_normalizer import from_bytes

from mailrith.core import addresses
from mailrith.subscribers import lines

HEAD_BYTES = 1 << 16  # enough to see what kind of file it is
MAX_COLUMNS = 250
MAX_COLUMN_CHARS = 200
SAMPLES = 3  # rows shown beside each column
_TRIED = 20  # rows read to find the delimiter
_DELIMITERS = (",", ";", "\t", "|")

# What people's programs write when they do not write UTF-8. Guessing among all encodings guesses wrong.
_LEGACY = ["cp1252", "cp1250", "cp1251", "mac_roman"]
_ALIKE = 0.05  # difference in disorder that a few names do not decide

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_WORDS = {
    "utf-8": "UTF-8",
    "utf-8-sig": "UTF-8",
    "utf-16": "UTF-16",
    "utf-16-le": "UTF-16",
    "utf-16-be": "UTF-16",
    "utf-32": "UTF-32",
    "cp1252": "Western European",
    "cp1250": "Central European",
    "cp1251": "Cyrillic",
    "mac_roman": "Macintosh",
}
_DELIMITER_WORDS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}

_EXCEL = (
    "This is an Excel workbook. In Excel choose File, Save As, “CSV UTF-8 (Comma delimited)”, "
    "and bring the file that this makes."
)
_SIGNATURES = (
    (b"PK\x03\x04", _EXCEL),
    (b"\xd0\xcf\x11\xe0", _EXCEL),
    (b"%PDF", "This is a PDF. Export the list as CSV from the program that made it."),
)
_BINARY = "This is not a text file. Export the list as CSV from the program that has it."
_EMPTY = "The file is empty. Its first row holds the names of the columns, such as: email,name"
_NO_ROWS = "The file has names of columns, but nobody below them."
_NO_HEADER = (
    "The first row holds an address instead of the names of the columns. "
    "Put a row above it, such as: email,name"
)


@dataclass(frozen=True)
class Unreadable:
    """The file cannot be imported; `sentence` says why and what to do."""

    sentence: str


@dataclass(frozen=True)
class Layout:
    """How to read the file. `samples` holds the first values of each column."""

    encoding: str
    delimiter: str
    columns: list[str]
    samples: list[list[str]]
    skipped: int = 0  # records above the names of the columns

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> "Layout":
        return cls(**stored)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @property
    def words(self) -> str:
        """For people: "commas, UTF-8"."""
        encoding = _WORDS.get(self.encoding, self.encoding)
        return f"{_DELIMITER_WORDS.get(self.delimiter, 'another sign')}, {encoding}"


def inspect(file: BinaryIO) -> Layout | Unreadable:
    """Look at the file from its start. It is left anywhere."""
    head = file.read(HEAD_BYTES)
    if not head.strip():
        return Unreadable(_EMPTY)
    for signature, sentence in _SIGNATURES:
        if head.startswith(signature):
            return Unreadable(sentence)
    encoding = _encoding(head, file)
    if encoding is None:
        return Unreadable(_BINARY)
    marked = _marked_delimiter(file, encoding)
    delimiter = marked or _delimiter(file, encoding)
    skipped = 1 if marked else 0
    records = lines.records(file, encoding, delimiter)
    first = [cells for cells in islice(records, skipped, _TRIED) if cells and any(cells)]
    if not first:
        return Unreadable(_EMPTY)
    found = _columns(first[0]) if len(first) > 1 else _alone(first[0])
    if isinstance(found, Unreadable):
        return found
    return Layout(encoding, delimiter, found, _samples(first[1:], len(found)), skipped)


def _encoding(head: bytes, file: BinaryIO) -> str | None:
    for mark, encoding in _BOMS:
        if head.startswith(mark):
            return encoding
    zeros = head.count(0)
    if zeros:
        # UTF-16 without a mark: text of Western letters has a zero in every other byte.
        if zeros > len(head) // 4:
            return "utf-16-le" if head[1:2] == b"\0" else "utf-16-be" if head[:1] == b"\0" else None
        return None
    sample = _outside_utf8(file)
    if sample is None:
        return "utf-8"
    return _legacy(sample)


def _legacy(sample: bytes) -> str:
    """Which of the old encodings reads best; of those that read alike, the commonest."""
    found = {match.encoding: match.chaos for match in from_bytes(sample, cp_isolation=_LEGACY)}
    if not found:
        return "cp1252"
    best = min(found.values())
    return next(name for name in _LEGACY if found.get(name, 1.0) <= best + _ALIKE)


def _outside_utf8(file: BinaryIO) -> bytes | None:
    """None if the whole file is UTF-8, else the lines with other letters, as far as they fit."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    file.seek(0)
    try:
        while chunk := file.read(1 << 20):
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        file.seek(0)
        telling = (line for line in iter(lambda: file.readline(4096), b"") if not line.isascii())
        return b"".join(islice(telling, 200))
    return None


def _marked_delimiter(file: BinaryIO, encoding: str) -> str | None:
    """Excel's own first line: sep=;"""
    file.seek(0)
    first = file.read(64).decode(encoding, "replace").split("\n")[0].strip()
    sign = first[4:]
    return sign if first[:4].lower() == "sep=" and sign in _DELIMITERS else None


def _delimiter(file: BinaryIO, encoding: str) -> str:
    """The sign that cuts the first rows into the most columns, all rows alike."""

    def score(sign: str) -> tuple[bool, float, int]:
        tried = [row for row in islice(lines.records(file, encoding, sign), _TRIED) if row]
        if not tried:
            return (False, 0.0, 0)
        width = len(tried[0])
        alike = sum(len(row) == width for row in tried) / len(tried)
        return (width > 1, alike, width)

    return max(_DELIMITERS, key=score)


def _columns(header: list[str]) -> list[str] | Unreadable:
    names = [" ".join(cell.split()) for cell in header]
    while names and not names[-1]:
        names.pop()
    if any(isinstance(addresses.parse_address(name), addresses.Address) for name in names):
        return Unreadable(_NO_HEADER)
    if len(names) > MAX_COLUMNS:
        return Unreadable(
            f"The file has {len(names):,} columns; {MAX_COLUMNS} is the most. Take out those you do not need."
        )
    if any(len(name) > MAX_COLUMN_CHARS for name in names):
        return Unreadable(
            f"The name of a column is longer than {MAX_COLUMN_CHARS} characters. "
            "Does the first row hold the names of the columns?"
        )
    twice = [
        name for name, times in Counter(map(str.casefold, names)).items() if name and times > 1
    ]
    if twice:
        shown = next(name for name in names if name.casefold() == twice[0])
        return Unreadable(
            f"More than one column is called “{shown}”. Give each a name of its own, then bring the file again."
        )
    return [name or f"Column {place}" for place, name in enumerate(names, 1)]


def _alone(header: list[str]) -> Unreadable:
    found = _columns(header)
    return found if isinstance(found, Unreadable) else Unreadable(_NO_ROWS)


def _samples(rows: list[list[str]], width: int) -> list[list[str]]:
    shown = rows[:SAMPLES]
    return [
        [
            " ".join(row[place].split())[:80]
            for row in shown
            if place < len(row) and row[place].strip()
        ]
        for place in range(width)
    ]
