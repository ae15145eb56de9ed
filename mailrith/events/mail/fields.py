"""Fields of RFC 3464 and RFC 5965: groups of "Name: value" with folded lines."""

import re
from collections.abc import Iterator

_FIELD = re.compile(r"^([A-Za-z][A-Za-z0-9-]*)[ \t]*:[ \t]?(.*)$")
ADDRESS = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.\"-]+@(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.)*[A-Za-z0-9][A-Za-z0-9-]*"
)


def groups(text: str) -> Iterator[dict[str, str]]:
    """Each group as lower-case name -> value; a repeated name gets " again" for each time."""
    present: dict[str, str] = {}
    last = ""
    for line in text.replace("\r\n", "\n").split("\n"):
        if not line.strip():
            if present:
                yield present
            present, last = {}, ""
        elif line[0] in " \t" and last:
            present[last] += " " + line.strip()
        elif (found := _FIELD.match(line)) is not None:
            last = found[1].lower()
            while last in present:
                last += " again"
            present[last] = found[2].strip()
    if present:
        yield present


def typed(value: str) -> str:
    """The value after "rfc822;" or "smtp;"."""
    head, separator, rest = value.partition(";")
    return rest.strip() if separator and " " not in head.strip() else value.strip()


def address(value: str) -> str:
    """The first address in a value, or an empty text."""
    found = ADDRESS.search(typed(value))
    return found[0].strip("'\"`.").rstrip(".") if found else ""
