"""What somebody typed about a connection: the whole of it, with what is right for most."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from mailrith.connections.models import AuthMechanism, MinimumTls, Provider, SecureMode
from mailrith.core.network import is_loopback_host


class Limits(NamedTuple):
    """How much a connection carries; `connections.limits.limited` says what each is. None is no limit."""

    max_sessions: int
    per_second: int | None = None
    per_day: int | None = None
    per_minute: int | None = None
    per_hour: int | None = None
    per_month: int | None = None
    messages_per_session: int = 1000
    day_zone: str = ""
    ramp_start: int | None = None
    ramp_growth: int | None = None
    ramp_target: int | None = None
    receiver_limits: Mapping[str, Any] = {}  # receiver_limits.stored


# So that nobody's server is flooded before its owner said how much it takes.
CAREFUL = Limits(max_sessions=2, per_second=5, per_day=300)
LOCAL = Limits(max_sessions=20)


@dataclass(frozen=True)
class ConnectionValues:
    """A filled-in form. Names are those of the columns, and of `Invalid.field`.

    An empty `password`, `oauth_secret` or `oauth_refresh` means the stored one. `limits` None means the start values.
    Of `Provider.INSTALLATION` only name, from_name, workspaces and limits count: the rest is the operator's.
    """

    name: str
    host: str = field(repr=False)
    port: int
    secure_mode: SecureMode
    username: str = field(repr=False)
    password: str = field(repr=False)
    from_name: str
    from_email: str
    workspace_ids: frozenset[int]
    limits: Limits | None = None
    shares: Mapping[int, int | None] | None = None  # workspace id -> per cent; None leaves them
    provider: Provider = Provider.CUSTOM_SMTP
    provider_options: Mapping[str, str] = field(default_factory=dict)
    minimum_tls: MinimumTls = MinimumTls.TLS_1_2
    verify_certificate: bool = True
    ca_certificate: str = field(default="", repr=False)  # PEM
    ehlo_name: str = ""
    auth_mechanism: AuthMechanism = AuthMechanism.AUTOMATIC
    allow_clear_auth: bool = False
    oauth_client_id: str = ""
    oauth_secret: str = field(default="", repr=False)
    oauth_refresh: str = field(default="", repr=False)
    oauth_token_url: str = ""
    oauth_scope: str = ""

    @property
    def loopback(self) -> bool:
        """Whether the server is this machine, by its spelling."""
        return is_loopback_host(self.host)

    @property
    def signs_in(self) -> bool:
        """Whether there is somebody to sign in as."""
        return bool(self.username) and self.auth_mechanism != AuthMechanism.NONE

    @property
    def uses_token(self) -> bool:
        """Whether the sign-in is a token that is fetched anew (XOAUTH2), and no password."""
        return self.signs_in and self.auth_mechanism == AuthMechanism.XOAUTH2


def start_limits(values: ConnectionValues) -> Limits:
    """What a connection begins with when nobody chose."""
    return LOCAL if values.loopback else CAREFUL
