"""Whether a text could end a line in some reader's eyes: in a header that is a new field, or the end of the header."""

import re
from base64 import b64decode

_BREAK = re.compile("[\0\n\v\f\r\x1c-\x1e\x85\u2028\u2029]")
_ENCODED_WORD = re.compile(r"=\?([^?]*)\?([bBqQ])\?(.*?)\?=", re.DOTALL)


def breaks_a_line(text: str) -> bool:
    """Whether the text, or one of the encoded words in it (RFC 2047), holds a line end or a NUL."""
    if _BREAK.search(text):
        return True
    return any(_BREAK.search(_spoken(*found.groups())) for found in _ENCODED_WORD.finditer(text))


def _spoken(charset: str, encoding: str, text: str) -> str:
    """What an encoded word stands for, read as leniently as the most careless mail program does."""
    raw = text.encode("utf-8", "replace")
    if encoding in "bB":
        raw = re.sub(rb"[^A-Za-z0-9+/]", b"", raw)
        raw = b64decode(raw[: len(raw) - (len(raw) % 4 == 1)] + b"=" * (-len(raw) % 4))
    else:
        raw = re.sub(rb"=([0-9A-Fa-f]{2})", lambda code: bytes.fromhex(code[1].decode()), raw)
    try:
        return raw.decode("ascii", "ignore") + raw.decode(charset.partition("*")[0], "replace")
    except (LookupError, ValueError):  # no such charset, or one that is no text
        return raw.decode("latin-1")
