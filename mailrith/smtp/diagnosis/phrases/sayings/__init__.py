"""What is always said in the same words: sought as it stands, before anything is guessed from a sentence's build.

Most were gathered from real bounces by the Sisimai project (its modules Reason, Rhost and Lhost; 2-clause BSD), the
numbered ones from the receivers' own lists: Facebook's response codes, Exchange's reports, Exim's and qmail's sources.
Every saying is its own example.
"""

from mailrith.smtp.diagnosis.phrases.sayings.mailbox import FILTERED, MAILBOX
from mailrith.smtp.diagnosis.phrases.sayings.person import DOMAIN, PERSON
from mailrith.smtp.diagnosis.phrases.sayings.road import ROAD
from mailrith.smtp.diagnosis.phrases.sayings.saying import Sayings
from mailrith.smtp.diagnosis.phrases.sayings.sender import SENDER

__all__ = ["SAYINGS", "Sayings"]

SAYINGS: tuple[Sayings, ...] = (*MAILBOX, *FILTERED, *SENDER, *ROAD, *DOMAIN, *PERSON)
