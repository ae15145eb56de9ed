"""The guard between what people type and where this machine connects.

A host is resolved once, every address of it is judged, and the caller connects to a judged address, never to the name:
a name server that changes its answer in between gains nothing. TLS is still checked against the name.
One sentence answers every refusal, so that nobody can learn which private names or ports exist.
"""

import asyncio
import ipaddress
import re
import socket
import threading
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address

import idna

from mailrith.core.config import Network, Settings

IPAddress = IPv4Address | IPv6Address
Lookup = Callable[[str, int], Awaitable[list[str]]]

LOOKUP_SECONDS = 10  # a resolver that is slower than this counts as no answer
MAX_ADDRESSES = 8  # a name with hundreds of addresses would be tried one after another
USUAL_PORTS = frozenset({465, 587, 2465, 2525, 2587})

# Nobody on the public internet has these (IANA special-purpose registries). Written out, because what
# `ipaddress.is_global` says differs between Python releases.
_CLOSED_V4 = tuple(
    ipaddress.IPv4Network(text)
    for text in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
    )
)
_OPEN_V6 = ipaddress.IPv6Network("2000::/3")  # global unicast; all else is closed
_CLOSED_V6 = tuple(
    ipaddress.IPv6Network(text)
    for text in (
        "2001::/23",
        "2001:db8::/32",
        "2002::/16",
        "3fff::/20",
        "2620:4f:8000::/48",
    )
)
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")  # RFC 6052: the last 32 bits are an IPv4 address
_V4_COMPATIBLE = ipaddress.IPv6Network(
    "::/96"
)  # RFC 4291, 2.5.5.1, obsolete and still routed by some

_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
_NUMBER = re.compile(r"0x[0-9a-f]+|[0-9]+")


@dataclass(frozen=True)
class Policy:
    """What the operator allows beyond the public internet.

    `allowed_networks` may be reached on any port; public hosts on the usual mail ports and `allowed_ports`.
    """

    allowed_networks: tuple[Network, ...] = ()
    allowed_ports: tuple[int, ...] = ()

    @classmethod
    def of(cls, settings: Settings) -> "Policy":
        """The policy of this installation."""
        return cls(settings.allowed_networks, settings.allowed_ports)


# For servers that the operator chose in the configuration.
ANYWHERE = Policy((ipaddress.IPv4Network("0.0.0.0/0"), ipaddress.IPv6Network("::/0")))


@dataclass(frozen=True)
class Resolved:
    """A host that may be reached. Connect to `addresses`, check certificates against `name`."""

    name: str
    port: int
    addresses: tuple[IPAddress, ...]

    @property
    def loopback(self) -> bool:
        """Whether every address is this machine."""
        return all(unwrap(address).is_loopback for address in self.addresses)


@dataclass(frozen=True)
class Refused:
    """A host or port that may not be reached. `field` is "host" or "port"."""

    sentence: str
    field: str = "host"


def refused_host(host: str) -> Refused:
    """The one answer for a name that is unknown, malformed, private or did not resolve in time."""
    return Refused(
        f"Mailrith cannot use {printable(host)}: no public mail server was found there. Check the spelling. "
        "A server inside a private network has to be allowed first by the person who runs Mailrith."
    )


def refused_port(port: int) -> Refused:
    """The answer for a port that no mail service for senders uses."""
    return Refused(
        f"Port {port} is not open to connections here. Use 587 or 465, "
        "or ask the person who runs Mailrith to allow this one.",
        field="port",
    )


async def resolve(
    host: str, port: int, policy: Policy, *, lookup: Lookup | None = None
) -> Resolved | Refused:
    """Look `host` up once and judge every address. `lookup(name, port)` gives textual addresses."""
    name = normalise(host)
    if name is None:
        return refused_host(host)
    literal = literal_address(name)
    if literal is not None:
        addresses: list[IPAddress] = [literal]
    else:
        addresses = await _look_up(name, port, lookup or _system_lookup)
    return judge(name, port, addresses, policy)


def resolve_now(
    host: str, port: int, policy: Policy, *, lookup: Lookup | None = None
) -> Resolved | Refused:
    """The same for callers without a running loop."""
    return asyncio.run(resolve(host, port, policy, lookup=lookup))


