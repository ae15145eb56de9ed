"""The shape of what people type about a connection. Which fields are asked for depends on the service's preset."""

from collections.abc import Collection, Iterable, Iterator
from typing import Any

from flask import g
from wtforms import (
    BooleanField,
    Field,
    FileField,
    PasswordField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its types
from wtforms.validators import (
    DataRequired,
    Length,
    NumberRange,
    Optional,
    ValidationError,
)
from wtforms.widgets import CheckboxInput, ListWidget

from mailrith.accounts.models import Workspace
from mailrith.connections.models import AuthMechanism, MinimumTls, Provider, SecureMode
from mailrith.connections.presets.preset import Option, Preset
from mailrith.connections.uses import InUse
from mailrith.core.addresses import Problem, parse_address
from mailrith.core.errors import Invalid
from mailrith.web.connections.limit_fields import (
    OTHERS,
    LimitFields,
    WholeField,
    receiver_fields,
    share_fields,
)
from mailrith.web.forms import MailrithForm, apply_invalid

MOST_PEM = 200_000  # characters; a bundle of a few authorities has some thousands
OPTION = "option_"

SECURITY = [
    SelectChoice(SecureMode.STARTTLS.value, "STARTTLS, required"),
    SelectChoice(SecureMode.TLS.value, "TLS from the start"),
    SelectChoice(SecureMode.STARTTLS_IF_OFFERED.value, "STARTTLS, if offered"),
    SelectChoice(SecureMode.NONE.value, "None"),
]
MECHANISMS = [
    SelectChoice(AuthMechanism.AUTOMATIC.value, "Automatic, the strongest offered"),
    SelectChoice(AuthMechanism.PLAIN.value, "PLAIN"),
    SelectChoice(AuthMechanism.LOGIN.value, "LOGIN"),
    SelectChoice(AuthMechanism.CRAM_MD5.value, "CRAM-MD5"),
    SelectChoice(AuthMechanism.XOAUTH2.value, "XOAUTH2, with a token"),
    SelectChoice(AuthMechanism.NONE.value, "None, the server asks for nothing"),
]
# Where the service knows tokens, the choice is between two ways in.
WAYS_IN = [
    SelectChoice(AuthMechanism.XOAUTH2.value, "OAuth, with a token"),
    SelectChoice(AuthMechanism.AUTOMATIC.value, "Password"),
    SelectChoice(AuthMechanism.PLAIN.value, "Password, by PLAIN"),
    SelectChoice(AuthMechanism.LOGIN.value, "Password, by LOGIN"),
]
VERSIONS = [
    SelectChoice(MinimumTls.TLS_1_2.value, "TLS 1.2 or newer"),
    SelectChoice(MinimumTls.TLS_1_3.value, "TLS 1.3 only"),
]

# What the domain calls a field, where the form calls it otherwise.
_ALIASES = {"verify_certificate": "accept_unverified", "receiver_limits": "to_1_domain"}


def _required(what: str) -> DataRequired:
    return DataRequired(f"Fill in {what}.")


class ConnectionForm(LimitFields, MailrithForm):
    """A connection, as long as its service asks for all of it. Make one with `form_for`."""

    preset: Preset

    name = StringField("Connection name", [_required("a name"), Length(max=120)])
    from_name = StringField("From name", [Length(max=120)])
    from_email = StringField("From email", [Length(max=254)])
    workspaces = SelectMultipleField(
        "Workspaces",
        coerce=int,
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
    host = StringField("SMTP Host", [Length(max=253)])
    port = WholeField(
        "Port", [Optional(), NumberRange(1, 65535, "A port is a number up to 65535.")]
    )
    secure_mode = SelectField("Security", [Optional()], choices=SECURITY)
    username = StringField("Username", [Length(max=320)])
    password = PasswordField("Password", [Length(max=1000)])
    auth_mechanism = SelectField(
        "Sign-in method", choices=MECHANISMS, default=AuthMechanism.AUTOMATIC.value
    )
    oauth_client_id = StringField("Client ID", [Length(max=255)])
    oauth_secret = PasswordField("Client secret", [Length(max=1000)])
    oauth_refresh = PasswordField("Refresh token", [Length(max=8000)])
    oauth_token_url = StringField("Token address", [Length(max=500)])
    oauth_scope = StringField("Scope", [Length(max=500)])
    accept_unverified = BooleanField("Accept a certificate that cannot be verified")
    ca_certificate = TextAreaField("Own certificate authority", [Length(max=MOST_PEM)])
    ca_file = FileField("Or its file")
    minimum_tls = SelectField("Oldest TLS", choices=VERSIONS, default=MinimumTls.TLS_1_2.value)
    allow_clear_auth = BooleanField("Sign in even when the line is not encrypted")
    ehlo_name = StringField("EHLO name", [Length(max=253)])

    def __iter__(self) -> Iterator[Field]:
        """As on the page, where the limits come after the server and its sign-in."""
        limits = vars(LimitFields)
        return iter(sorted(self._fields.values(), key=lambda field: field.name in limits))

    def offer(self, workspaces: Iterable[Workspace]) -> None:
        """The workspaces that may be ticked."""
        self.workspaces.choices = [
            SelectChoice(workspace.id, workspace.name) for workspace in workspaces
        ]

    @property
    def fixed_by_operator(self) -> bool:
        """Whether server, sign-in and sender are the operator's."""
        return self.preset.provider == Provider.INSTALLATION

    @property
    def host_is_typed(self) -> bool:
        """Whether the host is typed, and does not follow from a region."""
        return not self.fixed_by_operator and not self.preset.host_option

    @property
    def region(self) -> Any:
        """The field that the host follows from, if there is one."""
        name = self.preset.host_option
        return self[OPTION + name] if name else None

    @property
    def options(self) -> list[Any]:
        """What else only this service asks for."""
        wanted = (o.name for o in self.preset.options if o.name != self.preset.host_option)
        return [self[OPTION + name] for name in wanted]

    def chosen_options(self) -> dict[str, str]:
        """What the service asks for, as it was typed; empty ones left out."""
        found = {o.name: (self[OPTION + o.name].data or "").strip() for o in self.preset.options}
        return {name: value for name, value in found.items() if value}

    def validate_host(self, field: StringField) -> None:
        """Asked for where it does not follow from something else."""
        if self.host_is_typed and not (field.data or "").strip():
            raise ValidationError("Fill in the host name of the server.")

    def validate_from_email(self, field: StringField) -> None:
        """Said at once, together with what else is wrong."""
        if self.fixed_by_operator:
            return
        if not (field.data or "").strip():
            raise ValidationError("Fill in an address.")
        found = parse_address(field.data or "")
        if isinstance(found, Problem):
            raise ValidationError(found.sentence)


def form_for(
    preset: Preset, workspaces: Collection[Workspace], *, receivers: int = OTHERS, **start: Any
) -> ConnectionForm:
    """The form of this service's connections, in the service's words. `start` goes to the form as it is.

    receivers: how many rows there are for domains with a limit of their own.
    """
    fields: dict[str, Any] = {OPTION + o.name: _option_field(o) for o in preset.options}
    fields |= receiver_fields(receivers) | share_fields(workspaces)
    made: ConnectionForm = type("PresetForm", (ConnectionForm,), fields | {"preset": preset})(
        **start
    )
    if preset.username:
        made.username.label.text = preset.username.label
    if preset.password:
        made.password.label.text = preset.password.label
    if preset.oauth:
        made.auth_mechanism.label.text = "How it signs in"
        made.auth_mechanism.choices = WAYS_IN
    made.offer(workspaces)
    made.offer_zones(g.workspace.time_zone)
    return made


def say(form: ConnectionForm, error: Invalid | InUse) -> None:
    """Put a refusal beside the field it speaks of."""
    name = "workspaces" if isinstance(error, InUse) else error.field or ""
    name = OPTION + name if OPTION + name in form else _ALIASES.get(name, name)
    apply_invalid(form, Invalid(error.message, field=name))


def _option_field(option: Option) -> Any:
    if option.choices:
        choices = [SelectChoice(choice.value, choice.label) for choice in option.choices]
        return SelectField(
            option.label, choices=choices, default=option.default, description=option.hint
        )

    def fits(_form: ConnectionForm, field: StringField) -> None:
        value = (field.data or "").strip()
        if not option.accepts(value):
            raise ValidationError(option.refusal if value else f"Fill in the {option.label}.")

    return StringField(option.label, [fits], default=option.default, description=option.hint)


class TrialForm(MailrithForm):
    """Where a test mail goes."""

    recipient = StringField("Send it to", [_required("an address"), Length(max=254)])
