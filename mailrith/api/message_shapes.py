"""Single messages as requests and as resources."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import Field

from mailrith.api.answers import Shape
from mailrith.api.bodies import Body
from mailrith.api.mailboxes import Mailboxes, MessageMailbox
from mailrith.core.errors import Invalid
from mailrith.events.models import DeliveryFact
from mailrith.messages import outcomes
from mailrith.messages.drafts import Attachment, Draft, Mailbox
from mailrith.messages.models import Message, Priority
from mailrith.messages.outcomes import Outcome, Told

HOME = "/v1/messages"


class MessageAttachment(Body):
    """A file: `content` in base64, or the https `url` where it is. `content_type` follows from the name if it is left out.

    With a `content_id` it is shown inside the HTML, where "cid:" and that id name it.
    """

    filename: str = ""
    content_type: str = ""
    content: str | None = Field(default=None, repr=False)
    url: str | None = None
    content_id: str = ""


class MessageRequest(Body):
    """One message. `text` is made from `html` when it is left out. Without a connection it leaves through the workspace's default."""

    to: Mailboxes
    cc: Mailboxes
    bcc: Mailboxes
    reply_to: Mailboxes
    subject: str = ""
    text: str = Field(default="", repr=False)
    html: str = Field(default="", repr=False)
    connection_id: UUID | None = None
    from_email: str | None = None
    from_name: str | None = None
    priority: Priority = Priority.NORMAL
    headers: dict[str, str] = Field(default_factory=dict)
    attachments: list[MessageAttachment] = Field(default_factory=list)

    def draft(self) -> Draft:
        """The same for the domain."""
        return Draft(
            to=_mailboxes(self.to),
            cc=_mailboxes(self.cc),
            bcc=_mailboxes(self.bcc),
            reply_to=_mailboxes(self.reply_to),
            subject=self.subject,
            text=self.text,
            html=self.html,
            connection_id=self.connection_id,
            from_email=self.from_email,
            from_name=self.from_name,
            priority=self.priority,
            headers=tuple(self.headers.items()),
            attachments=tuple(Attachment(**one.model_dump()) for one in self.attachments),
        )


class MessagesRequest(MessageRequest):
    """One message, or up to 100 in `messages`. With `on_error` stop the first refusal cancels whoever has not been sent to."""

    messages: list[MessageRequest] | None = None
    on_error: Literal["continue", "stop"] = "continue"

    @property
    def single(self) -> bool:
        """Whether the message stands in the request itself."""
        return self.messages is None

    def drafts(self) -> list[Draft]:
        """What is to be sent, in its order. Raises Invalid."""
        if self.messages is None:
            return [self.draft()]
        beside = sorted(self.model_fields_set - {"messages", "on_error"})
        if beside:
            raise Invalid(
                f"{beside[0]} belongs into each entry of messages. Send one message, or several in messages.",
                field=beside[0],
            )
        return [one.draft() for one in self.messages]


class MessageQueued(Shape):
    """An accepted message. `messageId` is its Message-ID; ask `self` what became of it."""

    self: str
    id: str
    message_id: str = Field(serialization_alias="messageId")


class MessagesQueued(Shape):
    """Everything was accepted, and is sent as soon as the connection takes it. A single message's ids stand here as well."""

    success: bool
    type: Literal["queued"]
    self: str = ""
    id: str = ""
    message_id: str = Field(default="", serialization_alias="messageId")
    messages: list[MessageQueued]


class MessageEvent(Shape):
    """What came back after the server had taken it."""

    type: str
    occurred_at: datetime
    enhanced_status: str
    server_words: str


class MessageRecipientShape(Shape):
    """What became of one recipient.

    `status`: queued, sending, sent, retrying, permanent_failed, unknown, skipped or canceled; `message` says it in words.
    """

    type: str
    email: str
    status: str
    message: str
    reply_code: int | None
    enhanced_status: str
    server_words: str
    attempts: int
    next_attempt_at: datetime | None
    updated_at: datetime
    events: list[MessageEvent]


class MessageShape(Shape):
    """A message. `status` is sending, waiting (`status_reason` says what for) or finished. Lists leave `recipients` out."""

    self: str
    id: str
    message_id: str = Field(serialization_alias="messageId")
    subject: str
    from_email: str
    from_name: str
    priority: str
    size_bytes: int
    status: str
    status_reason: str | None
    created_at: datetime
    give_up_at: datetime
    recipients: list[MessageRecipientShape] = Field(default_factory=list)


def queued(messages: list[Message], *, single: bool) -> MessagesQueued:
    """The answer to a request."""
    shapes = [_queued(message) for message in messages]
    same = dict(shapes[0]) if single else {}
    return MessagesQueued(success=True, type="queued", messages=shapes, **same)


def listed(message: Message) -> MessageShape:
    """As it stands in a list."""
    return MessageShape(**_facts(outcomes.summary(message)))


def shown(message: Message) -> MessageShape:
    """With every recipient."""
    [told] = outcomes.tell([message])
    return MessageShape(**_facts(told), recipients=[_recipient(one) for one in told.recipients])


def _mailboxes(boxes: list[MessageMailbox]) -> tuple[Mailbox, ...]:
    return tuple(Mailbox(one.email, one.name) for one in boxes)


def _queued(message: Message) -> MessageQueued:
    return MessageQueued(
        self=f"{HOME}/{message.public_id}",
        id=str(message.public_id),
        message_id=f"<{message.message_id}>",
    )


def _facts(told: Told) -> dict[str, object]:
    message = told.message
    return {
        **dict(_queued(message)),
        "subject": message.subject,
        "from_email": message.from_email,
        "from_name": message.from_name,
        "priority": message.priority.value,
        "size_bytes": message.size_bytes,
        "status": told.status,
        "status_reason": told.words or None,
        "created_at": message.created_at,
        "give_up_at": told.give_up_at,
    }


def _recipient(one: Outcome) -> MessageRecipientShape:
    return MessageRecipientShape(
        type=one.role.value,
        email=one.email,
        status=one.status,
        message=one.words,
        reply_code=one.reply_code,
        enhanced_status=one.enhanced_status,
        server_words=one.server_words,
        attempts=one.attempts,
        next_attempt_at=one.next_attempt_at,
        updated_at=one.updated_at,
        events=[_event(fact) for fact in one.events],
    )


def _event(fact: DeliveryFact) -> MessageEvent:
    return MessageEvent(
        type=fact.kind.value,
        occurred_at=fact.occurred_at,
        enhanced_status=fact.enhanced_status,
        server_words=fact.diagnostic,
    )
