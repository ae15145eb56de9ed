"""A file as records of cells, in flat memory whatever it holds: a line of a gigabyte, a quotation mark never closed."""

import csv
import io
from collections.abc import Iterator
from typing import BinaryIO

MAX_LINE_CHARS = 1 << 18  # what is longer is cut; csv's own limit for one cell is half of it


def records(file: BinaryIO, encoding: str, delimiter: str) -> Iterator[list[str] | None]:
    """The records from the start of `file`. An empty line is an empty list; None is a record that cannot be read."""
    file.seek(0)
    text = io.TextIOWrapper(file, encoding=encoding, errors="replace", newline="")
    try:
        reader = csv.reader(_lines(text), delimiter=delimiter)
        while True:
            try:
                yield next(reader)
            except StopIteration:
                return
            except csv.Error:
                # Mostly a quotation mark that is never closed: the cell grows until csv gives up. The next line
                # starts anew.
                yield None
    finally:
        if not file.closed:
            text.detach()  # or the file would be closed with it


def _lines(text: io.TextIOWrapper) -> Iterator[str]:
    while line := text.readline(MAX_LINE_CHARS):
        if len(line) == MAX_LINE_CHARS and line[-1] not in "\r\n":
            while (rest := text.readline(MAX_LINE_CHARS)) and rest[-1] not in "\r\n":
                pass
            line = f"{line}\n"
        yield line
