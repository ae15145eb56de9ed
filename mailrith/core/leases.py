"""A lease is a row that one process holds for a while, by the database's clock. The scheduler's leader holds one."""

import secrets

from sqlalchemy import Float, String, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column

from mailrith.core.db import Base, database_epoch, db


class Lease(Base):
    """Who holds `name`, until when. `token` changes hands with the lease and fences off the previous holder."""

    __tablename__ = "leases"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    holder: Mapped[str] = mapped_column(String(128))
    token: Mapped[str] = mapped_column(String(32))
    until: Mapped[float] = mapped_column(Float(53))  # seconds since 1970, database's clock


def acquire(name: str, holder: str, *, seconds: float) -> str | None:
    """Take the lease if it is free or run out. Returns its token, or None. The caller commits."""
    token = secrets.token_hex(16)
    now = database_epoch()
    taken = db.session.execute(
        update(Lease)
        .where(Lease.name == name, Lease.until < now)
        .values(holder=holder, token=token, until=now + seconds)
        .execution_options(synchronize_session=False)
    )
    if taken.rowcount == 1:  # type: ignore[attr-defined]
        return token
    if db.session.scalar(select(Lease.name).where(Lease.name == name)):
        return None
    try:
        with db.session.begin_nested():
            db.session.execute(
                insert(Lease).values(name=name, holder=holder, token=token, until=now + seconds)
            )
    except IntegrityError:
        return None
    return token


def renew(name: str, token: str, *, seconds: float) -> bool:
    """Prolong a lease that is still ours. False when it has gone to somebody else. The caller commits."""
    kept = db.session.execute(
        update(Lease)
        .where(Lease.name == name, Lease.token == token)
        .values(until=database_epoch() + seconds)
        .execution_options(synchronize_session=False)
    )
    return bool(kept.rowcount == 1)  # type: ignore[attr-defined]


def release(name: str, token: str) -> None:
    """Give it back, so that the next one need not wait. The caller commits."""
    db.session.execute(
        update(Lease)
        .where(Lease.name == name, Lease.token == token)
        .values(until=0.0)
        .execution_options(synchronize_session=False)
    )
