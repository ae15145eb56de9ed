"""From a stored request to facts, and from new facts to the people they are about. Once, in any order.

All of one request happens in one transaction: the facts, what they did, and that the request is done.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from mailrith.core import addresses, queue
from mailrith.core.clock import now
from mailrith.core.db import db
from mailrith.delivery import evidence
from mailrith.delivery.models import Delivery
from mailrith.events import confirming, consequences, facts, queries, reading, recording
from mailrith.events.confirming import Answers
from mailrith.events.mailbox import returned
from mailrith.events.models import HookRequest, HookRequestState
from mailrith.events.reports import Confirmation, Report, Unusable
from mailrith.events.strict_json import Unreadable

SOURCE = "webhook"

UNKNOWN = "No message of this connection has this Message-ID. Nothing was changed."
OTHER_PERSON = "The message with this Message-ID went to another address. Nothing was changed."
REPEATED = "Known already. Nothing was changed."

CHANGING = {"applied", "repeated", "confirmed"}

Match = tuple[Report, Delivery]


def apply(request_id: int, answers: Answers | None = None) -> bool:
    """Apply one stored request. False when somebody else has it, or had it, or an answer has to go out first. The caller commits."""
    request = db.session.scalar(
        select(HookRequest)
        .where(HookRequest.id == request_id, HookRequest.state == HookRequestState.RECEIVED)
        .with_for_update(skip_locked=True)
    )
    if request is None:
        return False
    items = reading.items_of(request)
    if not isinstance(items, Unreadable) and confirming.is_open(items, answers or {}):
        if answers is None:
            queue.enqueue("mailrith.events.jobs.confirm", request.id, queue=queue.EVENTS)
        return False
    if isinstance(items, Unreadable):
        request.note = items.sentence
        request.results = []
    else:
        settled = [confirming.settled(item, answers or {}) for item in items]
        request.results = _apply_items(request, settled)
        request.note = _summary(request.results)
    changed = any(result["outcome"] in CHANGING for result in request.results)
    request.state = HookRequestState.APPLIED if changed else HookRequestState.IGNORED
    request.applied_at = now()
    return True


def _apply_items(request: HookRequest, items: Sequence[Report | Unusable]) -> list[dict[str, Any]]:
    """Returns what became of each item, in its order, in words."""
    wanted = {item.message_id for item in items if isinstance(item, Report)}
    deliveries = queries.deliveries_named(request.connection_id, wanted)
    judged = [_judge(item, deliveries) for item in items]
    matches = [found for found in judged if isinstance(found, tuple)]
    source = returned.SOURCE if request.source == returned.SOURCE else SOURCE
    new = facts.insert_new(matches, source, request.received_at)
    evidence.settle({delivery.id for _, delivery in matches})
    results, seen, fresh = [], set(), []
    for found in judged:
        if not isinstance(found, tuple):
            results.append(found)
            continue
        report, delivery = found
        key = (delivery.id, facts.key_of(report))
        first = key in new and key not in seen
        seen.add(key)
        if first:
            fresh.append(found)
        results.append(_result(report, delivery, first=first))
    consequences.draw(fresh)
    recording.note_workspaces(request.id, {result.get("workspace", 0) for result in results} - {0})
    return results


def _judge(item: Report | Unusable, deliveries: dict[str, Delivery]) -> Match | dict[str, Any]:
    """The delivery that a report is about, or the result that says why there is none."""
    if isinstance(item, Unusable):
        return {"event": item.event, "outcome": _outcome(item), "words": item.words}
    delivery = deliveries.get(item.message_id)
    if delivery is None:
        return {"event": str(item.kind), "outcome": "ignored", "words": UNKNOWN}
    # Mail is forwarded, and lists expand: a bounce of somebody behind the recipient says nothing about the recipient.
    if item.recipient and addresses.key(item.recipient.strip()) != addresses.key(delivery.email):
        other = {"event": str(item.kind), "outcome": "ignored", "words": OTHER_PERSON}
        return other | {"workspace": delivery.workspace_id}
    return item, delivery


def _outcome(item: Unusable) -> str:
    if item.refused:
        return "refused"
    return "confirmed" if isinstance(item, Confirmation) else "ignored"


def _result(report: Report, delivery: Delivery, *, first: bool) -> dict[str, Any]:
    return {
        "event": str(report.kind),
        "outcome": "applied" if first else "repeated",
        "words": consequences.WORDS[report.kind] if first else REPEATED,
        "recipient": delivery.email,
        "workspace": delivery.workspace_id,
    }


def _summary(results: Sequence[dict[str, Any]]) -> str:
    counts: dict[str, int] = {}
    for result in results:
        counts[result["outcome"]] = counts.get(result["outcome"], 0) + 1
    return ", ".join(f"{count} {outcome}" for outcome, count in counts.items()) or "empty"
