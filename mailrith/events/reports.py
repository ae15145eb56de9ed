"""What every provider's events become: reports in our own words. A provider module makes them, `applying` uses them."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from mailrith.core.strict_json import Unreadable
from mailrith.events.models import FactKind


@dataclass(frozen=True, slots=True)
class Report:
    """One event about one message. `recipient` and `occurred_at` are None when the provider does not say."""

    kind: FactKind
    message_id: str  # ours, without angle brackets
    recipient: str | None = None
    occurred_at: datetime | None = None
    event_id: str = ""  # the provider's own, the same when it repeats itself
    enhanced_status: str = ""  # RFC 3463, for example 5.1.1
    diagnostic: str = ""  # the other server's words


@dataclass(frozen=True, slots=True)
class Unusable:
    """One event that changes nothing, and why, in words. `refused` says that it was malformed, not only unknown."""

    event: str
    words: str
    refused: bool = True


@dataclass(frozen=True, slots=True)
class Confirmation(Unusable):
    """No event: the service asks whether this address wants its events. A GET of `url`, by core.outbound, says yes."""

    url: str = ""


@dataclass(frozen=True, slots=True)
class BadSignature:
    """The request does not come from somebody who knows the secret, as a sentence that helps to mend it."""

    sentence: str


class Headers(Protocol):
    """The headers of a request; names are found whatever their case."""

    def get(self, key: str, default: str, /) -> str:
        """The value of one header."""


@dataclass(frozen=True, slots=True)
class Post:
    """One request as it came. `url` is the public address it was posted to, which some providers sign."""

    headers: Headers
    body: bytes
    url: str = ""


@dataclass(frozen=True, slots=True)
class Keys:
    """What a request is checked with; the newest first, for a rotation with overlap.

    ours: secrets that Mailrith made and shows: they sign our own form, or are the password of Basic authentication.
    theirs: what the provider shows: a public key, a signing key, a topic. Empty until somebody has pasted it.
    """

    ours: tuple[str, ...] = field(repr=False)
    theirs: tuple[str, ...] = field(default=(), repr=False)


class EventProvider(Protocol):
    """What a module in `events.providers` offers (docs/adding-a-provider.md). Pure: no clock but core.clock, no network."""

    def verify(self, post: Post, keys: Keys) -> BadSignature | None:
        """Check that the body, byte for byte, comes from somebody who knows one of the keys. None when it does."""

    def parse(self, body: bytes) -> list[Report | Unusable] | Unreadable:
        """The events of a verified body, in its order. One bad event never spoils the others."""
