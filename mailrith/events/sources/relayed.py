"""Events of a relay of one's own, read by the mapping that its owner wrote."""

from dataclasses import dataclass

from mailrith.core.strict_json import Unreadable
from mailrith.events import mapping, shared_secret
from mailrith.events.mapping import Mapping
from mailrith.events.providers import generic
from mailrith.events.reports import BadSignature, Keys, Post, Report, Unusable


@dataclass(frozen=True, slots=True)
class Mapped:
    """An EventProvider for one mapping."""

    mapping: Mapping

    def verify(self, post: Post, keys: Keys) -> BadSignature | None:
        """Our signature where it is given; for relays that cannot sign, the secret of `shared_secret`."""
        if post.headers.get(generic.HEADER, ""):
            return generic.verify(post, keys)
        return shared_secret.check(post, keys)

    def parse(self, body: bytes) -> list[Report | Unusable] | Unreadable:
        """The events where the mapping finds them."""
        return mapping.parse(self.mapping, body)
