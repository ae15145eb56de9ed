"""Quoted-printable (RFC 2045, 6.7), in a form whose pieces can be joined.

Each piece ends where a line ends, by a soft break, so a piece knows nothing of its neighbours:
a static run is encoded once for a whole broadcast, a name once for everybody who has it.
No line begins with a dot or with "From ", which servers and mailboxes would alter.
"""

LINE = 76
"""Characters, the `=` of a soft break included."""

SOFT_BREAK = b"=\r\n"

_SAFE = bytes(byte for byte in range(0x20, 0x7F) if byte != ord("="))
_SAFE_OR_EQUALS = _SAFE + b"="
_CODES = [b"=%02X" % byte for byte in range(256)]
for _byte in (*_SAFE, ord("\t")):
    _CODES[_byte] = bytes([_byte])


def encode_run(text: str) -> bytes:
    """A static run. Line feeds are line breaks; it ends with a line break of one kind or the other."""
    *whole, last = text.split("\n")
    lines = [_on_lines(_without_blank_end(line.encode())) + b"\r\n" for line in whole]
    lines += [_on_lines(_encode(last.encode())) + SOFT_BREAK] if last else []
    return b"".join(lines)


def encode_value(text: str) -> bytes:
    """A value without line breaks; empty for an empty one, else ended by a soft break."""
    data = text.encode()
    if (
        len(data) < LINE
        and not data.translate(None, _SAFE)
        and not data.startswith((b".", b"From "))
    ):
        return data + SOFT_BREAK if data else b""
    return _on_lines(_encode(data)) + SOFT_BREAK


def _encode(data: bytes) -> bytes:
    if not data.translate(None, _SAFE_OR_EQUALS):  # addresses of web pages, mostly
        return data.replace(b"=", b"=3D")
    return b"".join([_CODES[byte] for byte in data])


def _without_blank_end(data: bytes) -> bytes:
    """Encoded, its last blank by number: blanks before a line break get lost on the way."""
    if data[-1:] in (b" ", b"\t"):
        return _encode(data[:-1]) + b"=%02X" % data[-1]
    return _encode(data)


def _on_lines(encoded: bytes) -> bytes:
    lines, start = [], 0
    while True:
        head = _disguise(encoded, start)
        start += bool(head)
        end = start + LINE - 1 - len(head)
        if end >= len(encoded):
            lines.append(head + encoded[start:])
            return SOFT_BREAK.join(lines)
        cut = encoded.rfind(b"=", end - 2, end)  # never between the = and its digits
        end = cut if cut != -1 else end
        lines.append(head + encoded[start:end])
        start = end


def _disguise(encoded: bytes, start: int) -> bytes:
    """The first character of a line, by number if it would be altered on the way."""
    if encoded.startswith(b".", start):
        return b"=2E"
    if encoded.startswith(b"From ", start):
        return b"=46"
    return b""
