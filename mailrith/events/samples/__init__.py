"""Events as services post them, well signed, for trying out a server: a body of each kind, and what proves it."""

from mailrith.events.samples.bodies import BODIES, KINDS, About
from mailrith.events.samples.signing import SIGNERS, Proven, Secrets

__all__ = ["KINDS", "About", "Proven", "Secrets", "make", "names"]


def names() -> list[str]:
    """The services that there are samples of."""
    return sorted(BODIES)


def make(provider: str, kind: str, about: About, secrets: Secrets) -> Proven:
    """A request of this service about one mail. Raises KeyError for a service or kind without sample."""
    return SIGNERS[provider](BODIES[provider](KINDS.index(kind), about), secrets)
