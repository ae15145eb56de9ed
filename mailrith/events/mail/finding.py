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
    stage: str = ""  # one of smtp.diagnosis.stages, where it is known
    more: str = ""  # further words, read only when `words` say nothing
    before: str = ""  # what was said before anybody was named: some servers say there that an account is closed
