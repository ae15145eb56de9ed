"""Events as services post them, well signed, for trying out a server: a body of each kind, and what proves it."""

from mailrith.events.samples.about import KINDS, About
from mailrith.events.samples.bodies import BODIES
from mailrith.events.samples.signing import Proven, Secrets, signer

__all__ = ["KINDS", "About", "Proven", "Secrets", "kinds", "make", "names"]


def names() -> list[str]:
    """The services that there are samples of: all that Mailrith reads."""
    return sorted(BODIES)


def kinds(provider: str) -> list[str]:
    """The kinds of events that this service knows, out of KINDS. Raises KeyError for a service without sample."""
    return [kind for kind in KINDS if kind in BODIES[provider].EVENTS]


def make(provider: str, kind: str, about: About, secrets: Secrets) -> Proven:
    """A request of this service about one mail. Raises KeyError for a service or kind without sample."""
    return signer(provider)(BODIES[provider].body(kind, about), secrets)
