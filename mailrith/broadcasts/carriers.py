"""The connections that carry a sending, for the pages that show it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from mailrith.broadcasts import pauses
from mailrith.connections.models import Connection, ConnectionState
from mailrith.core.db import db
from mailrith.delivery.models import Run, RunRoute


@dataclass(frozen=True)
class Carrier:
    """A connection of a run. `left_at` and `why` are there when what waited for it went to another."""

    connection: Connection
    left_at: datetime | None
    why: str

    @property
    def holds(self) -> bool:
        """Whether people wait for it, because it cannot send and nothing has taken over."""
        return self.left_at is None and self.connection.state != ConnectionState.READY


@dataclass(frozen=True)
class Carriers:
    """All of them, those that were left included."""

    all: tuple[Carrier, ...]

    @property
    def names(self) -> str:
        """Northpost and Brevo, in one line."""
        return _listed(one.connection.name for one in self.all) or "the connection"

    @property
    def going(self) -> str:
        """The names of those that were not left."""
        return _listed(one.connection.name for one in self.all if one.left_at is None)

    @property
    def left(self) -> list[Carrier]:
        """Those that stopped on the way, the first one first."""
        return sorted((one for one in self.all if one.left_at), key=lambda one: str(one.left_at))

    @property
    def several(self) -> bool:
        """Whether it matters which one took a message."""
        return len(self.all) > 1

    @property
    def only(self) -> Connection | None:
        """The connection of a run that has one."""
        return self.all[0].connection if len(self.all) == 1 else None

    def name_of(self, connection_id: int | None) -> str:
        """For a row of the people list."""
        found = (one.connection.name for one in self.all if one.connection.id == connection_id)
        return next(found, "")


def carriers_of(run: Run) -> Carriers:
    """The connections of a run that the caller has found in its workspace; deleted ones too, by their old names."""
    rows = db.session.execute(
        select(RunRoute, Connection)
        .join(Connection, Connection.id == RunRoute.connection_id)
        .where(RunRoute.run_id == run.id)
        .order_by(RunRoute.connection_id != run.connection_id, RunRoute.connection_id)
    )
    return Carriers(
        tuple(
            Carrier(connection, route.left_at, pauses.title_of(route.left_cause))
            for route, connection in rows
        )
    )


def _listed(names: Iterable[str]) -> str:
    *first, last = list(names) or [""]
    return f"{', '.join(first)} and {last}" if first else last
