"""What a bounce says: from the words and codes of a DSN, a webhook's diagnostic or a plain bounce to kind and reason.

Replies of the wire are judged by `smtp.classification`, which knows at which command they came. Here the refusal was met
by somebody else, often translated and cut, so the words come first: senders put 5.1.1 or 5.2.1 over almost anything.
"""

from mailrith.smtp.diagnosis.diagnosis import Diagnosis, diagnose, state_of_mailbox
from mailrith.smtp.diagnosis.reasons import REASONS, Kind, Reason

__all__ = ["REASONS", "Diagnosis", "Kind", "Reason", "diagnose", "state_of_mailbox"]
