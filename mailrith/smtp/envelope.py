"""The commands that open a message, and how far it has come since."""

from dataclasses import dataclass

from mailrith.smtp.outcome import Stage

Commands = list[tuple[Stage, bytes]]

DATA: tuple[Stage, bytes] = ("data", b"DATA\r\n")


@dataclass(slots=True)
class Way:
    """How far a message has come. `dotted`: what ends it was written, so it may arrive. `ahead`: its envelope went before its turn."""

    stage: Stage = "mail"
    dotted: bool = False
    ahead: bool = False


def envelope(sender: str, recipient: str, message: bytes) -> Commands:
    """MAIL and RCPT. An address that could carry a command is not to get here (`fitness`)."""
    options = "" if message.isascii() else " BODY=8BITMIME"
    if not (sender.isascii() and recipient.isascii()):
        options += " SMTPUTF8"
    return [
        ("mail", f"MAIL FROM:<{sender}>{options}\r\n".encode()),
        ("rcpt", f"RCPT TO:<{recipient}>\r\n".encode()),
    ]


def joined(commands: Commands) -> bytes:
    """For one write."""
    return b"".join([command for _, command in commands])
