"""Which addresses of a file came by already. On disk, so that a file of millions needs no more memory than a small one."""

import sqlite3
from collections.abc import Sequence

from mailrith.subscribers.rows import Person, Refusal

_CHUNK = 900  # placeholders of one statement


class Seen:
    """The first row of each address. Lives in a nameless temporary database, gone when closed."""

    def __init__(self) -> None:
        self._rows = sqlite3.connect("", isolation_level=None)
        self._rows.execute("PRAGMA journal_mode = OFF")
        self._rows.execute("CREATE TABLE seen (key BLOB PRIMARY KEY, row INTEGER) WITHOUT ROWID")

    def close(self) -> None:
        self._rows.close()

    def first_ones(self, parsed: Sequence[Person | Refusal]) -> tuple[list[Person], list[Refusal]]:
        """Those who come by for the first time, and every row that is refused, also for coming twice."""
        people: list[Person] = []
        refusals: list[Refusal] = []
        earlier = self._earlier([p.fingerprint for p in parsed if isinstance(p, Person)])
        new: list[tuple[bytes, int]] = []
        for row in parsed:
            if isinstance(row, Refusal):
                refusals.append(row)
            elif row.fingerprint in earlier:
                refusals.append(_twice(row, earlier[row.fingerprint]))
            else:
                earlier[row.fingerprint] = row.row
                new.append((row.fingerprint, row.row))
                people.append(row)
        self._rows.execute("BEGIN")
        self._rows.executemany("INSERT INTO seen VALUES (?, ?)", new)
        self._rows.execute("COMMIT")
        return people, refusals

    def _earlier(self, keys: list[bytes]) -> dict[bytes, int]:
        found: dict[bytes, int] = {}
        for start in range(0, len(keys), _CHUNK):
            some = keys[start : start + _CHUNK]
            marks = ",".join("?" * len(some))
            found.update(
                self._rows.execute(f"SELECT key, row FROM seen WHERE key IN ({marks})", some)  # noqa: S608 - only question marks
            )
        return found


def _twice(person: Person, first: int) -> Refusal:
    reason = f"The same address as row {first}. The first one counts."
    return Refusal(person.row, person.email, person.name, reason)
