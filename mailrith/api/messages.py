"""Single messages: written by a program, to the recipients that it names."""

from uuid import UUID

from mailrith.accounts.scopes import LIVE
from mailrith.api import message_shapes, paging
from mailrith.api.answers import Listed
from mailrith.api.callers import caller, nothing
from mailrith.api.message_shapes import MessageShape, MessagesQueued, MessagesRequest
from mailrith.api.operations import operation
from mailrith.core.db import db
from mailrith.messages import actions, queries
from mailrith.messages.models import Message

READ, WRITE = "messages:read", "messages:write"
ALL = "/messages"
MAX_BYTES = 20_000_000  # a message of 10 MB, its attachments in base64, and some JSON around them


@operation(
    "sendMessages",
    "POST",
    ALL,
    summary="Send one message, or up to 100",
    scopes=(LIVE, WRITE),
    body=MessagesRequest,
    answer=MessagesQueued,
    status=202,
    errors=(400, 404, 409, 413),
    idempotency="optional",
    max_bytes=MAX_BYTES,
)
def send(body: MessagesRequest) -> MessagesQueued:
    """Nothing is sent unless every message is accepted. Attachments are fetched before the answer."""
    workspace = caller().workspace
    checked = actions.check(workspace, body.drafts(), single=body.single)
    if actions.fetches(checked):
        db.session.commit()  # nothing waits for the network inside a transaction
    composed = actions.compose(checked)
    accepted = actions.accept(workspace, composed, stop_on_error=body.on_error == "stop")
    return message_shapes.queued(accepted, single=body.single)


@operation(
    "listMessages",
    "GET",
    ALL,
    summary="List messages",
    scopes=(READ,),
    answer=MessageShape,
    listed=True,
    parameters=paging.PARAMETERS,
    errors=(400,),
)
def index() -> Listed:
    """Newest first, without their recipients."""
    return paging.listed(
        queries.of_workspace(caller().workspace.id), Message.id, message_shapes.listed
    )


@operation(
    "getMessage",
    "GET",
    f"{ALL}/<uuid:message_id>",
    summary="See what became of a message",
    scopes=(READ,),
    answer=MessageShape,
    errors=(404,),
)
def show(message_id: UUID) -> MessageShape:
    """With the outcome of each recipient, and what came back later."""
    return message_shapes.shown(queries.get(caller().workspace.id, message_id) or nothing())
