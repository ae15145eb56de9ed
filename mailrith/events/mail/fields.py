"""Fields of RFC 3464 and RFC 5965: groups of "Name: value" with folded lines."""

import re
from collections.abc import Iterator

MOST_REPEATS = 50  # of one field in a group; a report about more people is cut there

_FIELD = re.compile(r"^([A-Za-z][A-Za-z0-9-]*)[ \t]*:[ \t]?(.*)$")
ADDRESS = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.\"-]{1,254}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.){0,30}[A-Za-z0-9][A-Za-z0-9-]{0,62}"
)


def groups(text: str) -> Iterator[dict[str, str]]:
    """Each group as lower-case name -> value; a repeated name gets " again" for each time, a few times."""
    present: dict[str, str] = {}
    repeats: dict[str, int] = {}
    last = ""
    for line in text.replace("\r\n", "\n").split("\n"):
        if not line.strip():
            if present:
                yield present
            present, repeats, last = {}, {}, ""
        elif line[0] in " \t" and last:
            present[last] += " " + line.strip()
        elif (found := _FIELD.match(line)) is not None:
            name = found[1].lower()
            repeats[name] = repeats.get(name, -1) + 1
            last = name + " again" * min(repeats[name], MOST_REPEATS)
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
