"""Text that people typed, made fit to keep: one line, printable, not too long."""

from mailrith.subscribers.models import NAME_CHARS


def one_line(text: str) -> str:
    """Printable characters, blanks folded into one."""
    if text.isprintable() and "  " not in text:
        return text.strip()
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def name_too_long(name: str) -> str:
    """The sentence for a name that does not fit."""
    return f"The name has {len(name):,} characters; {NAME_CHARS} is the most. Shorten it."
