"""One frozen `Settings`, read once from `MAILRITH_*`. Bad values stop the start with a sentence that says how to mend them."""

import ipaddress
import os
from base64 import urlsafe_b64decode
from binascii import Error as Base64Error
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from urllib.parse import urlsplit

Network = IPv4Network | IPv6Network

PREFIX = "MAILRITH_"
KEY_BYTES = 32  # AES-256 and HMAC-SHA256 keys are derived from it


class BadSettings(Exception):
    """A setting is missing, unknown or malformed. The message lists every problem, one a line."""


@dataclass(frozen=True, repr=False)
class Key:
    """One key of the ring. `id` goes into every token and sealed secret made with it."""

    id: str
    material: bytes


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
            values[name] = _PARSERS.get(name, _text)(text)
        except ValueError as error:
            problems.append(f"{PREFIX}{name.upper()}: {error}")
    problems.extend(
        f"{PREFIX}{name.upper()} is not set. {how}"
        for name, how in _HOW_TO_SET.items()
        if name not in raw
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


def _text(text: str) -> str:
    return text


def _keys(text: str) -> tuple[Key, ...]:
    keys = []
    for item in text.replace(",", " ").split():
        key_id, separator, encoded = item.partition(":")
        try:
            material = urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4))
        except (Base64Error, ValueError):
            material = b""
        if not separator or not key_id.isalnum() or len(key_id) > 8 or len(material) != KEY_BYTES:
            raise ValueError(
                "each key is written as id:base64 of 32 bytes; `mailrith admin new-key` prints one"
            )
        keys.append(Key(key_id, material))
    if not keys:
        raise ValueError("give at least one key; `mailrith admin new-key` prints one")
    if len({key.id for key in keys}) != len(keys):
        raise ValueError("two keys have the same id")
    return tuple(keys)


def _database_url(text: str) -> str:
    for old in ("postgres://", "postgresql://"):
        if text.startswith(old):
            return "postgresql+psycopg://" + text.removeprefix(old)
    if not text.startswith(("sqlite:///", "postgresql+psycopg://")):
        raise ValueError("use postgresql://user:password@host/name or sqlite:////path/to/file.db")
    return text


def _url(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
        raise ValueError("give a full address such as https://news.example.org")
    return text.rstrip("/")


def _smtp_url(text: str) -> str:
    if urlsplit(text).scheme not in {"smtp", "smtps", "smtp+starttls"}:
        raise ValueError("use smtp+starttls://user:password@host:587, smtps://... or smtp://...")
    return text


def _networks(text: str) -> tuple[Network, ...]:
    return tuple(ipaddress.ip_network(item) for item in text.replace(",", " ").split())


def _ports(text: str) -> tuple[int, ...]:
    return tuple(int(item) for item in text.replace(",", " ").split())


def _dns_servers(text: str) -> tuple[tuple[str, int], ...]:
    found = []
    for item in text.replace(",", " ").split():
        address, _, port = item.partition("#")
        if port and not port.isdecimal():
            raise ValueError("write each name server as an address, or as address#port")
        found.append((str(ipaddress.ip_address(address)), int(port or 53)))
    return tuple(found)


def _whole(text: str) -> int:
    if not text.isdecimal():
        raise ValueError(f"{text!r} is not a whole number")
    return int(text)


def _flag(text: str) -> bool:
    if text.lower() not in {"1", "0", "true", "false", "yes", "no"}:
        raise ValueError(f"{text!r} is neither yes nor no")
    return text.lower() in {"1", "true", "yes"}


def _choice(*allowed: str) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if text not in allowed:
            raise ValueError(f"{text!r} is not one of {', '.join(allowed)}")
        return text

    return parse


def _is_local(host: str) -> bool:
    if host == "localhost" or host.endswith((".localhost", ".local", ".internal")):
        return True
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return "." not in host


_HOW_TO_SET = {
    "keys": "`mailrith admin new-key` prints one; keep it, it opens every stored password.",
    "database_url": "Example: postgresql://mailrith:secret@db/mailrith",
    "redis_url": "Example: redis://cache:6379/0",
}

_PARSERS: dict[str, Callable[[str], object]] = {
    "keys": _keys,
    "database_url": _database_url,
    "public_url": _url,
    "system_smtp_url": _smtp_url,
    "data_dir": Path,
    "allowed_networks": _networks,
    "allowed_ports": _ports,
    "dns_servers": _dns_servers,
    "sign_up": _choice("open", "closed"),
    "log_format": _choice("text", "json"),
    "demo": _flag,
}
_PARSERS |= {f.name: _whole for f in fields(Settings) if f.type is int}
