"""The shape of what people type about a connection."""

from collections.abc import Iterable
from typing import Any

from wtforms import (
    IntegerField,
    PasswordField,
    SelectField,
    SelectMultipleField,
    StringField,
)
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its types
from wtforms.validators import DataRequired, Length, NumberRange, Optional, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from mailrith.accounts.models import Workspace
from mailrith.connections.credentials import username_or_nothing
from mailrith.connections.form_values import ConnectionValues, Limits
from mailrith.connections.models import Connection, SecureMode
from mailrith.core.addresses import Problem, parse_address
from mailrith.web.forms import MailrithForm

MOST_SESSIONS = 100
MOST_A_SECOND = 10_000
MOST_A_DAY = 100_000_000

SECURITY = [
    SelectChoice(SecureMode.STARTTLS.value, "STARTTLS, required"),
    SelectChoice(SecureMode.TLS.value, "TLS"),
    SelectChoice(SecureMode.NONE.value, "None"),
]


def _required(what: str) -> DataRequired:
    return DataRequired(f"Fill in {what}.")


class ConnectionForm(MailrithForm):
    """A custom SMTP connection."""

    name = StringField("Connection name", [_required("a name"), Length(max=120)])
    host = StringField("SMTP Host", [_required("the host name of the server"), Length(max=253)])
    port = IntegerField(
        "Port",
        [
            _required("a port, usually 587"),
            NumberRange(1, 65535, "A port is a number up to 65535."),
        ],
        default=587,
    )
    secure_mode = SelectField("Security", choices=SECURITY, default=SecureMode.STARTTLS.value)
    username = StringField("Username", [Length(max=320)])
    password = PasswordField("Password", [Length(max=1000)])
    from_name = StringField("From name", [Length(max=120)])
    from_email = StringField("From email", [_required("an address"), Length(max=254)])
    workspaces = SelectMultipleField(
        "Workspaces",
        coerce=int,
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
    max_sessions = IntegerField(
        "Sessions at once",
        [Optional(), NumberRange(1, MOST_SESSIONS, f"From 1 to {MOST_SESSIONS}.")],
    )
    per_second = IntegerField(
        "Messages a second", [Optional(), NumberRange(1, MOST_A_SECOND, "A number above 0.")]
    )
    per_day = IntegerField(
        "Messages a day", [Optional(), NumberRange(1, MOST_A_DAY, "A number above 0.")]
    )

    def offer(self, workspaces: Iterable[Workspace]) -> None:
        """The workspaces that may be ticked."""
        self.workspaces.choices = [
            SelectChoice(workspace.id, workspace.name) for workspace in workspaces
        ]

    def validate_from_email(self, field: StringField) -> None:
        """Said at once, together with what else is wrong."""
        found = parse_address(field.data or "")
        if isinstance(found, Problem):
            raise ValidationError(found.sentence)

    def values(self, *, new: bool) -> ConnectionValues:
        """What was typed. Limits that were left out of a new connection are its start values."""
        untouched = not (self.max_sessions.data or self.per_second.data or self.per_day.data)
        limits = Limits(self.max_sessions.data or 1, self.per_second.data, self.per_day.data)
        return ConnectionValues(
            name=self.name.data or "",
            host=self.host.data or "",
            port=self.port.data or 0,
            secure_mode=SecureMode(self.secure_mode.data),
            username=self.username.data or "",
            password=self.password.data or "",
            from_name=self.from_name.data or "",
            from_email=self.from_email.data or "",
            workspace_ids=frozenset(self.workspaces.data or ()),
            limits=None if new and untouched else limits,
        )


def filled_with(connection: Connection, workspaces: Iterable[Workspace]) -> dict[str, Any]:
    """The form's values of a stored connection. Never the password."""
    names = ("name", "host", "port", "from_name", "from_email")
    limits = ("max_sessions", "per_second", "per_day")
    return {name: getattr(connection, name) for name in (*names, *limits)} | {
        "secure_mode": str(connection.secure_mode),
        "username": username_or_nothing(connection),
        "workspaces": [workspace.id for workspace in workspaces],
    }


class TrialForm(MailrithForm):
    """Where a test mail goes."""

    recipient = StringField("Send it to", [_required("an address"), Length(max=254)])
