"""What is known of a mail service before anybody has an account there: names, ports, words and headers. All of it is data."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple

from mailrith.connections.models import AuthMechanism, Provider, SecureMode


class Group(StrEnum):
    """Where a tile stands, in this order."""

    SERVICE = "service"
    MAILBOX = "mailbox"
    OWN = "own"
    TRIAL = "trial"

    @property
    def label(self) -> str:
        """The heading above its tiles."""
        return _GROUP_LABELS[self]


_GROUP_LABELS = {
    Group.SERVICE: "Mail services",
    Group.MAILBOX: "Mailboxes",
    Group.OWN: "Your own server",
    Group.TRIAL: "For trying out",
}


class Endpoint(NamedTuple):
    """A port and when TLS begins on it."""

    port: int
    secure_mode: SecureMode


STARTTLS_587 = Endpoint(587, SecureMode.STARTTLS)
STARTTLS_2525 = Endpoint(2525, SecureMode.STARTTLS)
STARTTLS_2587 = Endpoint(2587, SecureMode.STARTTLS)
TLS_465 = Endpoint(465, SecureMode.TLS)
TLS_2465 = Endpoint(2465, SecureMode.TLS)


class Choice(NamedTuple):
    """One value of an option and its words."""

    value: str
    label: str


@dataclass(frozen=True)
class Option:
    """Something that only this service asks for; kept in Connection.provider_options.

    choices: empty where it is typed. default: what a new connection begins with. pattern: what a typed value has to match
    as a whole; it may always be left empty unless `required`.
    """

    name: str
    label: str
    hint: str = ""
    choices: tuple[Choice, ...] = ()
    default: str = ""
    pattern: str = r"[A-Za-z0-9_-]{1,64}"
    refusal: str = "Use letters, digits, hyphens and underscores, 64 at the most."
    required: bool = False

    def accepts(self, value: str) -> bool:
        """Whether the value, without blanks around it, can be stored."""
        if not value:
            return not self.required
        if self.choices:
            return any(value == choice.value for choice in self.choices)
        return re.fullmatch(self.pattern, value) is not None


@dataclass(frozen=True)
class Access:
    """What signs in, in the service's own words.

    label: of the field. hint: what it is and where it is found. fixed: the one value that is right for everybody.
    """

    label: str
    hint: str
    fixed: str = ""


@dataclass(frozen=True)
class OAuth:
    """XOAUTH2 with a refresh token. `{option}` in token_url stands for a value of that option.

    hint: where the client and the token come from.
    """

    token_url: str
    scope: str
    hint: str


@dataclass(frozen=True)
class Known:
    """Limits that the service states for everybody; None where it states none or where they depend on the account.

    day_zone: where its days begin at midnight; empty where they are the last 24 hours, or nobody knows.
    words: one sentence for the form. Sources stand in the docstring of the service's module.
    """

    per_second: int | None = None
    per_minute: int | None = None
    per_hour: int | None = None
    per_day: int | None = None
    per_month: int | None = None
    max_sessions: int | None = None
    messages_per_session: int | None = None
    day_zone: str = ""
    words: str = ""


@dataclass(frozen=True)
class Trace:
    """A header that comes back with the service's events and leads to one delivery.

    The value is `before`, the mark of the delivery (delivery.message_ids.mark: letters, digits and hyphens), `after`.
    """

    header: str
    before: str = ""
    after: str = ""


@dataclass(frozen=True)
class Preset:
    """One mail service.

    tagline: one line for its tile. hosts: host by the value of `host_option`, or one host under the empty key; empty where
    the host is typed. endpoints: the best first; what else may be chosen after it. username None: there is none.
    headers: the same in every message; what turns the service's own tracking and unsubscribe links off. option_headers:
    header by option, left out where the option is empty. trace: how events find a delivery again, besides its Message-ID.
    reply_id: a pattern with one group for the service's own id in its answer to the final dot. keeps_message_id: whether the
    receiver and the events see our Message-ID; None where the service does not say. notes: what a person has to do or know.
    """

    provider: Provider
    label: str
    tagline: str
    group: Group
    endpoints: tuple[Endpoint, ...]
    hosts: Mapping[str, str] = field(default_factory=dict)
    host_option: str = ""
    host_hint: str = ""
    username: Access | None = None
    password: Access | None = None
    mechanism: AuthMechanism = AuthMechanism.AUTOMATIC
    oauth: OAuth | None = None
    options: tuple[Option, ...] = ()
    limits: Known = Known()
    headers: tuple[tuple[str, str], ...] = ()
    option_headers: tuple[tuple[str, str], ...] = ()
    trace: Trace | None = None
    reply_id: str = ""
    keeps_message_id: bool | None = None
    notes: tuple[str, ...] = ()
    page: str = ""  # the service's own page about SMTP

    @property
    def port(self) -> int:
        """The port that a new connection begins with."""
        return self.endpoints[0].port

    @property
    def secure_mode(self) -> SecureMode:
        """The security that a new connection begins with."""
        return self.endpoints[0].secure_mode

    @property
    def defaults(self) -> dict[str, str]:
        """The options of a new connection."""
        return {option.name: option.default for option in self.options if option.default}

    def host(self, options: Mapping[str, str] = MappingProxyType({})) -> str:
        """The host for these options, their defaults filled in; empty where somebody has to type it."""
        chosen = {**self.defaults, **options}
        return self.hosts.get(chosen.get(self.host_option, ""), "")

    def token_url(self, options: Mapping[str, str] = MappingProxyType({})) -> str:
        """Where XOAUTH2 tokens are refreshed; empty where the service knows no XOAUTH2."""
        if self.oauth is None:
            return ""
        return self.oauth.token_url.format_map({**self.defaults, **options})
