"""Which characters text may hold, and which are kept back for slots."""

import re

SLOT_OPEN = "\U0010f000"
SLOT_CLOSE = "\U0010f001"
SLOT_BYTE = 0x10F100
"""Code point of byte 0 of a slot's payload; byte n is n further on."""

# A block at the far end of the last private plane. Icon fonts and the Apple logo live in
# U+E000 to U+F8FF, so nothing that people type is lost by taking these out.
_RESERVED = "\U0010f000-\U0010f1ff"

# Everything that some reader of a mail takes for the end of a line, and the tab.
_BREAKS = re.compile("\r\n|[\t\n\v\f\r\x1c-\x1e\x85\u2028\u2029]")

# What is left of the control characters, lone surrogates, noncharacters (the MJML parser stops at
# them) and our own.
_GONE = re.compile(
    "[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff"
    + "".join(
        f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}" for plane in range(0x10000, 0x110000, 0x10000)
    )
    + f"{_RESERVED}]"
)

# An override that is never closed turns the rest of the reader's line around.
_OVERRIDES = re.compile("[\u202a-\u202e\u2066-\u2069]")


def one_line(text: str) -> str:
    """The text on one line: breaks and tabs become spaces, control characters go."""
    if text.isascii() and text.isprintable():
        return text
    return _GONE.sub("", _BREAKS.sub(" ", text))


def one_value(text: str) -> str:
    """What somebody typed about themselves, made fit to stand inside somebody else's sentence."""
    if text.isprintable():  # private use, control and format characters are not
        return text.strip()
    return _OVERRIDES.sub("", one_line(text)).strip()


def many_lines(text: str) -> str:
    """Text of several lines: every kind of break becomes a line feed, control characters go."""
    lines = re.split("\r\n|[\n\v\f\r\x1c-\x1e\x85\u2028\u2029]", text)
    return "\n".join(one_line(line.replace("\t", "    ")) for line in lines)
