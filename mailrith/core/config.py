"""One frozen `Settings`, read once from `MAILRITH_*`. Bad values stop the start with a sentence that says how to mend them."""

import ipaddress
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from email.utils import parseaddr
from pathlib import Path
from urllib.parse import urlsplit

from mailrith.core import setting_values as parsing
from mailrith.core.setting_values import Key, Network

__all__ = ["Key", "Network"]

PREFIX = "MAILRITH_"


class BadSettings(Exception):
    """A setting is missing, unknown or malformed. The message lists every problem, one a line."""


@dataclass(frozen=True)
class Settings:
    """Everything that an operator can set. Names are the variables without `MAILRITH_`, in lower case."""

    keys: tuple[Key, ...] = field(repr=False)  # newest first; old ones still open what they closed
    database_url: str = field(repr=False)
    redis_url: str = field(repr=False)
    public_url: str = "http://127.0.0.1:8000"  # the base of every link in a mail
    data_dir: Path = Path("var")  # uploads, exports, journals
    system_smtp_url: str | None = field(
        default=None, repr=False
    )  # smtp[s|+starttls]://user:password@host:port
    system_from: str = "Mailrith <mailrith@localhost>"
    # one server for everybody, and the address that all mail through it comes from
    default_smtp_url: str | None = field(default=None, repr=False)
    default_from: str | None = None
    ca: str = field(default="", repr=False)  # PEM: authorities to trust beside the usual ones
    # who else may not send in our name; None: the domains of public_url and system_from
    own_domains: tuple[str, ...] | None = None
    sign_up: str = "open"  # open | closed
    allowed_networks: tuple[Network, ...] = ()  # private networks that connections may reach
    allowed_ports: tuple[
        int, ...
    ] = ()  # ports beyond the usual mail ports that connections may use
    # name servers for the checks of sender domains; without any, those of this machine
    dns_servers: tuple[tuple[str, int], ...] = ()
    trusted_proxies: int = 0  # how many proxies in front of us set X-Forwarded-*
    undo_seconds: int = 30  # between Send and the first message
    late_minutes: int = 30  # a schedule missed by more than this asks before it goes out
    lease_seconds: int = 60  # a claim or mark that is older belongs to a dead worker
    slice_seconds: int = 20  # how long one send job runs before it lets others go
    events_retention_days: int = 30  # raw provider events
    facts_retention_days: int = 396  # facts about deliveries: thirteen months
    upload_megabytes: int = 64  # the largest import file
    metrics_token: str | None = field(default=None, repr=False)  # without it /metrics answers 404
    log_format: str = "text"  # text | json
    demo: bool = False  # a local inbox and sample data; never on the internet

    @property
    def is_sqlite(self) -> bool:
        """Whether the embedded database is used."""
        return self.database_url.startswith("sqlite")

    @property
    def public_https(self) -> bool:
        """Whether links in mails can be opened by strangers: https on a name that is not this machine's own."""
        parts = urlsplit(self.public_url)
        host = parts.hostname or ""
        return parts.scheme == "https" and not _is_local(host)

    def is_own_domain(self, domain: str) -> bool:
        """Whether mail from this domain, or from one below it, speaks for the installation itself."""
        return any(domain == own or domain.endswith("." + own) for own in self._own_domains())

    def _own_domains(self) -> tuple[str, ...]:
        if self.own_domains is not None:
            return self.own_domains
        ours = [self.public_host] if self.public_https else []
        ours.append(parseaddr(self.system_from)[1].rpartition("@")[2].lower())
        return tuple(domain for domain in ours if not _is_local(domain))

    @property
    def public_host(self) -> str:
        """The host name of `public_url`, without the port."""
        return urlsplit(self.public_url).hostname or "localhost"


_current: Settings | None = None


def install(settings: Settings) -> None:
    """Make `settings` what `current()` answers. Called once by each process, and by tests."""
    global _current  # noqa: PLW0603 - the one process-wide value
    _current = settings


def current() -> Settings:
    """The settings of this process."""
    if _current is None:
        raise RuntimeError("no settings are installed; call config.install(load(...)) first")
    return _current


def load(environ: Mapping[str, str] | None = None) -> Settings:
    """Read `MAILRITH_*`. `MAILRITH_X_FILE` names a file that holds the value of `MAILRITH_X`.

    Raises BadSettings with every problem at once.
    """
    source = os.environ if environ is None else environ  # noqa: TID251 - this is the reader
    problems: list[str] = []
    raw = _collect(source, problems)
    values: dict[str, object] = {}
    for name, text in raw.items():
        try:
            values[name] = _PARSERS.get(name, str)(text)
        except ValueError as error:
            problems.append(f"{PREFIX}{name.upper()}: {error}")
    problems.extend(
        f"{PREFIX}{name.upper()} is not set. {how}"
        for name, how in _HOW_TO_SET.items()
        if name not in raw
    )
    problems.extend(
        f"{PREFIX}{other.upper()} is not set, but {PREFIX}{name.upper()} is. {_OFFER}"
        for name, other in (
            ("default_smtp_url", "default_from"),
            ("default_from", "default_smtp_url"),
        )
        if name in raw and other not in raw
    )
    if problems:
        raise BadSettings("\n".join(problems))
    return Settings(**values)  # type: ignore[arg-type]


def _collect(source: Mapping[str, str], problems: list[str]) -> dict[str, str]:
    known = {f.name for f in fields(Settings)}
    raw: dict[str, str] = {}
    for variable, text in sorted(source.items()):
        if not variable.startswith(PREFIX):
            continue
        name = variable.removeprefix(PREFIX).lower()
        value = text
        if name.endswith("_file") and name.removesuffix("_file") in known:
            name = name.removesuffix("_file")
            try:
                value = Path(text).read_text(encoding="utf-8").strip()
            except OSError as error:
                problems.append(f"{variable}: cannot read {text} ({error.strerror}).")
                continue
        if name not in known:
            problems.append(
                f"{variable} is not a setting. Is it misspelled? See docs/operating.md."
            )
            continue
        raw[name] = value
    return raw


def _is_local(host: str) -> bool:
    if host == "localhost" or host.endswith((".localhost", ".local", ".internal")):
        return True
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return "." not in host


_OFFER = "The two together offer everybody one server with one sender address."

_HOW_TO_SET = {
    "keys": "`mailrith admin new-key` prints one; keep it, it opens every stored password.",
    "database_url": "Example: postgresql://mailrith:secret@db/mailrith",
    "redis_url": "Example: redis://cache:6379/0",
}

_PARSERS: dict[str, Callable[[str], object]] = {
    "keys": parsing.keys,
    "database_url": parsing.database_url,
    "redis_url": parsing.redis_url,
    "public_url": parsing.url,
    "system_smtp_url": parsing.smtp_url,
    "system_from": parsing.mailbox,
    "default_smtp_url": parsing.smtp_url,
    "default_from": parsing.address,
    "ca": parsing.authorities,
    "own_domains": parsing.domains,
    "data_dir": Path,
    "allowed_networks": parsing.networks,
    "allowed_ports": parsing.ports,
    "dns_servers": parsing.dns_servers,
    "sign_up": parsing.choice("open", "closed"),
    "log_format": parsing.choice("text", "json"),
    "demo": parsing.flag,
}
_PARSERS |= {f.name: parsing.whole for f in fields(Settings) if f.type is int}
_PARSERS |= dict.fromkeys(
    (
        "lease_seconds",
        "slice_seconds",
        "events_retention_days",
        "facts_retention_days",
        "upload_megabytes",
    ),
    parsing.above_zero,
)