def judge(name: str, port: int, addresses: list[IPAddress], policy: Policy) -> Resolved | Refused:
    """Whether all of `addresses` may be reached at `port`. One bad address refuses the whole name."""
    if not addresses:
        return refused_host(name)
    allowed = [_in_any(address, policy.allowed_networks) for address in addresses]
    for address, by_operator in zip(addresses, allowed, strict=True):
        if not by_operator and not is_public(address):
            return refused_host(name)
    if not 0 < port < 65536 or (
        not all(allowed) and port not in USUAL_PORTS and port not in policy.allowed_ports
    ):
        return refused_port(port)
    return Resolved(name, port, tuple(addresses[:MAX_ADDRESSES]))


def is_public(address: IPAddress) -> bool:
    """Whether strangers on the internet can have this address."""
    inner = unwrap(address)
    if isinstance(inner, IPv4Address):
        return not any(inner in network for network in _CLOSED_V4)
    return inner in _OPEN_V6 and not any(inner in network for network in _CLOSED_V6)


def unwrap(address: IPAddress) -> IPAddress:
    """The IPv4 address inside an IPv6 one (mapped, compatible or NAT64), or the address itself."""
    if isinstance(address, IPv4Address):
        return address
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address in _NAT64 or (address in _V4_COMPATIBLE and int(address) > 1):
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address


def is_loopback_host(host: str) -> bool:
    """Whether `host` is this machine by its spelling alone: localhost or a loopback literal. Asks no name server."""
    name = normalise(host)
    if name is None:
        return False
    literal = literal_address(name)
    if literal is None:
        return name == "localhost" or name.endswith(".localhost")
    return unwrap(literal).is_loopback


def normalise(host: str) -> str | None:
    """The ASCII form of a host name or address literal, or None for what cannot be one."""
    text = host.strip().strip(".").removeprefix("[").removesuffix("]")
    if not text or len(text) > 253 or "%" in text:
        return None
    if not text.isascii():
        try:
            text = idna.encode(text, uts46=True).decode("ascii")
        except idna.IDNAError:
            return None
    text = text.lower()
    if literal_address(text) is not None:
        return text
    labels = text.split(".")
    if all(_LABEL.fullmatch(label) for label in labels) and not _NUMBER.fullmatch(labels[-1]):
        return text
    return None


def literal_address(text: str) -> IPAddress | None:
    """The address that `text` spells, also in the forms that only old C libraries read (0x7f.1, 2130706433)."""
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        pass
    if all(_NUMBER.fullmatch(part) for part in text.split(".")):
        try:
            return IPv4Address(socket.inet_aton(text))
        except OSError:
            return None
    return None


def printable(host: str) -> str:
    """What somebody typed, fit for a sentence."""
    return "".join(character for character in host.strip()[:80] if character.isprintable())


def _in_any(address: IPAddress, networks: tuple[Network, ...]) -> bool:
    return any(
        candidate in network for candidate in {address, unwrap(address)} for network in networks
    )


async def _look_up(name: str, port: int, lookup: Lookup) -> list[IPAddress]:
    try:
        async with asyncio.timeout(LOOKUP_SECONDS):
            found = await lookup(name, port)
    except (OSError, TimeoutError, UnicodeError):
        return []
    addresses: dict[IPAddress, None] = {}
    for text in found:
        # A zone ("fe80::1%eth0") only exists on link-local addresses, which are refused anyway.
        addresses[ipaddress.ip_address(text.partition("%")[0])] = None
    return list(addresses)


async def _system_lookup(name: str, port: int) -> list[str]:
    """In a thread that nobody waits for: the loop's own threads would be joined at its end, however long they hang."""
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[list[str]] = loop.create_future()

    def settle(found: list[str] | Exception) -> None:
        if not answer.done():
            if isinstance(found, Exception):
                answer.set_exception(found)
            else:
                answer.set_result(found)

    def ask() -> None:
        found: list[str] | Exception
        try:
            entries = socket.getaddrinfo(name, port, type=socket.SOCK_STREAM)
            found = [str(entry[4][0]) for entry in entries]
        except (OSError, UnicodeError) as error:
            found = error
        with suppress(RuntimeError):  # the loop has gone meanwhile
            loop.call_soon_threadsafe(settle, found)

    threading.Thread(target=ask, name="lookup", daemon=True).start()
    return await answer
