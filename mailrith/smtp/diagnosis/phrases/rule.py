"""The form of one row."""

import re
from dataclasses import dataclass
from functools import cached_property


@dataclass(frozen=True)
class Rule:
    """`pattern` is searched in lower-case words with single blanks; `example` is a real text that it was written for.

    With `statuses`, one of the enhanced codes has to fit too (full match). `at_rcpt` is the reason where it is known that
    these words answered RCPT: only the address was known by then, so vague words speak of it. `certain` words say the same
    at every command and over every code.
    """

    reason: str
    pattern: str
    example: str
    statuses: str = ""
    at_rcpt: str = ""
    certain: bool = False

    @cached_property
    def _words(self) -> re.Pattern[str]:
        return re.compile(self.pattern)

    @cached_property
    def _codes(self) -> re.Pattern[str]:
        return re.compile(self.statuses)

    def fits(self, text: str, codes: list[str]) -> bool:
        """Whether the words, and where asked for a code, say this."""
        if self._words.search(text) is None:
            return False
        return not self.statuses or any(self._codes.fullmatch(code) for code in codes)
