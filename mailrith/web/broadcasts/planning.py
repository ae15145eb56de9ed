"""From the second step's form to a plan, and back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from flask import g, request

from mailrith.broadcasts.actions import check_future
from mailrith.broadcasts.models import Broadcast
from mailrith.broadcasts.scheduling import Skipped, Twice, instant
from mailrith.broadcasts.writing import Plan
from mailrith.connections.models import Connection
from mailrith.connections.routing import Way, way_of
from mailrith.core.errors import Invalid
from mailrith.subscribers.audience import EVERYONE, NONE, TAGS, Audience
from mailrith.subscribers.models import Tag
from mailrith.web.broadcasts.forms import AudienceForm, choice

Question = Twice | Skipped


@dataclass(frozen=True)
class Choices:
    """What can be chosen from in this workspace."""

    tags: Sequence[tuple[Tag, int]]  # with the people who have it
    connections: Sequence[Connection]
    default: Connection | None = None  # the workspace's

    def fill(self, form: AudienceForm) -> None:
        """Tell the form what is there."""
        tags = [choice(str(tag.public_id), tag.name) for tag, _ in self.tags]
        form.with_tags.choices = form.without_tags.choices = tags
        named = [(str(found.public_id), found.name) for found in self.connections]
        form.connection.choices = [("", "Workspace default"), *named]

    def tag_ids(self, public_ids: Sequence[str]) -> tuple[int, ...]:
        """The inner ids of chosen tags, in a fixed order."""
        return tuple(tag.id for tag, _ in self.tags if str(tag.public_id) in public_ids)

    def connection(self, public_id: str | None) -> Connection | None:
        """The connection chosen by name; None for the workspace's default."""
        return next((c for c in self.connections if str(c.public_id) == public_id), None)

    def carrier(self, public_id: str | None) -> Connection | None:
        """The connection that the broadcast leaves through as things stand."""
        return self.connection(public_id) or self.default

    def way(self, public_id: str | None) -> Way | None:
        """How it would leave as things stand."""
        chosen = self.connection(public_id)
        return way_of(g.workspace.id, chosen.id if chosen else None)


def shown(broadcast: Broadcast, choices: Choices) -> AudienceForm:
    """The form as the broadcast is planned now."""
    chosen = Audience.from_json(broadcast.audience)
    names = {tag.id: str(tag.public_id) for tag, _ in choices.tags}
    local = _local(broadcast.scheduled_at)
    form = AudienceForm(
        formdata=None,
        data={
            "version": broadcast.version,
            "mode": chosen.mode,
            "with_tags": [names[tag] for tag in chosen.with_tags if tag in names],
            "without_tags": [names[tag] for tag in chosen.without_tags if tag in names],
            "connection": _connection_shown(broadcast, choices),
            "reply_to_email": broadcast.reply_to_email,
            "when": "later" if local else "now",
            "day": local and local.date(),
            "at_time": local and local.time(),
            "which": local and _which(local),
        },
    )
    choices.fill(form)
    return form


def choose_added(form: AudienceForm, choices: Choices) -> Connection | None:
    """The connection that was just made for this broadcast, chosen in the form; None if there is none."""
    added = choices.connection(request.args.get("connection"))
    if added is not None:
        form.connection.data = str(added.public_id)
    return added


def audience_of(form: AudienceForm, choices: Choices) -> Audience:
    """Whom the form chooses. Ticking a tag is choosing by tag."""
    wanted = choices.tag_ids(form.with_tags.data or [])
    mode = form.mode.data if form.mode.data in (EVERYONE, TAGS) else TAGS if wanted else NONE
    return Audience(
        mode, wanted if mode == TAGS else (), choices.tag_ids(form.without_tags.data or [])
    )


def plan_of(form: AudienceForm, choices: Choices) -> Plan | Question:
    """The plan, or what has to be asked about its time. Raises Invalid."""
    leaves_at = _leaves_at(form)
    if isinstance(leaves_at, Twice | Skipped):
        return leaves_at
    connection = choices.connection(form.connection.data)
    return Plan(
        audience=audience_of(form, choices),
        connection_id=connection.id if connection else None,
        reply_to_email=form.reply_to_email.data or "",
        leaves_at=leaves_at,
    )


def _leaves_at(form: AudienceForm) -> datetime | Question | None:
    if form.when.data != "later":
        return None
    if form.day.data is None or form.at_time.data is None:
        raise Invalid("Choose a day and a time, or send it when you press Send.", field="at_time")
    found = instant(form.day.data, form.at_time.data, g.workspace.time_zone)
    if not isinstance(found, datetime):
        answers = vars(found)
        answer = form.which.data
        if answer not in answers:
            return found
        if isinstance(found, Skipped):
            _move(form, answers[answer])
        found = answers[answer]
    check_future(found)
    return found


def _move(form: AudienceForm, neighbour: datetime) -> None:
    form.day.data, form.at_time.data = neighbour.date(), neighbour.time()
    form.which.data = ""
    form.moved = True


def _connection_shown(broadcast: Broadcast, choices: Choices) -> str:
    """The one that is named; nothing for the workspace's default."""
    named = (c for c in choices.connections if c.id == broadcast.connection_id)
    return next((str(c.public_id) for c in named), "")


def _local(at: datetime | None) -> datetime | None:
    return at.astimezone(ZoneInfo(g.workspace.time_zone)) if at else None


def _which(local: datetime) -> str:
    """The answer already given, if this time happens twice."""
    found = instant(local.date(), local.time(), g.workspace.time_zone)
    return ("second" if local.fold else "first") if isinstance(found, Twice) else ""
