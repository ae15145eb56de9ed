"""Whether mail from a connection's From domain is believed: SPF, DKIM, DMARC, alignment and one-click unsubscribe.

Two kinds of evidence, never mixed up in words. Name servers say which records are published (`lookup`, `spf`, `dkim`, `dmarc`
into a `report`); only a test mail that was received says what passes (`proof`). `reading` makes rows for people out of both.
"""

from mailrith.connections.sender_checks.reading import light

__all__ = ["light"]
