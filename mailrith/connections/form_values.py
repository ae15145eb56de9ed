"""What somebody typed about a connection, and the rules that need no row."""

from dataclasses import dataclass, field
from typing import NamedTuple

from mailrith.connections.models import Connection, SecureMode
from mailrith.core.addresses import Address, parse_address
from mailrith.core.errors import Invalid
from mailrith.core.network import Policy, Refused, is_loopback_host, normalise, resolve_now


class Limits(NamedTuple):
    """How much a connection carries. None is no limit."""

    max_sessions: int
    per_second: int | None
    per_day: int | None


# So that nobody's server is flooded before its owner said how much it takes.
CAREFUL = Limits(max_sessions=2, per_second=5, per_day=300)
LOCAL = Limits(max_sessions=20, per_second=None, per_day=None)


@dataclass(frozen=True)
class ConnectionValues:
    """A filled-in form. An empty `password` means the stored one. `limits` None means the start values."""

    name: str
    host: str
    port: int
    secure_mode: SecureMode
    username: str = field(repr=False)
    password: str = field(repr=False)
    from_name: str
    from_email: str
    workspace_ids: frozenset[int]
    limits: Limits | None = None

    @property
    def loopback(self) -> bool:
        """Whether the server is this machine, by its spelling."""
        return is_loopback_host(self.host)


def start_limits(values: ConnectionValues) -> Limits:
    """What a connection begins with when nobody chose."""
    return LOCAL if values.loopback else CAREFUL


def sender_address(values: ConnectionValues) -> str:
    """The sender as it is stored. Raises Invalid."""
    found = parse_address(values.from_email)
    if not isinstance(found, Address):
        raise Invalid(found.sentence, field="from_email")
    if found.needs_smtputf8:
        raise Invalid("Use a sender address with plain letters before the @.", field="from_email")
    return found.text


def check_texts(values: ConnectionValues) -> None:
    """Refuse what could change a header or a command. Raises Invalid."""
    for name in ("name", "from_name", "username", "password"):
        if not all(c.isprintable() for c in getattr(values, name)):
            raise Invalid("Leave out line breaks and invisible characters.", field=name)
    if not values.name.strip():
        raise Invalid("Give the connection a name.", field="name")


def check_host(host: str, port: int, policy: Policy) -> None:
    """Refuse a server that may not be reached. Asks a name server, so call it outside of a transaction. Raises Invalid."""
    found = resolve_now(host, port, policy)
    if isinstance(found, Refused):
        raise Invalid(found.sentence, field=found.field)


def moves(connection: Connection, values: ConnectionValues, username: str) -> bool:
    """Whether the stored password would go to another server or another person."""
    return (
        normalise(values.host) != connection.host
        or values.port != connection.port
        or values.secure_mode != connection.secure_mode
        or values.username != username
    )
