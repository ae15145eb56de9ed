"""Files that outlive a request: uploads and exports, in a directory below `data_dir`. Keys are ours, never a person's file name."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, BinaryIO

from mailrith.core import config

_CHUNK = 1 << 20  # bytes copied at a time


def save(folder: str, source: BinaryIO | IO[bytes], *, limit_bytes: int) -> tuple[str, int] | None:
    """Copy `source` into the store. Returns (key, size in bytes), or None when it is longer than `limit_bytes`."""
    key = f"{folder}/{secrets.token_hex(16)}"
    path = _path(key)
    path.parent.mkdir(parents=True, exist_ok=True)
    size = 0
    with path.open("wb") as target:
        while chunk := source.read(_CHUNK):
            size += len(chunk)
            if size > limit_bytes:
                break
            target.write(chunk)
    if size > limit_bytes:
        path.unlink()
        return None
    return key, size


@contextmanager
def opened(key: str) -> Iterator[BinaryIO]:
    """The file's bytes. Raises FileNotFoundError when retention has removed it."""
    with _path(key).open("rb") as file:
        yield file


def delete(key: str) -> None:
    """Remove it; gone already is fine."""
    _path(key).unlink(missing_ok=True)


def _path(key: str) -> Path:
    folder, _, name = key.partition("/")
    if not folder.isalnum() or not name.isalnum():
        raise ValueError("this is not a key of the store")
    return config.current().data_dir / "files" / folder / name
