"""The form of one cause."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Cause:
    """What happened, the likely reason, and the way out, as sentences for somebody who never heard of SMTP."""

    title: str
    what: str
    likely: str
    todo: tuple[str, ...]
