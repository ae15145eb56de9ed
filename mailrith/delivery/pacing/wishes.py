"""What a receiver says when it wants fewer messages from us."""

from mailrith.smtp.classification import Verdict

_CAUSES = frozenset({"slow_down", "too_many_recipients"})


def wants_fewer(verdict: Verdict, reply_code: int) -> bool:
    """Whether a receiver that said this does."""
    return verdict.cause in _CAUSES or reply_code == 421
