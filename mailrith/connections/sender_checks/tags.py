"""Tag lists, `a=b; c=d`, as DKIM and DMARC write them (RFC 6376, 3.2)."""

import re

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_BLANKS = re.compile(r"[ \t\r\n]+")


def parse(text: str) -> dict[str, str] | None:
    """Names in lower case -> values without outer blanks, in order; None for what is no tag list."""
    found: dict[str, str] = {}
    parts = text.strip().removesuffix(";").split(";")
    for part in parts:
        name, equals, value = part.partition("=")
        key = name.strip()
        if not equals or not _NAME.fullmatch(key) or key.lower() in found:
            return None
        found[key.lower()] = value.strip()
    return found


def compact(value: str) -> str:
    """The value without any blanks, as keys and signatures are read."""
    return _BLANKS.sub("", value)
