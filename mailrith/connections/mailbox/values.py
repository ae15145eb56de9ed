"""What people type about a bounce mailbox, and the rules that need no row: each refusal names its field."""

import re
from dataclasses import dataclass, field, replace
from typing import Any

from mailrith.connections.form.rules import LONGEST as LONGEST_OF_CONNECTIONS
from mailrith.connections.form.rules import authorities, check_token_url, token_url
from mailrith.connections.mailbox.models import Afterwards, Protocol, SignIn
from mailrith.connections.models import SecureMode
from mailrith.core.addresses import Address, parse_address
from mailrith.core.errors import Invalid
from mailrith.core.network import (
    Policy,
    Refused,
    is_loopback_host,
    normalise,
    refused_host,
    resolve_now,
)

PORTS = {
    (Protocol.IMAP, SecureMode.TLS): 993,
    (Protocol.IMAP, SecureMode.STARTTLS): 143,
    (Protocol.IMAP, SecureMode.NONE): 143,
    (Protocol.POP3, SecureMode.TLS): 995,
    (Protocol.POP3, SecureMode.STARTTLS): 110,
    (Protocol.POP3, SecureMode.NONE): 110,
}
_OAUTH = ("oauth_client_id", "oauth_secret", "oauth_refresh", "oauth_token_url", "oauth_scope")
LONGEST = {"username": 320, "password": 1000, "folder": 200, "move_to": 200} | {
    name: LONGEST_OF_CONNECTIONS[name] for name in _OAUTH
}
LONGEST_TAGGED = 14  # letters before the +: the mark behind it takes up to 49 of the 64

_PLAIN = re.compile(r"[a-z0-9]+(?:[._-][a-z0-9]+)*", re.IGNORECASE)
_FOLDER = re.compile(r"[ -~]*")  # RFC 3501 writes other letters in a form of its own


@dataclass(frozen=True)
class MailboxValues:
    """A filled-in form. An empty secret keeps the stored one; port 0 follows from protocol and security."""

    protocol: Protocol
    host: str = field(repr=False)
    secure_mode: SecureMode
    username: str = field(repr=False)
    address: str
    password: str = field(default="", repr=False)
    port: int = 0
    ca_certificate: str = ""
    folder: str = "INBOX"
    afterwards: Afterwards = Afterwards.KEEP
    move_to: str = ""
    tagged: bool = True
    sign_in: SignIn = SignIn.PASSWORD
    oauth_client_id: str = ""
    oauth_secret: str = field(default="", repr=False)
    oauth_refresh: str = field(default="", repr=False)
    oauth_token_url: str = ""
    oauth_scope: str = ""


def guarded(policy: Policy) -> Policy:
    """What is allowed beyond the public internet, with the ports of mailboxes in place of those of mail servers."""
    return replace(policy, allowed_ports=(*sorted(set(PORTS.values())), *policy.allowed_ports))


def check_server(values: MailboxValues, policy: Policy) -> None:
    """Refuse a server that may not be reached, for mail or for tokens. Asks a name server, so call it outside of a transaction. Raises Invalid."""
    port = values.port or PORTS[values.protocol, values.secure_mode]
    found = resolve_now(values.host, port, guarded(policy))
    if isinstance(found, Refused):
        said = (
            f"Mailrith does not reach port {port}. IMAP is on 993 or 143, POP3 on 995 or 110; "
            "another one has to be allowed by the person who runs Mailrith."
        )
        sentence = said if found.field == "port" else found.sentence
        raise Invalid(sentence, field=found.field)
    if values.sign_in == SignIn.TOKEN:
        check_token_url(values.oauth_token_url, policy)


def cleaned(values: MailboxValues) -> MailboxValues:
    """The values as they are stored. Raises Invalid."""
    _check_texts(values)
    if values.secure_mode not in {SecureMode.TLS, SecureMode.STARTTLS, SecureMode.NONE}:
        raise Invalid("Choose TLS or STARTTLS.", field="secure_mode")
    host = normalise(values.host)
    if host is None:
        raise Invalid(refused_host(values.host).sentence, field="host")
    if values.secure_mode == SecureMode.NONE and not is_loopback_host(host):
        raise Invalid(
            "Without encryption anybody on the way could read the sign-in. Only a server on this machine may go without.",
            field="secure_mode",
        )
    port = values.port or PORTS[values.protocol, values.secure_mode]
    if not 0 < port < 65536:
        raise Invalid("A port is a number up to 65535.", field="port")
    values = _fitting(values)
    return _settled(
        replace(
            values,
            host=host,
            port=port,
            username=values.username.strip(),
            address=_address(values),
            ca_certificate=authorities(values.ca_certificate),
        )
    )


def _fitting(values: MailboxValues) -> MailboxValues:
    """Only what the chosen sign-in uses."""
    nothing: dict[str, Any] = dict.fromkeys(_OAUTH, "")
    if values.sign_in == SignIn.PASSWORD:
        return replace(values, **nothing)
    if values.sign_in == SignIn.SENDING:
        # Its tokens go only where the authorities agree that are good enough for sending.
        return replace(values, password="", ca_certificate="", **nothing)
    if not values.oauth_client_id.strip():
        raise Invalid("Type the client ID of your app registration.", field="oauth_client_id")
    return replace(
        values,
        password="",
        oauth_client_id=values.oauth_client_id.strip(),
        oauth_secret=values.oauth_secret.strip(),
        oauth_refresh=values.oauth_refresh.strip(),
        oauth_token_url=token_url(values.oauth_token_url),
        oauth_scope=values.oauth_scope.strip(),
    )


def _settled(values: MailboxValues) -> MailboxValues:
    """Folders, as far as the protocol knows them."""
    if values.protocol == Protocol.POP3:
        if values.afterwards == Afterwards.MOVE:
            raise Invalid(
                "POP3 knows no folders. Leave the mails there, or delete them.", field="afterwards"
            )
        return replace(values, folder="INBOX", move_to="")
    folder, move_to = values.folder.strip() or "INBOX", values.move_to.strip()
    if values.afterwards != Afterwards.MOVE:
        move_to = ""
    elif not move_to:
        raise Invalid("Name the folder that they move to.", field="move_to")
    elif move_to.lower() == folder.lower():
        raise Invalid("Name another folder than the one that is read.", field="move_to")
    return replace(values, folder=folder, move_to=move_to)


def _check_texts(values: MailboxValues) -> None:
    for name, longest in LONGEST.items():
        text = getattr(values, name)
        if not text.isprintable():
            raise Invalid("Leave out line breaks and invisible characters.", field=name)
        if len(text) > longest:
            raise Invalid(f"At most {longest} characters, please.", field=name)
    for name in ("folder", "move_to"):
        if not _FOLDER.fullmatch(getattr(values, name)):
            raise Invalid("Use a folder with plain letters, without accents.", field=name)
    if not values.username.strip():
        raise Invalid("Fill in who signs in, often the whole address.", field="username")


def _address(values: MailboxValues) -> str:
    found = parse_address(values.address)
    if not isinstance(found, Address):
        raise Invalid(found.sentence, field="address")
    if not _PLAIN.fullmatch(found.local):
        raise Invalid(
            "Use an address with letters and digits before the @, such as bounces@ your domain.",
            field="address",
        )
    if values.tagged and len(found.local) > LONGEST_TAGGED:
        raise Invalid(
            f"At most {LONGEST_TAGGED} characters before the @: what names the message comes behind them.",
            field="address",
        )
    return found.text
