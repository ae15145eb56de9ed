"""From stored requests to facts, and from new facts to the people they are about. Once, in any order.

Many requests go in one transaction: the facts, what they did, and that the requests are done. What takes one statement for one event
takes one statement for thousands.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import func, select, update

from mailrith.core import addresses, queue
from mailrith.core.clock import now
from mailrith.core.db import db
from mailrith.core.strict_json import Unreadable
from mailrith.delivery.models import DeliveryState
from mailrith.delivery.runs import evidence
from mailrith.events import arrays, confirming, consequences, facts, mails, recording
from mailrith.events.confirming import Answers
from mailrith.events.facts import Seen
from mailrith.events.mailbox import returned
from mailrith.events.mails import SentMail
from mailrith.events.models import HookRequest, HookRequestState
from mailrith.events.reading import Raw, Readers
from mailrith.events.recording import Done
from mailrith.events.reports import Confirmation, Report, Unusable

AT_ONCE = 1000  # requests in one transaction
MOST_BYTES = 1_000_000  # of their bodies, some thousand events

SOURCE = "webhook"

UNKNOWN = "No message of this connection has this Message-ID. Nothing was changed."
OTHER_PERSON = "The message with this Message-ID went to another address. Nothing was changed."
REPEATED = "Known already. Nothing was changed."

_CONFIRM = "mailrith.events.jobs.confirm"
_CHANGING = {"applied", "repeated", "confirmed"}

Items = list[Report | Unusable] | Unreadable
Result = dict[str, Any]


def apply(request_id: int, answers: Answers | None = None) -> bool:
    """Apply one stored request. False when somebody else has it, or had it, or an answer has to go out first. The caller commits."""
    return bool(_apply([request_id], answers))


def apply_waiting(most_bytes: int = MOST_BYTES) -> bool:
    """Apply the oldest that nobody has tried yet. Whether more of them waited than go into one transaction. The caller commits."""
    chosen, more = waiting(most_bytes)
    _apply(chosen, None)
    return more


def waiting(most_bytes: int = MOST_BYTES) -> tuple[list[int], bool]:
    """The oldest requests that nobody has tried yet, locked: so many as fit in one transaction. And whether there were more."""
    rows = db.session.execute(
        select(HookRequest.id, func.length(HookRequest.body))
        .where(HookRequest.state == HookRequestState.RECEIVED, HookRequest.attempts == 0)
        .order_by(HookRequest.id)
        .limit(AT_ONCE)
        .with_for_update(skip_locked=True)
    )
    chosen: list[int] = []
    for request_id, size in rows:
        most_bytes -= size
        if chosen and most_bytes < 0:
            return chosen, True
        chosen.append(request_id)
    return chosen, len(chosen) == AT_ONCE


def _apply(request_ids: Sequence[int], answers: Answers | None) -> int:
    readers = Readers()
    rows, read = [], []
    for row in _locked(request_ids):
        items = readers.items_of(Raw(row.connection_id, row.source, row.body))
        if not isinstance(items, Unreadable):
            if confirming.is_open(items, answers or {}):
                _ask(row.id, answered=answers is not None)
                continue
            items = [confirming.settled(item, answers or {}) for item in items]
        rows.append(row)
        read.append(items)
    if rows:
        _draw(rows, read)
    return len(rows)


def _locked(request_ids: Sequence[int]) -> Sequence[Any]:
    columns = (
        HookRequest.id,
        HookRequest.connection_id,
        HookRequest.source,
        HookRequest.body,
        HookRequest.received_at,
    )
    query = (
        select(*columns)
        .where(
            arrays.among(HookRequest.id, request_ids),
            HookRequest.state == HookRequestState.RECEIVED,
        )
        .order_by(HookRequest.id)
        .with_for_update(skip_locked=True)
    )
    return db.session.execute(query).all()


def _ask(request_id: int, *, answered: bool) -> None:
    """It waits for an answer to go out: from now on the scheduler looks after it."""
    if answered:
        return
    tried = update(HookRequest).where(HookRequest.id == request_id, HookRequest.attempts == 0)
    db.session.execute(tried.values(attempts=1).execution_options(synchronize_session=False))
    queue.enqueue(_CONFIRM, request_id, queue=queue.EVENTS)


def _draw(rows: Sequence[Any], read: Sequence[Items]) -> None:
    """Write the facts of these requests, what follows from them, and what became of each event."""
    judged = _judge(rows, read)
    seen = [one for results in judged for one in results if isinstance(one, Seen)]
    new = facts.insert(seen)
    # What the wire has settled needs no evidence; a doubt that begins at this moment is settled by the scheduler.
    evidence.settle({one.mail.id for one in seen if one.mail.state != DeliveryState.SENT})
    fresh: list[Seen] = []
    told = [[_tell(one, new, fresh) for one in results] for results in judged]
    consequences.draw([(one.report, one.mail) for one in fresh])
    _finish(rows, read, told)


def _judge(rows: Sequence[Any], read: Sequence[Items]) -> list[list[Seen | Result]]:
    """The mail that each event is about, or the result that says why there is none."""
    wanted = {
        (row.connection_id, item.message_id)
        for row, items in zip(rows, read, strict=True)
        for item in (() if isinstance(items, Unreadable) else items)
        if isinstance(item, Report)
    }
    known = mails.named(wanted)
    return [list(_judge_each(*pair, known)) for pair in zip(rows, read, strict=True)]


def _judge_each(
    row: Any, items: Items, known: Mapping[tuple[int, str], SentMail]
) -> Iterator[Seen | Result]:
    source = returned.SOURCE if row.source == returned.SOURCE else SOURCE
    for item in () if isinstance(items, Unreadable) else items:
        if isinstance(item, Unusable):
            yield {"event": item.event, "outcome": _outcome(item), "words": item.words}
            continue
        mail = known.get((row.connection_id, item.message_id))
        if mail and item.recipient and _is_other(item.recipient, mail.email):
            mail = mails.copy_to(mail, item.recipient) or mail
        if mail is None:
            yield {"event": str(item.kind), "outcome": "ignored", "words": UNKNOWN}
        elif _is_other(item.recipient, mail.email):
            other = {"event": str(item.kind), "outcome": "ignored", "words": OTHER_PERSON}
            yield other | {"workspace": mail.workspace_id}
        else:
            yield facts.seen(item, mail, source, row.received_at)


def _is_other(recipient: str | None, email: str) -> bool:
    # Mail is forwarded, and lists expand: a bounce of somebody behind the recipient says nothing about the recipient.
    if not recipient or recipient == email:
        return False
    return addresses.key(recipient.strip()) != addresses.key(email)


def _outcome(item: Unusable) -> str:
    if item.refused:
        return "refused"
    return "confirmed" if isinstance(item, Confirmation) else "ignored"


def _tell(one: Seen | Result, new: set[facts.FactKey], fresh: list[Seen]) -> Result:
    """What became of an event. The first one to tell a fact takes it out of `new`, and is put into `fresh`."""
    if not isinstance(one, Seen):
        return one
    first = one.key in new
    if first:
        new.remove(one.key)
        fresh.append(one)
    return {
        "event": str(one.report.kind),
        "outcome": "applied" if first else "repeated",
        "words": consequences.WORDS[one.report.kind] if first else REPEATED,
        "recipient": one.mail.email,
        "workspace": one.mail.workspace_id,
    }


def _finish(rows: Sequence[Any], read: Sequence[Items], told: Sequence[Sequence[Result]]) -> None:
    """Write what became of these requests."""
    done = []
    for row, items, results in zip(rows, read, told, strict=True):
        changed = any(result["outcome"] in _CHANGING for result in results)
        state = HookRequestState.APPLIED if changed else HookRequestState.IGNORED
        note = items.sentence if isinstance(items, Unreadable) else _summary(results)
        done.append(Done(row.id, state, list(results), note))
    recording.note_done(done, now())
    recording.note_workspaces(
        {
            (row.id, result["workspace"])
            for row, results in zip(rows, told, strict=True)
            for result in results
            if result.get("workspace")
        }
    )


def _summary(results: Sequence[Result]) -> str:
    counts = Counter(result["outcome"] for result in results)
    return ", ".join(f"{count} {outcome}" for outcome, count in counts.items()) or "empty"
