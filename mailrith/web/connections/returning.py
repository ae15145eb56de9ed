"""The way back: a connection that is added from where it is wanted is chosen there afterwards."""

from urllib.parse import parse_qsl, urlencode, urlsplit

from flask import request

from mailrith.connections.models import Connection
from mailrith.web.signed_out import safe_path

PARAMETER = "next"
CHOICE = "connection"


def wanted() -> str | None:
    """Where the person came from, if it is a page of ours."""
    return safe_path(request.values.get(PARAMETER))


def chosen_there(target: str, connection: Connection) -> str:
    """The address of that page with the new connection chosen."""
    parts = urlsplit(target)
    kept = [pair for pair in parse_qsl(parts.query) if pair[0] != CHOICE]
    query = urlencode([*kept, (CHOICE, str(connection.public_id))])
    return parts._replace(query=query).geturl()
