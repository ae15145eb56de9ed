"""The phrases of receivers, one row for each way of saying it, read from the top; the first that fits decides.

What is always said in the same words (SAYINGS) comes first, then what is built alike (RULES). The order matters where
one sentence says two things: a full mailbox before an unknown one, a sender's fault before the recipient's ("sender
unknown", "blocked for spam; user unknown" is a spam trap's answer).
"""

from mailrith.smtp.diagnosis.phrases.address import ADDRESS, FILTERED, PLAIN
from mailrith.smtp.diagnosis.phrases.mailbox import MAILBOX
from mailrith.smtp.diagnosis.phrases.road import NAMES, ROAD
from mailrith.smtp.diagnosis.phrases.rule import Rule
from mailrith.smtp.diagnosis.phrases.sayings import SAYINGS, Sayings
from mailrith.smtp.diagnosis.phrases.sender import SENDER

__all__ = ["ROWS", "RULES", "SAYINGS", "Rule", "Sayings"]

RULES: tuple[Rule, ...] = (*PLAIN, *MAILBOX, *SENDER, *NAMES, *ADDRESS, *ROAD, *FILTERED)
ROWS: tuple[Rule | Sayings, ...] = (*SAYINGS, *RULES)
