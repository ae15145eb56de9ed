"""Authentication-Results, as receiving servers write it (RFC 8601), and as Microsoft does, who leaves its own name out."""

import re
from dataclasses import dataclass

MAX_RESULTS = 30
MAX_CHARS = 8000  # of one field; real ones have a few hundred
# Names begin where a word does: tried at every letter, a long word would take forever.
_PROPERTY = re.compile(r'(?<![A-Za-z0-9.-])([A-Za-z0-9.-]+)=("[^"]{0,254}"|\S+)')
_METHOD = re.compile(r"([a-z][a-z0-9-]*)(?:/\d+)?=([a-z]+)", re.IGNORECASE)


@dataclass(frozen=True)
class Result:
    """One method's outcome. `properties` are like {"header.d": "example.org", "smtp.mailfrom": "a@example.org"}, lower-case names."""

    method: str
    outcome: str
    properties: dict[str, str]


@dataclass(frozen=True)
class Results:
    """What one header field says, and who says it; `server` is empty where it does not tell."""

    server: str
    results: tuple[Result, ...]


def parse(value: str) -> Results:
    """Read one field's value. What cannot be read is left out."""
    parts = _parts(_without_comments(value[:MAX_CHARS]))
    server = ""
    if parts and "=" not in parts[0]:
        server = parts.pop(0).split()[0].strip('"').lower()
    results = [found for part in parts[:MAX_RESULTS] if (found := _result(part))]
    return Results(server[:253], tuple(results))


def _result(part: str) -> Result | None:
    joined = re.sub(r"\s*=\s*", "=", part.strip())
    head, _, rest = joined.partition(" ")
    method = _METHOD.fullmatch(head)
    if method is None:
        return None
    properties: dict[str, str] = {}
    for name, value in _PROPERTY.findall(rest):
        properties.setdefault(name.lower(), value.strip('"')[:254])
    return Result(method[1].lower(), method[2].lower(), properties)


def _without_comments(text: str) -> str:
    """The text without (comments), which may be nested and may hold quotation marks of their own."""
    kept: list[str] = []
    depth, quoted, escaped = 0, False, False
    for character in text:
        if escaped:
            escaped = False
        elif character == "\\":
            escaped = True
        elif character == '"' and depth == 0:
            quoted = not quoted
        elif not quoted and character == "(":
            depth += 1
        elif not quoted and character == ")" and depth:
            depth -= 1
            kept.append(" ")
            continue
        if depth == 0:
            kept.append(character)
    return "".join(kept)


def _parts(text: str) -> list[str]:
    """Split at semicolons outside of quotation marks."""
    parts, quoted = [""], False
    for character in re.sub(r"\s+", " ", text):
        quoted ^= character == '"'
        if character == ";" and not quoted:
            parts.append("")
        else:
            parts[-1] += character
    return [part.strip() for part in parts if part.strip()]
