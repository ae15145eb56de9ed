"""The rules for what is typed about a connection that need no row: each refusal names its field."""

from dataclasses import replace
from urllib.parse import urlsplit

from mailrith.connections import presets
from mailrith.connections.form import limits as limit_rules
from mailrith.connections.form.values import ConnectionValues
from mailrith.connections.models import AuthMechanism, Provider, SecureMode
from mailrith.core.addresses import Address, parse_address
from mailrith.core.certificates import Problem, read_authorities
from mailrith.core.clock import now
from mailrith.core.errors import Invalid
from mailrith.core.line_breaks import breaks_a_line
from mailrith.core.network import (
    USUAL_PORTS,
    Policy,
    Refused,
    is_loopback_host,
    literal_address,
    normalise,
    refused_host,
    resolve_now,
)

TOKEN_PORT = 443
LONGEST = {
    "name": 120,
    "from_name": 120,
    "username": 320,
    "password": 1000,
    "oauth_client_id": 255,
    "oauth_secret": 1000,
    "oauth_refresh": 8000,  # Microsoft's are about 1,500 characters long
    "oauth_token_url": 500,
    "oauth_scope": 500,
}
_IN_HEADERS = ("from_name",)  # where an encoded line break counts as one
NO_TOKEN_ADDRESS = "Give the full https address that hands out tokens, as the service names it."  # noqa: S105


def cleaned(values: ConnectionValues) -> ConnectionValues:
    """The values as they are stored, without what does not belong to the chosen way to sign in. Raises Invalid.

    The operator's connection comes back with neither server, sign-in nor sender.
    """
    _check_texts(values)
    options = presets.check_options(values.provider, values.provider_options)
    if values.limits is not None:
        limit_rules.check(values.limits)
    values = replace(
        values,
        name=values.name.strip(),
        from_name=values.from_name.strip(),
        provider_options=options,
    )
    if values.provider == Provider.INSTALLATION:
        return _without_server(values)
    return _signing_in(
        replace(
            values,
            from_email=sender_address(values.from_email),
            host=_host(values.host),
            port=_port(values.port),
            ca_certificate=authorities(values.ca_certificate),
            ehlo_name=_ehlo_name(values.ehlo_name),
        )
    )


def sender_address(text: str) -> str:
    """The sender as it is stored. Raises Invalid."""
    found = parse_address(text)
    if not isinstance(found, Address):
        raise Invalid(found.sentence, field="from_email")
    if found.needs_smtputf8:
        raise Invalid("Use a sender address with plain letters before the @.", field="from_email")
    return found.text


def check_host(host: str, port: int, policy: Policy) -> None:
    """Refuse a server that may not be reached. Asks a name server, so call it outside of a transaction. Raises Invalid."""
    found = resolve_now(host, port, policy)
    if isinstance(found, Refused):
        raise Invalid(found.sentence, field=found.field)


def check_servers(values: ConnectionValues, policy: Policy) -> None:
    """The same for everything that this connection would speak to: the mail server, and who hands out its tokens."""
    if values.provider == Provider.INSTALLATION:
        return
    check_host(values.host, values.port, policy)
    if values.uses_token:
        check_token_url(values.oauth_token_url, policy)


def check_token_url(text: str, policy: Policy) -> None:
    """The same for the address that hands out tokens."""
    parts = urlsplit(token_url(text))
    for_tokens = Policy(policy.allowed_networks, (TOKEN_PORT, *policy.allowed_ports))
    port = parts.port or TOKEN_PORT
    found = resolve_now(parts.hostname or "", port, for_tokens)
    if isinstance(found, Refused):
        raise Invalid(found.sentence, field="oauth_token_url")


