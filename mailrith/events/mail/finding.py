"""What a reader found, before it is judged."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """`kind` is set where no diagnosis is needed: complaint, auto_reply, delivered. `status` is the Status field."""

    recipient: str
    words: str = ""
    status: str = ""
    kind: str = ""
    reason: str = ""
    deferred: bool = False
    stage: str = ""  # rcpt or data, where it is known
    more: str = ""  # further words, read only when `words` say nothing
