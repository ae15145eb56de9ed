"""The shape of what people type about a bounce mailbox."""

from typing import Any

from wtforms import (
    BooleanField,
    PasswordField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its types
from wtforms.validators import DataRequired, Length, NumberRange, Optional

from mailrith.connections.mailbox.models import Afterwards, BounceMailbox, Protocol
from mailrith.connections.mailbox.values import MailboxValues
from mailrith.connections.models import SecureMode
from mailrith.web.connections.forms import MOST_PEM
from mailrith.web.connections.limit_fields import WholeField
from mailrith.web.forms import MailrithForm, text

PROTOCOLS = [
    SelectChoice(Protocol.IMAP.value, "IMAP"),
    SelectChoice(Protocol.POP3.value, "POP3"),
]
SECURITY = [
    SelectChoice(SecureMode.TLS.value, "TLS from the start"),
    SelectChoice(SecureMode.STARTTLS.value, "STARTTLS, required"),
    SelectChoice(SecureMode.NONE.value, "None, on this machine only"),
]
AFTERWARDS = [
    SelectChoice(Afterwards.KEEP.value, "It stays there, marked as read"),
    SelectChoice(Afterwards.MOVE.value, "It moves to another folder"),
    SelectChoice(Afterwards.DELETE.value, "It is deleted there"),
]
_COLUMNS = (
    "address",
    "tagged",
    "protocol",
    "host",
    "port",
    "secure_mode",
    "username",
    "folder",
    "afterwards",
    "move_to",
    "ca_certificate",
)


class MailboxForm(MailrithForm):
    """A mailbox. The password is never filled in."""

    address = StringField("Address", [DataRequired("Fill in an address."), Length(max=254)])
    tagged = BooleanField("The server takes this address with anything behind a +", default=True)
    protocol = SelectField("Read by", choices=PROTOCOLS, default=Protocol.IMAP.value)
    host = StringField(
        "Server", [DataRequired("Fill in the host name of the server."), Length(max=253)]
    )
    port = WholeField(
        "Port", [Optional(), NumberRange(1, 65535, "A port is a number up to 65535.")]
    )
    secure_mode = SelectField("Security", choices=SECURITY, default=SecureMode.TLS.value)
    username = StringField("Username", [DataRequired("Fill in who signs in."), Length(max=320)])
    password = PasswordField("Password", [Length(max=1000)])
    folder = StringField("Folder", [Length(max=200)], default="INBOX")
    afterwards = SelectField(
        "Once a mail is stored here", choices=AFTERWARDS, default=Afterwards.KEEP.value
    )
    move_to = StringField("Move to", [Length(max=200)])
    ca_certificate = TextAreaField("Own certificate authority", [Length(max=MOST_PEM)])

    def values(self) -> MailboxValues:
        """What was typed."""
        return MailboxValues(
            protocol=Protocol(self.protocol.data),
            host=text(self.host),
            port=self.port.data or 0,
            secure_mode=SecureMode(self.secure_mode.data),
            username=text(self.username),
            password=text(self.password),
            address=text(self.address),
            tagged=bool(self.tagged.data),
            folder=text(self.folder),
            afterwards=Afterwards(self.afterwards.data),
            move_to=text(self.move_to),
            ca_certificate=text(self.ca_certificate),
        )


def filled(mailbox: BounceMailbox | None) -> MailboxForm:
    """The form as the mailbox is; with what is usual where there is none."""
    if mailbox is None:
        return MailboxForm(formdata=None)
    start: dict[str, Any] = {name: getattr(mailbox, name) for name in _COLUMNS}
    return MailboxForm(formdata=None, **start)
