"""A test mail: the letter as one person would get it, to any address, with links that change nothing."""

from dataclasses import dataclass
from datetime import timedelta

from mailrith.accounts import audit
from mailrith.accounts.models import Workspace
from mailrith.broadcasts import launching, queries, readiness
from mailrith.broadcasts.models import Broadcast
from mailrith.connections import presets
from mailrith.connections.credentials import server_for
from mailrith.connections.mailbox.queries import envelope_of
from mailrith.content import preview
from mailrith.content.document import parse_document
from mailrith.content.letter import compose
from mailrith.content.merge import Person
from mailrith.core import addresses, ids
from mailrith.core.clock import now
from mailrith.core.errors import Conflict, Invalid, TooMany
from mailrith.delivery.sending import letters
from mailrith.smtp import causes
from mailrith.smtp.classification import classify
from mailrith.smtp.server import INTERACTIVE, Server
from mailrith.smtp.session import Outcome
from mailrith.smtp.submit import submit
from mailrith.subscribers.links import test_unsubscribe_url

AN_HOUR = timedelta(hours=1)
PER_HOUR = 20  # tests of one person; enough for writing, too few for mailing strangers
ACTION = "broadcast.tested"


@dataclass(frozen=True)
class TestMail:
    """Everything that the wire needs, so that nothing has to be read while it is busy."""

    __test__ = False  # not a test case, whatever its name begins with

    server: Server
    connection_name: str
    envelope_sender: str
    recipient: str
    message: bytes


@dataclass(frozen=True)
class TestResult:
    """What came of it. `words` are the server's own; `todo` is empty when it was accepted."""

    __test__ = False

    recipient: str
    accepted: bool
    title: str
    text: str
    todo: tuple[str, ...] = ()
    words: str = ""


def prepare(
    workspace: Workspace, broadcast: Broadcast, *, to: str, person: Person, user_id: int
) -> TestMail:
    """Check the address and the allowance, note the test, build the mail. The caller commits before `carry`.

    Raises Invalid for the field `to` or the letter, Conflict without a usable connection, TooMany.
    """
    recipient = addresses.parse_address(to)
    if isinstance(recipient, addresses.Problem):
        raise Invalid(recipient.sentence, field="to")
    connection = launching.connection_of(broadcast)
    if connection is None:
        raise Conflict("Add or choose a connection first: a test leaves through it.")
    _count(workspace, broadcast, user_id)
    frozen = letters.freeze(
        workspace=workspace,
        connection=connection,
        subject=f"[Test] {broadcast.subject}".strip(),
        preview_text=broadcast.preview_text,
        body_document=broadcast.body_document,
        reply_to=broadcast.reply_to_email,
    )
    carried = presets.carried_by(connection)
    letter = compose(
        parse_document(frozen.body_document),
        subject=frozen.subject,
        preview_text=frozen.preview_text,
        footer=readiness.footer_of(workspace),
        from_name=frozen.from_name,
        from_address=frozen.from_email,
        list_id=frozen.list_id,
        reply_to=frozen.reply_to,
        carrier_headers=carried.headers,
        trace=carried.trace,
    )
    message = preview.test_message(
        letter,
        address=recipient.text,
        person=person,
        message_id=f"test.{ids.uuid7().hex}@{frozen.domain}",
        inert_url=test_unsubscribe_url(),
        date=now(),
    )
    server = server_for(connection, timeouts=INTERACTIVE)
    envelope = envelope_of(connection)
    return TestMail(server, connection.name, envelope, recipient.text, message)


def carry(mail: TestMail) -> TestResult:
    """Hand it to the server now and wait for its answer. Not inside a transaction."""
    outcome = submit(mail.server, mail.envelope_sender, mail.recipient, mail.message)
    if outcome.kind == "sent":
        return TestResult(
            mail.recipient,
            accepted=True,
            title=f"{mail.connection_name} accepted it",
            text=f"The test to {mail.recipient} is on its way. Look in the spam folder as well.",
            words=outcome.reply.words if outcome.reply else "",
        )
    cause = causes.cause(_cause_of(outcome))
    return TestResult(
        mail.recipient,
        accepted=False,
        title=cause.title,
        text=f"{cause.what} {cause.likely}",
        todo=cause.todo,
        words=outcome.reply.words if outcome.reply else outcome.words,
    )


def _cause_of(outcome: Outcome) -> str:
    if outcome.cause or outcome.reply is None:
        return outcome.cause
    reply = outcome.reply
    return classify(outcome.stage, reply.code, reply.enhanced, reply.text).cause


def _count(workspace: Workspace, broadcast: Broadcast, user_id: int) -> None:
    done = queries.audited_since(workspace.account_id, user_id, ACTION, AN_HOUR)
    if len(done) >= PER_HOUR:
        wait = done[-PER_HOUR] + AN_HOUR - now()
        raise TooMany(
            f"That were {PER_HOUR} tests in an hour, which is the most. The next one can leave in "
            f"{max(1, round(wait.total_seconds() / 60))} minutes.",
            retry_after_seconds=max(1, round(wait.total_seconds())),
        )
    audit.record(
        account_id=workspace.account_id,
        workspace_id=workspace.id,
        user_id=user_id,
        action=ACTION,
        subject=broadcast.title[:200],
    )
