"""The phrases of receivers, one row for each way of saying it, read from the top; the first that fits decides.

The order matters where one sentence says two things: a full mailbox before an unknown one, a sender's fault before the
recipient's ("sender unknown", "blocked for spam; user unknown" is a spam trap's answer).
"""

from mailrith.smtp.diagnosis.phrases.address import ADDRESS, FILTERED, PLAIN
from mailrith.smtp.diagnosis.phrases.mailbox import MAILBOX
from mailrith.smtp.diagnosis.phrases.road import NAMES, ROAD
from mailrith.smtp.diagnosis.phrases.rule import Rule
from mailrith.smtp.diagnosis.phrases.sender import SENDER

__all__ = ["RULES", "Rule"]

RULES: tuple[Rule, ...] = (*PLAIN, *MAILBOX, *SENDER, *NAMES, *ADDRESS, *ROAD, *FILTERED)
