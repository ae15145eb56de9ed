"""The bytes of a message as a line carries them: line ends, dots, and the end."""

import re

LINE_END = re.compile(rb"\r\n|\r|\n")


def wired(message: bytes) -> bytes:
    """`message` with CRLF line ends, and one at its end. As BDAT carries it (RFC 3030)."""
    ends = message.count(b"\r\n")
    if message.count(b"\n") != ends or message.count(b"\r") != ends:
        message = LINE_END.sub(b"\r\n", message)
    return message if message.endswith(b"\r\n") else message + b"\r\n"


def stuffed(message: bytes) -> bytes:
    """`wired`, and a dot doubled at the start of a line. As DATA carries it (RFC 5321, 4.5.2)."""
    message = wired(message)
    if message.startswith(b"."):
        message = b"." + message
    return message.replace(b"\r\n.", b"\r\n..") if b"\r\n." in message else message
