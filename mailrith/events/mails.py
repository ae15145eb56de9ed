"""The mails that reports speak of."""

from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple, Protocol
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import aliased

from mailrith.core import addresses
from mailrith.core.db import db
from mailrith.delivery.models import Delivery, DeliveryState, Run
from mailrith.delivery.runs import sources
from mailrith.delivery.sending import message_ids
from mailrith.events import arrays

_CHUNK = 5000  # values in one statement


class Mail(Protocol):
    """What has to be known of a delivery. Rows of it are such as well."""

    @property
    def id(self) -> int:
        """Its number."""

    @property
    def workspace_id(self) -> int:
        """Whose mail it was."""

    @property
    def subscriber_id(self) -> int | None:
        """Who was mailed; None when they are deleted."""

    @property
    def email(self) -> str:
        """Where it went."""

    @property
    def fingerprint(self) -> bytes:
        """Of that address."""

    @property
    def state(self) -> DeliveryState:
        """What the wire said."""


class SentMail(NamedTuple):
    """A delivery, as far as what comes back is concerned."""

    id: int
    workspace_id: int
    subscriber_id: int | None
    email: str
    fingerprint: bytes
    connection_id: int | None
    state: DeliveryState


def named(wanted: Iterable[tuple[int, str]]) -> dict[tuple[int, str], SentMail]:
    """Which of these (connection, Message-ID) are ours and went through that connection.

    What another connection sent is as good as unknown.
    """
    ids: dict[int, dict[str, int]] = defaultdict(dict)
    for connection_id, message_id in wanted:
        delivery_id = message_ids.read(message_id)
        if delivery_id is not None:
            ids[connection_id][message_id] = delivery_id
    found = {}
    for connection_id, read in ids.items():
        rows = _rows(connection_id, sorted(set(read.values())))
        for message_id, delivery_id in read.items():
            row = rows.get(delivery_id)
            if row is not None and message_ids.is_of(message_id, row[1]):
                found[connection_id, message_id] = row[0]
    return found


def copy_to(mail: SentMail, recipient: str) -> SentMail | None:
    """The copy of the same single message that went to this address, if there is one: all copies have one Message-ID."""
    same = aliased(Delivery)
    copies = db.session.execute(
        select(*(getattr(Delivery, name) for name in SentMail._fields))
        .join(Run, Run.id == Delivery.run_id)
        .join(same, same.run_id == Delivery.run_id)
        .where(same.id == mail.id, Run.source == sources.MESSAGE)
    )
    wanted = addresses.key(recipient.strip())
    found = (SentMail(*copy) for copy in copies)
    return next((copy for copy in found if addresses.key(copy.email) == wanted), None)


def _rows(connection_id: int, delivery_ids: list[int]) -> dict[int, tuple[SentMail, UUID]]:
    columns = [getattr(Delivery, name) for name in SentMail._fields]
    rows: dict[int, tuple[SentMail, UUID]] = {}
    for start in range(0, len(delivery_ids), _CHUNK):
        query = (
            select(*columns, Run.public_id)
            .join(Run, Run.id == Delivery.run_id)
            .where(
                arrays.among(Delivery.id, delivery_ids[start : start + _CHUNK]),
                or_(Run.connection_id == connection_id, Delivery.connection_id == connection_id),
            )
        )
        for *mail, run_public_id in db.session.execute(query):
            rows[mail[0]] = SentMail(*mail), run_public_id
    return rows
