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

from mailrith.connections import credentials
from mailrith.connections.mailbox.models import Afterwards, BounceMailbox, Protocol, SignIn
from mailrith.connections.mailbox.values import MailboxValues
from mailrith.connections.models import Connection, SecureMode
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
SIGN_IN = [
    SelectChoice(SignIn.PASSWORD.value, "Password"),
    SelectChoice(SignIn.TOKEN.value, "OAuth, with a token"),
]
AS_SENDING = SelectChoice(SignIn.SENDING.value, "OAuth, the same as for sending")
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
    "sign_in",
    "oauth_client_id",
    "oauth_token_url",
    "oauth_scope",
    "folder",
    "afterwards",
    "move_to",
    "ca_certificate",
)


class MailboxForm(MailrithForm):
    """A mailbox. Secrets are never filled in."""

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
    sign_in = SelectField("Sign-in", choices=SIGN_IN, default=SignIn.PASSWORD.value)
    password = PasswordField("Password", [Length(max=1000)])
    oauth_client_id = StringField("Client ID", [Length(max=255)])
    oauth_secret = PasswordField("Client secret", [Length(max=1000)])
    oauth_refresh = PasswordField("Refresh token", [Length(max=8000)])
    oauth_token_url = StringField("Token address", [Length(max=500)])
    oauth_scope = StringField("Scope", [Length(max=500)])
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
            sign_in=SignIn(self.sign_in.data),
            password=text(self.password),
            oauth_client_id=text(self.oauth_client_id),
            oauth_secret=text(self.oauth_secret),
            oauth_refresh=text(self.oauth_refresh),
            oauth_token_url=text(self.oauth_token_url),
            oauth_scope=text(self.oauth_scope),
            address=text(self.address),
            tagged=bool(self.tagged.data),
            folder=text(self.folder),
            afterwards=Afterwards(self.afterwards.data),
            move_to=text(self.move_to),
            ca_certificate=text(self.ca_certificate),
        )


def typed(connection: Connection) -> MailboxForm:
    """The form as it was sent."""
    return _offering(MailboxForm(), connection)


def filled(connection: Connection, mailbox: BounceMailbox | None) -> MailboxForm:
    """The form as the mailbox is; with what is usual where there is none."""
    if mailbox is None:
        return _offering(MailboxForm(formdata=None), connection)
    start: dict[str, Any] = {name: getattr(mailbox, name) for name in _COLUMNS}
    return _offering(MailboxForm(formdata=None, **start), connection)


def _offering(form: MailboxForm, connection: Connection) -> MailboxForm:
    """The connection's own sign-in can be chosen where it is one with tokens; it stays to be seen where it was chosen."""
    if credentials.uses_token(connection) or form.sign_in.data == SignIn.SENDING:
        form.sign_in.choices = [*SIGN_IN, AS_SENDING]
    return form
