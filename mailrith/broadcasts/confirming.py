"""The number that is typed before many people get mail."""

import unicodedata

from mailrith.core.errors import Invalid

ASK_ABOVE = 100  # people; sending to fewer needs no number
GREW_BY = 1.1  # more than a tenth above the number agreed to asks again


def agreed(actual: int, typed: str, shown: int | None = None) -> int:
    """The number the person agreed to.

    `shown` is what the screen said when it was typed; people come and go meanwhile, so it counts as long as the true
    number is not further from it than a tenth. Raises Invalid for the field confirm_count.
    """
    expected = shown if shown is not None and _near(actual, shown) else actual
    if not typed.strip():
        if actual <= ASK_ABOVE:
            return actual
        raise Invalid(
            f"Type {expected:,} to confirm that so many people get it.", field="confirm_count"
        )
    if read(typed) != expected:
        changed = "The number has changed. " if shown not in (None, actual) else ""
        raise Invalid(
            f"{changed}It goes to {expected:,}. Type that number to confirm.", field="confirm_count"
        )
    return expected


def _near(one: int, other: int) -> bool:
    return max(one, other) <= min(one, other) * GREW_BY


def read(typed: str) -> int | None:
    """The number somebody typed, separators of any language ignored: 12,480 and 12.480 and 12 480 are one number."""
    digits = [
        character
        for character in typed
        if not (character in ",.'’_٬" or unicodedata.category(character) in {"Zs", "Cf"})
    ]
    text = "".join(digits)
    return int(text) if text.isdecimal() and len(text) <= 12 else None
