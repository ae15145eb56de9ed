"""Transcripts of a session, as Sendmail has written them since its fifth version: what was said, then a verdict on a person.

While talking to mx.list.example:
>>> RCPT To:<ada@list.example>
<<< 550 <ada@list.example>... User unknown
550 <ada@list.example>... User unknown
"""

import re
from itertools import islice

from mailrith.events.mail.fields import ADDRESS

MOST_VERDICTS = 100

_BEGIN = re.compile(r"^[ \t-]{0,20}transcript of session follows", re.IGNORECASE | re.MULTILINE)
_VERDICT = re.compile(
    rf"^[45]\d\d (?:[45]\.\d{{1,3}}\.\d{{1,3}} )?<?({ADDRESS.pattern})>?\.\.\. .*$", re.MULTILINE
)


def verdicts(text: str) -> dict[str, str]:
    """Person -> what was said to the server that refused them, and the verdict; in the order of the transcript."""
    begin = _BEGIN.search(text)
    if begin is None:
        return {}
    told: dict[str, str] = {}
    at = begin.end()
    for found in islice(_VERDICT.finditer(text, at), MOST_VERDICTS):
        told.setdefault(found[1].lower(), text[at : found.end()].strip())
        at = found.end()
    return told
