"""The exact records to publish. Pure: texts in, texts out."""

from dataclasses import dataclass

from mailrith.connections.sender_checks.carriers import Carrier
from mailrith.connections.sender_checks.domains import organisational
from mailrith.connections.sender_checks.spf_record import parse
from mailrith.core.network import is_public, literal_address

_QUALIFIERS = {"+": "", "": ""}
_DECIDING = ("all", "redirect")


@dataclass(frozen=True)
class Publish:
    """One DNS record, ready to copy. `instead` says that it takes the place of what is there."""

    kind: str
    host: str
    value: str
    why: str = ""
    instead: bool = False


def spf(domain: str, records: tuple[str, ...], carrier: Carrier, host: str) -> Publish:
    """The one SPF record that the domain should have, with everything that its records say already."""
    ours = _ours(carrier, host)
    words = [word for record in records for word in _kept_words(record)]
    missing = [word for word in ours if word.lower() not in {known.lower() for known in words}]
    if set(carrier.includes) & {word.lower().removeprefix("include:") for word in words}:
        missing = []
    ending = _ending(records)
    value = " ".join(["v=spf1", *dict.fromkeys([*words, *missing]), ending])
    return Publish("TXT", domain, value, _why_spf(carrier, host, records), instead=bool(records))


def dmarc(domain: str) -> Publish:
    """A first policy: it changes nothing for the mail, and asks for reports."""
    own = organisational(domain)
    return Publish(
        "TXT",
        f"_dmarc.{own}",
        f"v=DMARC1; p=none; rua=mailto:dmarc@{own}",
        f"p=none changes nothing for your mail. The reports go to dmarc@{own}: use a mailbox that exists, "
        "or leave the part from rua on away.",
    )


def return_path(domain: str, carrier: Carrier) -> Publish | None:
    """The CNAME that puts bounces under the From domain, where the service has one name for everybody."""
    if carrier.return_path is None:
        return None
    name, target = carrier.return_path
    return Publish("CNAME", f"{name}.{domain}", target, f"Then {carrier.label} aligns by SPF too.")


def _ours(carrier: Carrier, host: str) -> list[str]:
    if carrier.includes:
        return [f"include:{carrier.includes[0]}"]
    return ["mx", *_named(host)]


def _named(host: str) -> list[str]:
    """The server of the connection, by its name or its number."""
    address = literal_address(host)
    if address is None:
        return [f"a:{host}"] if host else []
    return [f"ip{address.version}:{address}"] if is_public(address) else []


def _kept_words(record: str) -> list[str]:
    """The words of a record as they stand, without version, unreadable ones and what ends it."""
    found = parse(record)
    words = []
    for term in found.terms:
        if term.name in _DECIDING or term.name == "exp":
            continue
        sign = _QUALIFIERS.get(term.qualifier, term.qualifier)
        words.append(f"{sign}{term.name}{':' if term.value else ''}{term.value}{term.prefix}")
    return words


def _ending(records: tuple[str, ...]) -> str:
    """How the record ends. A redirect survives only alone; "everybody may" never does."""
    parsed = [parse(record) for record in records]
    if len(parsed) == 1 and parsed[0].redirect:
        return f"redirect={parsed[0].redirect}"
    signs = {found.everybody.qualifier for found in parsed if found.everybody}
    return "-all" if signs == {"-"} else "~all"


def _why_spf(carrier: Carrier, host: str, records: tuple[str, ...]) -> str:
    if len(records) > 1:
        return "A domain may have one SPF record only. This one says what all of them say; delete the others."
    if carrier.includes:
        return f"It keeps what you have and adds {carrier.label}." if records else ""
    named = _named(host)
    if named:
        return (
            f"mx covers the servers that receive your mail, {named[0]} the server of this connection. "
            "~all marks all others as suspicious without refusing them. If your server sends from another address, "
            "name that with ip4: or ip6: instead."
        )
    return "mx covers the servers that receive your mail. Ask whoever runs your server which addresses it sends from."
