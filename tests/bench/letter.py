"""The letter that everybody in a comparison sends: personalised, two parts, about fifteen kilobytes."""

from datetime import timedelta
from email import message_from_bytes, policy

from mailrith.core.clock import now
from mailrith.delivery.ledger.entries import Claimed, Marked
from mailrith.delivery.models import Run
from mailrith.delivery.pacing.limits import Limits
from mailrith.delivery.sending import letters, order
from tests.support import factories

MESSAGE_BYTES = 15_000
NAME = "Ada"  # of the sample recipient; peers put others in its place
SENTENCE = (
    "The hungry gap is the lean month between the last of the winter stores and the first of the spring crops, "
    "and every gardener fills it in a different way. "
)


def body(paragraphs):
    """A letter of about `paragraphs` times four hundred bytes, with a name, links and a footer."""

    def paragraph(words, *marks):
        return {
            "type": "paragraph",
            "content": [{"type": "text", "text": words, **({"marks": marks} if marks else {})}],
        }

    hello = paragraph('Good morning [Subscriber_Name, fallback="friend"],')
    link = {"type": "link", "attrs": {"href": "https://allotmentpost.example/gap"}}
    middle = (paragraph(SENTENCE * 2) for _ in range(paragraphs))
    return {
        "type": "doc",
        "content": [hello, *middle, paragraph("Read the rest on the web", link)],
    }


def fitting(app, port):
    """(body, message): a letter whose message has about MESSAGE_BYTES, and the message for one recipient."""
    for paragraphs in range(1, 60):
        message = sample(app, port, body(paragraphs))
        if len(message) >= MESSAGE_BYTES:
            return body(paragraphs), message
    raise AssertionError("no letter is long enough")


def sample(app, port, letter_body):
    """The bytes for one recipient."""
    with app.app_context():
        return sample_order(port, letter_body).message(marked(1))


def sample_order(port, letter_body):
    """What a slice would send from. In an app context."""
    workspace = factories.make_workspace()
    connection = factories.make_connection(workspace, port=port)
    letter = letters.freeze(
        workspace=workspace,
        connection=connection,
        subject='The hungry gap, [Subscriber_Name, fallback="friend"]',
        preview_text="What to sow when there is nothing to pick",
        body_document=letter_body,
    )
    run = Run(public_id=workspace.public_id, source="broadcast", letter=letter.to_json())
    return order.Order(
        run_id=1,
        run_public_id=run.public_id,
        workspace_id=workspace.id,
        connection_id=connection.id,
        credentials="",
        server=None,
        letter=letters.compiled(run, letter),
        envelope_sender=letter.envelope_sender,
        domain=letter.domain,
        give_up_at=now() + timedelta(hours=48),
        max_sessions=1,
        limits=Limits(),
    )


def marked(number, name=NAME):
    """A recipient who may be sent to."""
    claimed = Claimed(number, f"reader{number}@readers.example", number, bytes(16), 0)
    return Marked(claimed, name, 1, 0.0)


def as_parts(message):
    """What a mail library is given to compose the same mail from: sender, subject, two texts, headers."""
    read = message_from_bytes(message, policy=policy.default)
    text, html = (read.get_body((kind,)).get_content() for kind in ("plain", "html"))
    headers = {
        name: str(read[name])
        for name in ("List-Unsubscribe", "List-Unsubscribe-Post", "List-Id", "Precedence")
        if read[name]
    }
    return {
        "from": str(read["From"]),
        "subject": str(read["Subject"]),
        "text": text,
        "html": html,
        "headers": headers,
        "name": NAME,
    }
