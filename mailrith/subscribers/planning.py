"""What an import does with each of a batch of people, by what the database holds now. Reads only."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import select

from mailrith.core.db import db
from mailrith.subscribers import statuses
from mailrith.subscribers.models import Subscriber, SubscriberStatus, SubscriberTag, Tag
from mailrith.subscribers.rows import LEFT_ALONE, Person, Refusal
from mailrith.suppression.queries import suppressed_among

MERGE, SKIP, OVERWRITE = "merge", "skip", "overwrite"
POLICIES = (MERGE, SKIP, OVERWRITE)


@dataclass(slots=True)
class Merge:
    """Somebody who is here already and gets something: a name, or tags."""

    subscriber_id: int
    person: Person
    name: str | None  # None: stays as it is
    tags: list[str]  # those that they do not have yet


@dataclass
class Plan:
    """A batch, sorted by what becomes of each."""

    new: list[Person] = field(default_factory=list)
    merges: list[Merge] = field(default_factory=list)
    unchanged: list[Person] = field(default_factory=list)
    left_alone: list[Refusal] = field(default_factory=list)


@dataclass(slots=True)
class _Known:
    id: int
    name: str
    status: SubscriberStatus
    tags: set[str] = field(default_factory=set)


def plan(
    workspace_id: int, people: Sequence[Person], tags: Sequence[str], policy: str = MERGE
) -> Plan:
    """Sort `people`, of whom no two share an address. `tags` are given to everybody beside those of their row."""
    known = _known(workspace_id, [person.key for person in people])
    suppressed = suppressed_among(
        workspace_id, [person.fingerprint for person in people if person.key not in known]
    )
    made = Plan()
    for person in people:
        there = known.get(person.key)
        wanted = list({tag.casefold(): tag for tag in (*person.tags, *tags)}.values())
        if there is None and person.fingerprint in suppressed:
            made.left_alone.append(_left(person, statuses.why_not(suppressed[person.fingerprint])))
        elif there is None:
            person.tags = wanted
            made.new.append(person)
        elif there.status != SubscriberStatus.ACTIVE:
            made.left_alone.append(_left(person, statuses.why_not(there.status)))
        else:
            _merge(made, there, person, wanted, policy)
    return made


def _merge(made: Plan, there: _Known, person: Person, wanted: list[str], policy: str) -> None:
    name = None
    if person.name and person.name != there.name and (policy == OVERWRITE or not there.name):
        name = person.name
    missing = [tag for tag in wanted if tag.casefold() not in there.tags]
    if policy != SKIP and (name is not None or missing):
        made.merges.append(Merge(there.id, person, name, missing))
    else:
        made.unchanged.append(person)


def _known(workspace_id: int, keys: list[str]) -> dict[str, _Known]:
    rows = db.session.execute(
        select(Subscriber.id, Subscriber.email_key, Subscriber.name, Subscriber.status).where(
            Subscriber.workspace_id == workspace_id, Subscriber.email_key.in_(keys)
        )
    )
    found = {row.email_key: _Known(row.id, row.name, SubscriberStatus(row.status)) for row in rows}
    tags: dict[int, set[str]] = defaultdict(set)
    if found:
        for subscriber_id, key in db.session.execute(
            select(SubscriberTag.subscriber_id, Tag.name_key)
            .join(Tag, Tag.id == SubscriberTag.tag_id)
            .where(SubscriberTag.subscriber_id.in_([known.id for known in found.values()]))
        ):
            tags[subscriber_id].add(key)
    for known in found.values():
        known.tags = tags[known.id]
    return found


def _left(person: Person, why: str) -> Refusal:
    return Refusal(person.row, person.email, person.name, why, LEFT_ALONE)
