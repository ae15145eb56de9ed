"""What one import was told to do, read once from its row, so that no job holds an ORM object over its many commits."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from sqlalchemy import select

from mailrith.accounts.models import Workspace
from mailrith.core.db import db
from mailrith.subscribers.files import Layout
from mailrith.subscribers.models import Import
from mailrith.subscribers.rows import Parser, Person, Refusal
from mailrith.subscribers.writing import Origin


@dataclass(frozen=True)
class Order:
    """The choices of the person who imports. `policy` is one of planning.POLICIES."""

    storage_key: str
    parser: Parser
    tags: tuple[str, ...]
    policy: str
    origin: Origin

    @property
    def workspace_id(self) -> int:
        return self.origin.workspace_id


def read(brought: Import) -> Order:
    """The order of a mapped and consented import."""
    salt = db.session.scalar(
        select(Workspace.address_salt).where(Workspace.id == brought.workspace_id)
    )
    assert salt is not None  # the import would be gone with its workspace
    consent = brought.consent
    origin = Origin(
        workspace_id=brought.workspace_id,
        import_id=brought.id,
        file_name=brought.file_name,
        user_id=brought.created_by,
        basis=consent["basis"],
        source=consent["source"],
        collected_at=datetime.fromisoformat(consent["collected_at"]),
    )
    return Order(
        storage_key=brought.storage_key,
        parser=Parser(Layout.from_json(brought.dialect), brought.mapping["places"], salt),
        tags=tuple(brought.tags),
        policy=brought.mapping["existing"],
        origin=origin,
    )


def batches(rows: Iterator[Person | Refusal], size: int) -> Iterator[list[Person | Refusal]]:
    """The rows, `size` at a time."""
    while batch := list(islice(rows, size)):
        yield batch
