"""The inbox on disk: a small SQLite file of its own, written by the SMTP server and read by the pages."""

import sqlite3
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

FILE = "inbox.db"
KEPT = 5000  # newest messages; a broadcast to everybody must not fill the disk

_TABLE = """
CREATE TABLE IF NOT EXISTS messages (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    arrived REAL NOT NULL,
    recipient TEXT NOT NULL,
    sender TEXT NOT NULL,
    subject TEXT NOT NULL,
    raw BLOB NOT NULL,
    unread INTEGER NOT NULL DEFAULT 1
)
"""


@dataclass(frozen=True)
class Letter:
    """One message as it came. `arrived` is in seconds since 1970; `sender` is the From header, decoded."""

    id: int
    arrived: float
    recipient: str
    sender: str
    subject: str
    raw: bytes
    unread: bool


@dataclass(frozen=True)
class Arrival:
    """A message on its way into the box."""

    arrived: float
    recipient: str
    sender: str
    subject: str
    raw: bytes


class Mailbox:
    """Opens a connection for each call, so that it can be used from any thread and process."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._path = folder / FILE
        with self._open() as box:
            box.execute("PRAGMA journal_mode = WAL")
            box.execute(_TABLE)

    def add(self, arrivals: Iterable[Arrival]) -> None:
        """Put messages in, and the oldest ones out when there are more than KEPT."""
        rows = [(a.arrived, a.recipient, a.sender, a.subject, a.raw) for a in arrivals]
        with self._open() as box:
            box.executemany(
                "INSERT INTO messages (arrived, recipient, sender, subject, raw) VALUES (?, ?, ?, ?, ?)",
                rows,
            )
            box.execute(
                "DELETE FROM messages WHERE id <= (SELECT max(id) FROM messages) - ?", (KEPT,)
            )

    def find(self, text: str = "", *, before: int | None = None, limit: int = 50) -> list[Letter]:
        """The newest messages whose recipient, sender or subject contain `text`."""
        with self._open() as box:
            rows = box.execute(
                "SELECT * FROM messages WHERE id < ? AND (instr(lower(recipient), ?)"
                " OR instr(lower(subject), ?) OR instr(lower(sender), ?)) ORDER BY id DESC LIMIT ?",
                (before or 1 << 62, *[text.strip().lower()] * 3, limit),
            )
            return [Letter(**dict(row)) for row in rows]

    def get(self, letter_id: int) -> Letter | None:
        """One message, if it has not been pushed out."""
        with self._open() as box:
            row = box.execute("SELECT * FROM messages WHERE id = ?", (letter_id,)).fetchone()
        return Letter(**dict(row)) if row else None

    def counts(self) -> tuple[int, int]:
        """How many there are, and how many of them nobody has opened."""
        with self._open() as box:
            row = box.execute("SELECT count(*), coalesce(sum(unread), 0) FROM messages").fetchone()
        return int(row[0]), int(row[1])

    def mark_read(self, letter_id: int) -> None:
        """Somebody has opened it."""
        self._write("UPDATE messages SET unread = 0 WHERE id = ?", (letter_id,))

    def delete(self, letter_id: int) -> None:
        """Remove one."""
        self._write("DELETE FROM messages WHERE id = ?", (letter_id,))

    def empty(self) -> None:
        """Remove all."""
        self._write("DELETE FROM messages", ())

    def _write(self, statement: str, values: Sequence[int]) -> None:
        with self._open() as box:
            box.execute(statement, values)

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        box = sqlite3.connect(self._path, timeout=10)
        box.row_factory = sqlite3.Row
        box.execute("PRAGMA synchronous = OFF")  # what is lost at a power cut was only a demo's
        try:
            with box:
                yield box
        finally:
            box.close()


def arrived_now(recipient: str, sender: str, subject: str, raw: bytes) -> Arrival:
    """An arrival of this moment."""
    return Arrival(time.time(), recipient, sender, subject, raw)
