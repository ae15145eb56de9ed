"""Requests that are sent twice: the first answer is kept for a day and given again, so that nothing happens twice.

`begin` and `end` belong to the transaction of the work itself, so either both are true or neither. Work that commits on
its way (a test mail waits for the network) leaves a row without an answer if its process dies: then nobody can say
whether it happened, and it is never done again under that key.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from mailrith.accounts.models import KeptAnswer
from mailrith.core.clock import now
from mailrith.core.db import db
from mailrith.core.errors import Conflict

KEPT = timedelta(hours=24)
LONGEST_KEY = 256  # bytes of an Idempotency-Key


class KeyReused(Conflict):
    """The key stands for another request."""

    def __init__(self) -> None:
        super().__init__(
            "This Idempotency-Key was used for another request within a day. Use a new key for each new request."
        )


class StillAtWork(Conflict):
    """The first request with this key has not answered."""

    def __init__(self) -> None:
        super().__init__(
            "The first request with this Idempotency-Key has not ended. If this stays so, it was cut off: "
            "look whether its work was done before you try again with a new key."
        )


@dataclass(frozen=True)
class Answer:
    """A status and the JSON text that went with it."""

    status: int
    body: str


@dataclass(frozen=True)
class Claim:
    """A key that this request has taken. `taken_at` tells it from one that took the key after this one let go of it."""

    workspace_id: int
    key_digest: bytes
    taken_at: datetime


def digest_of(*parts: bytes) -> bytes:
    """32 bytes for a request: each part is counted, so no two requests read alike."""
    found = hashlib.sha256()
    for part in parts:
        found.update(len(part).to_bytes(8, "big") + part)
    return found.digest()


def begin(workspace_id: int, key: str, request_digest: bytes) -> Claim | Answer:
    """Take the key for this request, or give the answer that it had. Raises KeyReused and StillAtWork.

    A second request with the same key waits here until the first one's transaction ends.
    """
    claim = Claim(workspace_id, digest_of(key.encode()), now())
    row = {
        "workspace_id": workspace_id,
        "key_digest": claim.key_digest,
        "request_digest": request_digest,
        "body": "",
        "created_at": claim.taken_at,
    }
    if _took(row):
        return claim
    kept = db.session.scalars(
        select(KeptAnswer)
        .where(KeptAnswer.workspace_id == workspace_id, KeptAnswer.key_digest == claim.key_digest)
        .with_for_update()
    ).one()
    if kept.created_at < now() - KEPT:
        db.session.delete(kept)
        db.session.flush()
        db.session.execute(insert(KeptAnswer).values(row))
        return claim
    if kept.request_digest != request_digest:
        raise KeyReused
    if kept.status is None:
        raise StillAtWork
    return Answer(kept.status, kept.body)


def end(claim: Claim, answer: Answer) -> None:
    """Keep what was answered. The caller commits."""
    db.session.execute(
        update(KeptAnswer)
        .where(*_is(claim))
        .values(status=answer.status, body=answer.body)
        .execution_options(synchronize_session=False)
    )


def forget(claim: Claim) -> None:
    """Nothing was done: the key is free again, also where the work had committed on its way. The caller commits."""
    db.session.execute(delete(KeptAnswer).where(*_is(claim)))


def prune() -> None:
    """Forget the answers of yesterday. The caller commits."""
    db.session.execute(delete(KeptAnswer).where(KeptAnswer.created_at < now() - KEPT))


def _is(claim: Claim) -> tuple[ColumnElement[bool], ...]:
    # After a rollback somebody else may have taken the key: theirs stays.
    return (
        KeptAnswer.workspace_id == claim.workspace_id,
        KeptAnswer.key_digest == claim.key_digest,
        KeptAnswer.created_at == claim.taken_at,
        KeptAnswer.status.is_(None),
    )


def _took(row: dict[str, object]) -> bool:
    """Whether no row with this key was there."""
    dialect = postgresql if db.session.get_bind().dialect.name == "postgresql" else sqlite
    added = db.session.scalar(
        dialect.insert(KeptAnswer)
        .values(row)
        .on_conflict_do_nothing(index_elements=["workspace_id", "key_digest"])
        .returning(KeptAnswer.id)
    )
    return added is not None
