"""What the list says about each connection, in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from flask import g

from mailrith.connections import presets, queries, routing
from mailrith.connections.checks.reports import pause_reason
from mailrith.connections.models import Connection, ConnectionState, Provider
from mailrith.connections.sender_checks.reading import light
from mailrith.connections.standing import hearing, reputation
from mailrith.connections.standing.health import Health, health_of
from mailrith.connections.standing.hearing import Heard, Hearing
from mailrith.delivery.queries import by_connections_today
from mailrith.web.connections.loading import sight_here


class Standing(NamedTuple):
    """State in a word, with the glyph and tone of the status macro, and a sentence of what to know."""

    label: str
    glyph: str
    tone: str
    note: str = ""


@dataclass(frozen=True)
class Row:
    """One line of the list. `sender` is (tone, words) of the sender's records; `mark` is its place here.

    `others` is how many more workspaces it serves, of which the reader sees nothing: neither names nor volumes.
    """

    connection: Connection
    workspaces: tuple[str, ...]
    others: int
    carried_by: str
    mark: str
    health: Health
    standing: Standing
    sender: tuple[str, str]
    hearing: Hearing | None

    @property
    def needs_somebody(self) -> bool:
        """Whether somebody has to look at it."""
        unheard = self.hearing is not None and self.hearing.heard == Heard.FAILING
        return unheard or self.standing.tone in {"warn", "bad"}

    @property
    def bar_tone(self) -> str:
        """Colour of the bar of what it sent today."""
        return "bad" if self.standing.tone == "bad" else "go"


def rows_of(connections: Sequence[Connection]) -> list[Row]:
    """One row each, in the same order."""
    ids, sight = [connection.id for connection in connections], sight_here()
    served = queries.workspaces_of(ids)
    marks = _marks(g.workspace.id)
    sent = by_connections_today(ids, sight.workspaces)
    reputations = reputation.of(ids)
    hearings = hearing.of(ids)
    rows = []
    for connection in connections:
        seen = sight.seen(served[connection.id])
        health = health_of(
            connection,
            whole=sight.whole(served[connection.id]),
            sent_today=sent[connection.id],
            reputation=reputations.get(connection.id),
        )
        reason = pause_reason(connection)
        rows.append(
            Row(
                connection,
                tuple(workspace.name for workspace in seen),
                len(served[connection.id]) - len(seen),
                carried_by(connection),
                marks.get(connection.id, ""),
                health,
                standing_of(health, reason.what if reason else ""),
                light(connection),
                hearings.get(connection.id),
            )
        )
    return rows


def _marks(workspace_id: int) -> dict[int, str]:
    """Connection id -> its place in this workspace. Who is second matters only where others than the default carry mail."""
    order = routing.order_of(workspace_id)
    choice = routing.choice_of(workspace_id)
    shown = order if choice.fall_back or choice.split else order[:1]
    return {one.id: f"No. {at}" if at > 1 else "Default" for at, one in enumerate(shown, 1)}


def matches(row: Row, text: str) -> bool:
    """Whether the search text is in its name, host, service or sender."""
    connection = row.connection
    fields = (
        connection.name,
        connection.host,
        row.carried_by,
        connection.from_email,
        connection.from_name,
    )
    return all(any(word in field.lower() for field in fields) for word in text.lower().split())


def carried_by(connection: Connection) -> str:
    """The service and its region, as people call them; of an own server its name and port."""
    preset = presets.of(Provider(connection.provider))
    if preset.provider == Provider.INSTALLATION:
        return preset.label
    if not preset.hosts or preset.host() in {"", "localhost"}:
        return f"{connection.host}, port {connection.port}"
    wanted = connection.provider_options.get(preset.host_option, "")
    choices = (c for o in preset.options if o.name == preset.host_option for c in o.choices)
    region = next((choice.label for choice in choices if choice.value == wanted), "")
    return f"{preset.label}, {region}" if region else preset.label


def standing_of(health: Health, why: str = "") -> Standing:
    """How it is, at a glance; `why` says for what reason Mailrith paused it."""
    if health.state == ConnectionState.DISABLED:
        return Standing("Disabled", "circle-minus", "")
    if health.state == ConnectionState.PAUSED:
        return Standing("Paused by Mailrith", "octagon-pause", "bad", why)
    if health.verified_at is None and health.last_error:
        return Standing("Verify failed", "triangle-alert", "warn", health.sentence)
    if health.verified_at is None:
        return Standing("Not verified yet", "circle-dashed", "", "Verify tries it without sending.")
    if health.certificate_ends:
        return Standing("Ready, look soon", "triangle-alert", "warn", _ending(health))
    if health.last_error or health.returned:
        return Standing("Ready, look soon", "triangle-alert", "warn", health.sentence)
    return Standing("Ready", "circle-check", "go")


def _ending(health: Health) -> str:
    over = health.certificate_days is not None and health.certificate_days < 0
    return "Its certificate has run out." if over else "Its certificate is about to run out."
