"""How to read a relay's own JSON: where in it the parts of an event stand, and what the relay's words for events mean.

Somebody who runs a relay writes a mapping, tries it on a sample that the relay posted, and keeps it. Pure functions.
A path is names with dots between them, such as data.message.id; numbers lead into lists (to.0.email), and a dot that belongs to a
name has a backslash before it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    field_validator,
)

from mailrith.core import strict_json
from mailrith.core.errors import Invalid
from mailrith.core.strict_json import Unreadable
from mailrith.events import payload, sorting
from mailrith.events.models import FactKind
from mailrith.events.reports import Report, Unusable

BOUNCE = "bounce"  # hard, soft or block: as the diagnostic says
NOTHING = "nothing"
MEANINGS = (*(str(kind) for kind in FactKind), BOUNCE, NOTHING)

MOST_PLACES = 200  # that are offered of a sample

_STEP = r"(?:[^.\\\x00-\x1f]|\\[.\\])+"
_STEPS = re.compile(_STEP)
Path = Annotated[
    str,
    StringConstraints(strip_whitespace=True, max_length=200, pattern=rf"^{_STEP}(?:\.{_STEP})*$"),
]
Word = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)]


class Mapping(BaseModel):
    """Where each part of an event stands; an empty path says nowhere.

    events: the list of events in a body; empty where the body is one event or a list of them. kind: one to three places whose
    words together, a blank between them, name the event ("bounce permanent"). kinds: what such words mean; case does not matter.
    message_id: our Message-ID, or the mark of the delivery.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    events: Path | Literal[""] = ""
    kind: Annotated[tuple[Path, ...], Field(min_length=1, max_length=3)]
    kinds: Annotated[
        dict[Word, FactKind | Literal["bounce", "nothing"]], Field(min_length=1, max_length=50)
    ]
    message_id: Path
    recipient: Path | Literal[""] = ""
    occurred_at: Path | Literal[""] = ""
    event_id: Path | Literal[""] = ""
    enhanced_status: Path | Literal[""] = ""
    diagnostic: Path | Literal[""] = ""

    @field_validator("kinds")
    @classmethod
    def _without_case(cls, kinds: dict[str, Any]) -> dict[str, Any]:
        found = {_folded(word): meaning for word, meaning in kinds.items()}
        if len(found) != len(kinds):
            raise ValueError("twice")
        return found


@dataclass(frozen=True, slots=True)
class Tried:
    """What one event of a sample gives. `nowhere` names the fields whose path leads to nothing in it."""

    result: Report | Unusable
    nowhere: tuple[str, ...]


_PATH = "A path is names with dots between them, such as data.message.id."
_SENTENCES = {
    "kind": "Say where the name of an event stands, such as event, or data.type. Up to three places make one name.",
    "kinds": "Say what at least one of the relay's names means, each name once. "
    f"The meanings are {', '.join(MEANINGS)}.",
    "message_id": f"Say where our Message-ID, or the mark of the delivery, stands. {_PATH}",
}
_NAMELESS = "Its name does not stand where the mapping looks for it."
_MEANINGLESS = "The mapping gives this name no meaning."
_DETAILS = ("recipient", "occurred_at", "event_id", "enhanced_status", "diagnostic")


def check(settings: Any) -> Mapping:
    """The mapping in these settings (a JSON object). Raises Invalid for the first field that is wrong."""
    try:
        return Mapping.model_validate(settings)
    except ValidationError as wrong:
        place = wrong.errors()[0]["loc"]
        field = str(place[0]) if place else ""
    if field not in Mapping.model_fields:
        raise Invalid(f"A mapping has the fields {', '.join(Mapping.model_fields)}.")
    raise Invalid(_SENTENCES.get(field, _PATH), field=field)


def parse(mapping: Mapping, body: bytes) -> list[Report | Unusable] | Unreadable:
    """The events of a verified body, in its order. One bad event never spoils the others."""
    found = attempt(mapping, body)
    return found if isinstance(found, Unreadable) else [tried.result for tried in found]


def attempt(mapping: Mapping, sample: bytes) -> list[Tried] | Unreadable:
    """What a body that the relay posted gives, event by event, and which paths lead nowhere."""
    value = strict_json.read(sample)
    if isinstance(value, Unreadable):
        return value
    events = reach(value, mapping.events) if mapping.events else value
    if events is None:
        return Unreadable(f"The body has nothing at {mapping.events}.")
    items = events if isinstance(events, list) else [events]
    if len(items) > payload.MAX_ITEMS:
        return Unreadable(f"At most {payload.MAX_ITEMS:,} events fit in one request.")
    return [_tried(mapping, item) for item in items]


def reach(value: Any, path: str) -> Any:
    """What stands at a path; None when it leads nowhere."""
    for step in _STEPS.findall(path):
        name = re.sub(r"\\(.)", r"\1", step)
        if isinstance(value, dict):
            value = value.get(name)
        elif isinstance(value, list) and re.fullmatch(r"\d{1,4}", name, re.ASCII):
            value = value[int(name)] if int(name) < len(value) else None
        else:
            return None
    return value


def places(sample: bytes) -> list[tuple[str, str]] | Unreadable:
    """Every path in a sample and the text there, for somebody to choose from; at most MOST_PLACES."""
    value = strict_json.read(sample)
    if isinstance(value, Unreadable):
        return value
    return [found for found, _ in zip(_leaves(value, ""), range(MOST_PLACES), strict=False)]


def _tried(mapping: Mapping, item: Any) -> Tried:
    if not isinstance(item, dict):
        return Tried(Unusable("", payload.NOT_AN_OBJECT), ())
    wanted = {name: path for name in ("message_id", *_DETAILS) if (path := getattr(mapping, name))}
    found = {name: reach(item, path) for name, path in wanted.items()}
    nowhere = [name for name, value in found.items() if value is None]
    # Some relays write the second word only where it says something.
    words = [word for path in mapping.kind if (word := _word(reach(item, path)))]
    if not words:
        nowhere.insert(0, "kind")
    return Tried(_read(mapping, " ".join(words), found), tuple(nowhere))


def _read(mapping: Mapping, name: str, found: dict[str, Any]) -> Report | Unusable:
    if not name:
        return Unusable("", _NAMELESS)
    meaning = mapping.kinds.get(_folded(name))
    if meaning is None or meaning == NOTHING:
        return payload.unused(name, _MEANINGLESS if meaning is None else payload.NOT_USED)
    words, status = payload.text(found, "diagnostic"), payload.text(found, "enhanced_status")
    ours = payload.text(found, "message_id")
    return payload.report(
        sorting.kind_of(words, status) if meaning == BOUNCE else FactKind(meaning),
        mark=ours,
        message_id=ours,
        recipient=payload.text(found, "recipient"),
        occurred_at=payload.moment(found, "occurred_at"),
        event_id=payload.text(found, "event_id")[:998],
        enhanced_status=status,
        diagnostic=words,
    )


def _word(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else payload.text(value)


def _folded(name: str) -> str:
    return " ".join(name.split()).casefold()


def _leaves(value: Any, path: str) -> Iterator[tuple[str, str]]:
    children: Any = ()
    if isinstance(value, dict):
        children = value.items()
    elif isinstance(value, list):
        children = enumerate(value)
    elif path:
        yield path, _word(value)
    for name, child in children:
        step = re.sub(r"([.\\])", r"\\\1", str(name))
        if _STEPS.fullmatch(step) and strict_json.is_storable(step):
            yield from _leaves(child, f"{path}.{step}" if path else step)
