"""An open mailbox, whatever its protocol."""

from collections.abc import Sequence
from typing import Protocol

from mailrith.connections.mailbox.models import Afterwards

LONGEST_MAIL = 512 * 1024  # bytes; a bounce that returns a larger letter says what it says before
LONGEST_ANSWER = 8 * 1024 * 1024  # bytes of one answer; of a long list of numbers too


class Box(Protocol):
    """Names of mails are the server's: UIDs of IMAP, UIDLs of POP3. Methods raise PROTOCOL_ERRORS of `trouble`."""

    count: int  # mails in the folder
    validity: int  # of its numbers (RFC 3501, 2.3.1.1); 0 where names last

    def names(self, after: int) -> list[str]:
        """The mails, oldest first; with numbers, those above `after`."""

    def raw(self, name: str) -> bytes | None:
        """The mail as it came, at most LONGEST_MAIL; None when it is gone."""

    def settle(self, names: Sequence[str], afterwards: Afterwards, move_to: str) -> None:
        """Do at the server what shall happen to mails that are stored."""

    def leave(self) -> None:
        """Say good-bye: only now POP3 deletes."""
