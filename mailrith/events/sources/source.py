"""What one source of events is: how it proves itself, and what it wants pasted."""

from dataclasses import dataclass
from enum import StrEnum


class Proof(StrEnum):
    """How a request of the source is believed."""

    SIGNED = "signed"  # with our signing secret, as docs/webhooks.md says
    THEIR_KEY = "their key"  # the service signs; what checks it has to be pasted here
    SHARED = "shared"  # our secret comes along as a password or in a header
    KEY_OR_SHARED = "key or shared"  # their key once it is pasted; until then our secret


class Address(StrEnum):
    """How the address is written for the source."""

    PLAIN = "plain"
    BASIC = "basic"  # https://mailrith:SECRET@...
    PARAMETER = "parameter"  # ...?secret=SECRET


@dataclass(frozen=True, slots=True)
class Source:
    """name: as it is stored. steps: three sentences in the words of the service. key: what the service calls its key.

    key_start: what every such key begins with. key_shown: whether the key is public. headers: whether the secret is offered as a
    header to paste.
    """

    name: str
    label: str
    proof: Proof
    steps: tuple[str, str, str]
    key: str = ""
    key_hint: str = ""
    key_start: str = ""
    key_shown: bool = False
    address: Address = Address.PLAIN
    headers: bool = False
    note: str = ""

    @property
    def key_words(self) -> str:
        """The key in the middle of a sentence."""
        return self.key if self.key[:2].isupper() else self.key[:1].lower() + self.key[1:]

    @property
    def uses_secret(self) -> bool:
        """Whether our secret is what proves a request."""
        return self.proof != Proof.THEIR_KEY

    @property
    def takes_key(self) -> bool:
        """Whether something of theirs has to, or may, be pasted here."""
        return self.proof in {Proof.THEIR_KEY, Proof.KEY_OR_SHARED}

    @property
    def needs_key(self) -> bool:
        """Whether it is refused until their key is here."""
        return self.proof == Proof.THEIR_KEY
