"""The form of one row."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Sayings:
    """Lower-case pieces of text; the first reason of which one is found decides. `at_rcpt` as in `Rule`."""

    reason: str
    said: tuple[str, ...]
    at_rcpt: str = ""
    certain: bool = False

    def fits(self, text: str, codes: list[str]) -> bool:
        """Whether one of them was said; the codes do not matter."""
        for piece in self.said:  # noqa: SIM110  half the time of any()
            if piece in text:
                return True
        return False
