"""Outcomes that the database could not take, kept on disk until it can: a reply of the wire is never heard twice.

One file for each process, one JSON line for each outcome, fsynced. A file whose process is gone is replayed by the next
worker on this machine; replaying twice does no harm, because outcomes only apply to their own attempt.
"""

import fcntl
import json
import os
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import IO

from mailrith.core import config
from mailrith.delivery.ledger.results import Result
from mailrith.delivery.models import DeliveryState


class Journal:
    """The file of this process. Made when first needed, removed when everything in it has landed."""

    def __init__(self) -> None:
        self._file: IO[str] | None = None
        self._path = _folder() / f"{os.getpid()}-{os.urandom(4).hex()}.jsonl"

    def keep(self, results: Iterable[Result]) -> None:
        """Write them down; they are on the disk when this returns. Raises OSError when the disk is full."""
        if self._file is None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._file = self._path.open("a", encoding="utf-8")
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        self._file.writelines(_line(result) for result in results)
        self._file.flush()
        os.fsync(self._file.fileno())

    def landed(self) -> None:
        """Everything kept is in the database now."""
        if self._file is not None:
            self._path.unlink(missing_ok=True)
            self._file.close()
            self._file = None


def left_behind() -> list[tuple[Path, list[Result]]]:
    """What processes that are gone could not deliver. Delete each file with `forget` once its outcomes have landed."""
    found = []
    for path in sorted(_folder().glob("*.jsonl")):
        with suppress(OSError), path.open(encoding="utf-8") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)  # its process lives: OSError
            found.append((path, _read(file)))
    return found


def forget(path: Path) -> None:
    """Remove a file whose outcomes have landed."""
    path.unlink(missing_ok=True)


def _folder() -> Path:
    return config.current().data_dir / "journal"


def _line(result: Result) -> str:
    values = result._asdict()
    moment = result.next_attempt_at
    values["next_attempt_at"] = moment.isoformat() if moment else None
    return json.dumps(values) + "\n"


def _read(lines: Iterable[str]) -> list[Result]:
    results = []
    for line in lines:
        with suppress(
            ValueError, TypeError, KeyError
        ):  # the last line of a killed process may be cut
            values = json.loads(line)
            moment = values["next_attempt_at"]
            values["next_attempt_at"] = datetime.fromisoformat(moment) if moment else None
            values["state"] = DeliveryState(values["state"])
            results.append(Result(**values))
    return results
