"""What a caller asks for, as they said it: nothing of it is checked yet."""

from dataclasses import dataclass, field
from uuid import UUID

from mailrith.messages.models import Priority, Role


@dataclass(frozen=True, slots=True)
class Mailbox:
    """An address, and the name shown with it."""

    email: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file: its bytes in base64, or the https address where they are. Without a type, the file name tells it.

    With a `content_id` it belongs to the HTML, which shows it as "cid:" and that id (RFC 2392).
    """

    filename: str = ""
    content_type: str = ""
    content: str | None = field(default=None, repr=False)
    url: str | None = None
    content_id: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """One message. Without `connection_id` it leaves through the workspace's default; without a sender, from that one's.

    text, html: at least one of them; a missing text is made from the HTML. headers: names and values, in their order.
    """

    to: tuple[Mailbox, ...]
    subject: str
    text: str = field(default="", repr=False)
    html: str = field(default="", repr=False)
    cc: tuple[Mailbox, ...] = ()
    bcc: tuple[Mailbox, ...] = ()
    reply_to: tuple[Mailbox, ...] = ()
    connection_id: UUID | None = None
    from_email: str | None = None
    from_name: str | None = None
    priority: Priority = Priority.NORMAL
    headers: tuple[tuple[str, str], ...] = ()
    attachments: tuple[Attachment, ...] = ()

    def recipients(self) -> list[tuple[Role, int, Mailbox]]:
        """Everybody: where they stand, at which place of that list, and who they are."""
        lists = ((Role.TO, self.to), (Role.CC, self.cc), (Role.BCC, self.bcc))
        return [(role, place, one) for role, found in lists for place, one in enumerate(found)]
