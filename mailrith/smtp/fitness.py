"""Whether a message can go over a line at all, before a byte of it is written."""

import re
from dataclasses import dataclass

from mailrith.core.addresses import Address, parse_address
from mailrith.core.reserved import reserved
from mailrith.smtp.replies import Reply

BAD_PATH = re.compile(r"[\x00-\x20\x7f<>\u0080-\u00a0\u2028\u2029]")


@dataclass(frozen=True, slots=True)
class Fitness:
    """What the server at the other end takes. `max_bytes` is announced by SIZE (RFC 1870)."""

    smtputf8: bool
    eight_bit: bool
    real_people_only: bool
    max_bytes: int | None

    def objection(self, sender: str, recipient: str, message: bytes) -> Reply | None:
        """Why this message cannot go, in the form of a reply of our own; None if it can."""
        return self._to_the_envelope(sender, recipient) or self._to_the_message(message)

    def _to_the_envelope(self, sender: str, recipient: str) -> Reply | None:
        if BAD_PATH.search(sender):
            return Reply(
                553,
                "5.1.7 The sender address contains characters that SMTP does not carry",
            )
        if BAD_PATH.search(recipient) or not isinstance(parse_address(recipient), Address):
            return Reply(553, "5.1.3 The address cannot be written into the SMTP envelope")
        if self.real_people_only and reserved(recipient):
            return Reply(
                553, "5.1.2 This domain is set aside for examples; nobody reads mail there"
            )
        if not self.smtputf8 and not (sender + recipient).isascii():
            return Reply(
                553, "5.6.7 This server does not take addresses with such characters (no SMTPUTF8)"
            )
        return None

    def _to_the_message(self, message: bytes) -> Reply | None:
        if not self.eight_bit and not message.isascii():
            return Reply(554, "5.6.3 This server takes 7-bit messages only (no 8BITMIME)")
        if b"\x00" in message:
            return Reply(554, "5.6.0 The message contains a NUL byte")
        if self.max_bytes is not None and len(message) > self.max_bytes:
            return Reply(
                552,
                f"5.3.4 The message is larger than the {self.max_bytes} bytes this server takes",
            )
        return None
