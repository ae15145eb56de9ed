"""The checklist before Send: what stops it, and what is only worth a look. Send and Schedule read the same list."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from mailrith.accounts.models import Workspace
from mailrith.broadcasts import estimating
from mailrith.broadcasts.estimating import Part
from mailrith.broadcasts.models import Broadcast
from mailrith.connections import sender_checks
from mailrith.connections.models import Connection
from mailrith.connections.routing import Way
from mailrith.connections.sight import sees_whole
from mailrith.connections.standing import hearing, reputation
from mailrith.connections.standing.hearing import Ear, Heard
from mailrith.content import checking
from mailrith.content.document import parse_document
from mailrith.content.footer import Footer
from mailrith.core.errors import Conflict
from mailrith.subscribers import audience as audiences
from mailrith.subscribers.audience import Audience, AudienceCount


class Result(StrEnum):
    """What a check found."""

    FINE = "pass"
    WARN = "warn"
    BLOCK = "block"


class Fix(StrEnum):
    """Where it can be mended."""

    NOWHERE = ""
    LETTER = "letter"
    AUDIENCE = "audience"
    PICKER = "picker"  # of the connections, beside the audience
    CONNECTION = "connection"  # its page
    VERIFY = "verify"
    LIMITS = "limits"
    SENDER = "sender"  # what its From domain publishes
    WEBHOOK = "webhook"
    MAILBOX = "mailbox"  # where its bounces come back
    WORKSPACE = "workspace"


@dataclass(frozen=True)
class Check:
    """One line of the list, in the words that people read. `connection` is the public id of the one that it is about."""

    code: str
    result: Result
    title: str
    text: str = ""
    fix: Fix = Fix.NOWHERE
    connection: UUID | None = None


class NotReady(Conflict):
    """Something stops it. `checks` are the lines that do."""

    def __init__(self, checks: list[Check]) -> None:
        first = checks[0]
        super().__init__(f"{first.title}. {first.text}".strip())
        self.checks = checks


def checklist(
    workspace: Workspace,
    broadcast: Broadcast,
    way: Way | None,
    count: AudienceCount,
) -> list[Check]:
    """Every check with its result, the stopping ones first."""
    checks = [
        *_letter(workspace, broadcast),
        *_audience(workspace, broadcast, count),
        *_way(workspace, way, count.total),
        _postal_address(workspace),
        _unsubscribe(),
    ]
    order = list(reversed(Result))
    return sorted(checks, key=lambda check: order.index(check.result))


def stopping(checks: list[Check]) -> list[Check]:
    """Those that forbid to send."""
    return [check for check in checks if check.result == Result.BLOCK]


_RESULTS = {"bad": Result.BLOCK, "warn": Result.WARN, "ok": Result.FINE}


def footer_of(workspace: Workspace) -> Footer:
    """What ends every mail of the workspace."""
    return Footer(workspace.name, "\n".join(workspace.postal_lines))


def _letter(workspace: Workspace, broadcast: Broadcast) -> Iterator[Check]:
    findings = checking.check(
        parse_document(broadcast.body_document),
        broadcast.subject,
        broadcast.preview_text,
        footer=footer_of(workspace),
    )
    for found in findings:
        yield Check(found.code, _RESULTS[found.tone], found.title, found.detail, Fix.LETTER)


def _audience(workspace: Workspace, broadcast: Broadcast, count: AudienceCount) -> Iterator[Check]:
    chosen = Audience.from_json(broadcast.audience)
    missing = audiences.missing_tags(workspace.id, chosen)
    if missing:
        yield Check(
            "tag_gone",
            Result.BLOCK,
            "A tag of the audience is gone",
            "Somebody deleted a tag that you chose. Look at the audience again and save it.",
            Fix.AUDIENCE,
        )
    if chosen.reaches_nobody:
        yield Check(
            "no_audience",
            Result.BLOCK,
            "Nobody is chosen yet",
            "Choose tags, or everyone. Until then it goes to nobody.",
            Fix.AUDIENCE,
        )
    elif not count.total and not missing:
        yield Check(
            "nobody",
            Result.BLOCK,
            "Nobody would get it",
            "The sum is zero: nobody you chose may be mailed.",
            Fix.AUDIENCE,
        )


def _way(workspace: Workspace, way: Way | None, people: int) -> Iterator[Check]:
    if way is None:
        yield Check(
            "no_connection",
            Result.BLOCK,
            "No delivery connection is there for it",
            "A broadcast leaves through your own mail service. Choose or add a connection.",
            Fix.PICKER,
        )
        return
    result, without = Result.BLOCK, ""
    if way.carriers:
        result, without = Result.WARN, " The broadcast leaves without it."
    for connection, problem in way.left_out:
        title = f"{connection.name} cannot send now"
        text, about = problem.sentence + without, connection.public_id
        yield Check("connection", result, title, text, Fix.CONNECTION, about)
    if not way.carriers:
        return
    for carrier in way.carriers:
        yield from _carrier(workspace, carrier.connection, way.share(carrier, people))
    yield Check("way", Result.FINE, _leaves(way), _sender(way.sender))


def _leaves(way: Way) -> str:
    """The way in one line: through whom, and why that one."""
    names = [one.connection.name for one in way.carriers]
    if len(names) > 1:
        parts = " to ".join(str(one.weight) for one in way.carriers)
        return f"Leaves through {', '.join(names[:-1])} and {names[-1]}, {parts}"
    if way.carriers[0].connection.id != way.sender.id:
        return f"Leaves through {names[0]}, in place of {way.sender.name}"
    return f"Leaves through {names[0]}" + (", the workspace's default" if way.by_default else "")


def _sender(connection: Connection) -> str:
    named = f"{connection.from_name}, " if connection.from_name else ""
    return f"Mail comes from {named}{connection.from_email}."


def _carrier(workspace: Workspace, connection: Connection, people: int) -> Iterator[Check]:
    yield from _pace(workspace, connection, people)
    if connection.verified_at is None:
        yield Check(
            "unverified",
            Result.WARN,
            f"{connection.name} has not been verified",
            "Nobody has seen it work yet. Verify it, or send yourself a test first.",
            Fix.VERIFY,
            connection.public_id,
        )
    yield from _believed(connection)
    yield from _heard(connection)
    count = reputation.of_one(connection)
    returned = count.sentence if sees_whole(connection.id, workspace.id) else count.discreet
    if returned:
        yield Check(
            "returned",
            Result.WARN,
            f"Too much of {connection.name}'s mail came back",
            f"{returned} Mailrith stops it at 5 % of bounces or 0.3 % of complaints. Leave out old addresses and whoever "
            "did not ask for this.",
            Fix.AUDIENCE,
        )


def _believed(connection: Connection) -> Iterator[Check]:
    """SPF, DKIM and DMARC: what is known of them. It warns and never stops: only the receivers decide."""
    tone, words = sender_checks.light(connection)
    if tone == "warn":
        yield Check(
            "sender",
            Result.WARN,
            f"{words}, for {connection.from_email}",
            "Gmail, Yahoo and Outlook may put this mail into the spam folder or refuse it. "
            f"What to publish stands on the page of {connection.name}, under Sender identity.",
            Fix.SENDER,
            connection.public_id,
        )
    elif tone == "go":
        yield Check("sender", Result.FINE, "SPF, DKIM and DMARC passed in a test mail")
    elif tone == "ink":
        yield Check("sender", Result.FINE, "SPF, DKIM and DMARC records are there")


def _heard(connection: Connection) -> Iterator[Check]:
    """Whether bounces and complaints will come back, where somebody has set that up."""
    found = hearing.of([connection.id]).get(connection.id)
    if found is None or found.heard == Heard.NOTHING:
        return
    if found.heard == Heard.WELL:
        yield Check("heard", Result.FINE, "Bounces and complaints come back", found.sentence)
        return
    yield Check(
        "heard",
        Result.WARN,
        f"What becomes of {connection.name}'s mail is not heard",
        f"{found.sentence} Until that is mended, nobody learns of bounces and complaints, and those people are mailed again.",
        Fix.WEBHOOK if found.ear == Ear.WEBHOOK else Fix.MAILBOX,
        connection.public_id,
    )


def _pace(workspace: Workspace, connection: Connection, people: int) -> Iterator[Check]:
    left = estimating.estimate(workspace.id, [Part(connection, people)])
    if left.days > 1:
        takes = "warms up and takes" if left.warming_up else "takes"
        yield Check(
            "daily_limit",
            Result.WARN,
            f"It takes about {left.days} days",
            f"{connection.name} {takes} {left.left_today:,} more today, and {people:,} are to go through it. "
            "The rest goes out by itself on the days after.",
            Fix.LIMITS,
            connection.public_id,
        )


def _postal_address(workspace: Workspace) -> Check:
    if workspace.postal_lines:
        return Check("postal_address", Result.FINE, "Postal address is present")
    return Check(
        "postal_address",
        Result.BLOCK,
        "The postal address is missing",
        "The law asks for one at the end of every newsletter. Set it once in the settings.",
        Fix.WORKSPACE,
    )


def _unsubscribe() -> Check:
    return Check("unsubscribe", Result.FINE, "Unsubscribe link is present")