def _signing_in(values: ConnectionValues) -> ConnectionValues:
    token = values.auth_mechanism == AuthMechanism.XOAUTH2
    if token and not values.username:
        raise Invalid("Type the address of the mailbox that signs in.", field="username")
    if token and not values.oauth_client_id:
        raise Invalid("Type the client ID of your app registration.", field="oauth_client_id")
    if not token:
        values = replace(
            values,
            oauth_client_id="",
            oauth_secret="",
            oauth_refresh="",
            oauth_token_url="",
            oauth_scope="",
        )
    if not values.signs_in:
        return replace(values, username="", password="", allow_clear_auth=False)
    if token:
        return replace(values, password="", oauth_token_url=token_url(values.oauth_token_url))
    return values


def _without_server(values: ConnectionValues) -> ConnectionValues:
    """Only what a person may choose about the operator's server."""
    return ConnectionValues(
        name=values.name,
        host="",
        port=0,
        secure_mode=SecureMode.STARTTLS,
        username="",
        password="",
        from_name=values.from_name,
        from_email="",
        workspace_ids=values.workspace_ids,
        limits=values.limits,
        shares=values.shares,
        provider=values.provider,
    )


def _check_texts(values: ConnectionValues) -> None:
    """Refuse what could change a header or a command."""
    for name, longest in LONGEST.items():
        text = getattr(values, name)
        if not _one_line(text) or (name in _IN_HEADERS and breaks_a_line(text)):
            raise Invalid("Leave out line breaks and invisible characters.", field=name)
        if len(text) > longest:
            raise Invalid(f"At most {longest} characters, please.", field=name)
    if not values.name.strip():
        raise Invalid("Give the connection a name.", field="name")


def _one_line(text: str) -> bool:
    return all(character.isprintable() for character in text)


def _host(text: str) -> str:
    host = normalise(text)
    if host is None:
        raise Invalid(refused_host(text).sentence, field="host")
    return host


def _port(port: int) -> int:
    if not 0 < port < 65536:
        raise Invalid("A port is a number up to 65535.", field="port")
    return port


def authorities(pem: str) -> str:
    """The certificates that were typed, as PEM; empty for none. Raises Invalid for those that cannot be read or have run out."""
    if not pem.strip():
        return ""
    found = read_authorities(pem)
    if isinstance(found, Problem):
        raise Invalid(found.sentence, field="ca_certificate")
    if found.until < now():
        raise Invalid(
            f"This certificate ran out on {found.until:%d %B %Y}. Give one that is still valid.",
            field="ca_certificate",
        )
    return found.pem


def _ehlo_name(text: str) -> str:
    """A domain, or an address literal such as [192.0.2.1] or [IPv6:2001:db8::1] (RFC 5321, 4.1.3)."""
    text = text.strip()
    if not text:
        return ""
    if text.startswith("[") and text.endswith("]"):
        inner = text[1:-1]
        address = literal_address(inner.removeprefix("IPv6:"))
        if address is not None and inner.startswith("IPv6:") == (address.version == 6):
            return f"[IPv6:{address}]" if address.version == 6 else f"[{address}]"
    else:
        name = normalise(text)
        if name is not None and literal_address(name) is None and "_" not in name:
            return name
    raise Invalid(
        "Give a host name such as mail.example.org, or leave it empty.", field="ehlo_name"
    )


def token_url(text: str) -> str:
    """The address that hands out tokens, as it is stored. Raises Invalid."""
    text = text.strip()
    try:
        parts = urlsplit(text)
        port = parts.port or TOKEN_PORT
    except ValueError:
        raise Invalid(NO_TOKEN_ADDRESS, field="oauth_token_url") from None
    host = parts.hostname or ""
    plain = parts.scheme == "http" and is_loopback_host(host)
    if (
        not (parts.scheme == "https" or plain)
        or normalise(host) is None
        or "@" in parts.netloc
        or parts.fragment
        or port == 0
        or port in USUAL_PORTS  # of mail servers, which `outbound` asks for nothing
        or not text.isascii()
        or " " in text
    ):
        raise Invalid(NO_TOKEN_ADDRESS, field="oauth_token_url")
    return text
