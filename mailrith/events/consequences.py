"""What a fact does to the person it is about. A block is about the sender, and a deferral about the hour: they change nobody.
But receivers that want fewer messages get fewer.

A stronger status is never replaced by a weaker one, and a run of soft bounces is computed from all facts, so the order in which
facts arrive does not matter.
"""

from collections import defaultdict
from collections.abc import Sequence

from mailrith.core.db import db
from mailrith.delivery import actions as deliveries
from mailrith.delivery.models import Delivery
from mailrith.events import listed, queries, soft_bounces, spreading, telling, turns
from mailrith.events.mailbox import returned
from mailrith.events.mails import Mail
from mailrith.events.models import FactKind
from mailrith.events.reports import Report
from mailrith.subscribers import actions as subscribers
from mailrith.subscribers import changing
from mailrith.subscribers.links import UnsubscribeClaim
from mailrith.suppression import actions as suppression
from mailrith.suppression.models import SuppressionReason

WORDS = {
    FactKind.DELIVERED: "Noted: it was delivered.",
    FactKind.DEFERRED: "Noted: the other server wants it later.",
    FactKind.SOFT_BOUNCE: "Noted. The person stays subscribed, unless this goes on for weeks.",
    FactKind.BLOCK: "Noted. It is about the sender, so the person stays subscribed.",
    FactKind.HARD_BOUNCE: "The person is Bounced now, and gets no more mail.",
    FactKind.COMPLAINT: "The person is Complained now, and gets no more mail.",
    FactKind.UNSUBSCRIBED: "The person is Unsubscribed now, and gets no more mail.",
    FactKind.REJECTED: "Noted: the provider did not send it. If it keeps the address on a list of its own, the address is suppressed.",
}

_REASONS = {
    FactKind.HARD_BOUNCE: SuppressionReason.BOUNCED,
    FactKind.COMPLAINT: SuppressionReason.COMPLAINED,
    FactKind.UNSUBSCRIBED: SuppressionReason.UNSUBSCRIBED,
}
# After these a mail that seemed to have arrived is known to have come back.
_CAME_BACK = frozenset({FactKind.SOFT_BOUNCE, FactKind.BLOCK, FactKind.REJECTED})
_DECIDING = _CAME_BACK | frozenset(_REASONS)


def draw(fresh: Sequence[tuple[Report, Mail]]) -> None:
    """Change the people whom these new facts concern. The caller commits."""
    turns.take(
        deciding=[delivery.fingerprint for report, delivery in fresh if report.kind in _DECIDING],
        noting=[
            delivery.fingerprint for report, delivery in fresh if report.kind == FactKind.DELIVERED
        ],
    )
    done = _bounce(fresh)
    for report, delivery in fresh:
        if report.kind in _REASONS:
            if delivery.id not in done:
                _stop_mailing(report, delivery)
        elif report.kind == FactKind.REJECTED and listed.says_so(report.diagnostic):
            _keep_off(report, delivery)
    _slow_down(fresh)
    soft_bounces.judge(_people(fresh, _CAME_BACK))
    soft_bounces.reconsider(_people(fresh, frozenset({FactKind.DELIVERED})))
    late = telling.wrongly_arrived(
        {delivery.id for report, delivery in fresh if report.kind == FactKind.DELIVERED}
    )
    if late:
        turns.take(deciding=late.values(), noting=())
        soft_bounces.judge(late)


def _bounce(fresh: Sequence[tuple[Report, Mail]]) -> set[int]:
    """Hard bounces are many when a list is old: they go in bulk. Gives the ids of the deliveries that this was all about.

    Somebody of whom more is told than one bounce is left to the others, and so is who has another address by now.
    """
    told: dict[tuple[int, bytes], list[tuple[Report, Mail]]] = defaultdict(list)
    for report, delivery in fresh:
        if report.kind in _DECIDING:
            told[delivery.workspace_id, delivery.fingerprint].append((report, delivery))
    lone: dict[int, dict[bytes, tuple[Report, Mail]]] = defaultdict(dict)
    for (workspace_id, fingerprint), [first, *more] in told.items():
        if not more and first[0].kind == FactKind.HARD_BOUNCE:
            lone[workspace_id][fingerprint] = first
    done = set()
    for workspace_id, bounced in sorted(lone.items()):
        words = {fingerprint: _words(report) for fingerprint, (report, _) in bounced.items()}
        found = changing.bounce(workspace_id, words)
        done |= {bounced[fingerprint][1].id for fingerprint in found}
    return done


def _slow_down(fresh: Sequence[tuple[Report, Mail]]) -> None:
    """Receivers that want fewer messages get fewer. What many events say of one domain in the same words is heeded once."""
    said = {
        (
            delivery.email.rpartition("@")[2].lower(),
            report.enhanced_status,
            report.diagnostic,
        ): delivery
        for report, delivery in fresh
        if report.kind == FactKind.DEFERRED
    }
    for (_, status, words), delivery in said.items():
        row = db.session.get(Delivery, delivery.id)
        if row is not None:
            deliveries.told_to_wait(row, status, words)


def _people(fresh: Sequence[tuple[Report, Mail]], kinds: frozenset[FactKind]) -> frozenset[int]:
    return frozenset(
        delivery.subscriber_id
        for report, delivery in fresh
        if report.kind in kinds and delivery.subscriber_id is not None
    )


def _stop_mailing(report: Report, delivery: Mail) -> None:
    words = _words(report)
    person = queries.person_of(delivery)
    if person is None:
        # Deleted meanwhile: the address must not come back by an import.
        suppression.suppress(
            delivery.workspace_id, delivery.fingerprint, None, _REASONS[report.kind], words
        )
    elif report.kind == FactKind.HARD_BOUNCE:
        subscribers.record_hard_bounce(person.id, words, fingerprint=delivery.fingerprint)
    elif report.kind == FactKind.COMPLAINT:
        subscribers.record_complaint(person.id, words, fingerprint=delivery.fingerprint)
    else:
        # No delivery id: the fact about the delivery is written already.
        claim = UnsubscribeClaim(delivery.workspace_id, person.id, delivery.fingerprint, 0)
        subscribers.unsubscribe(claim, words)
    if report.kind == FactKind.COMPLAINT:
        spreading.spread_complaint(delivery)


def _keep_off(report: Report, delivery: Mail) -> None:
    """On the suppression list with the service's reason. The status stays: the person did nothing."""
    person = queries.person_of(delivery)
    same = person is not None and person.fingerprint == delivery.fingerprint
    suppression.suppress(
        delivery.workspace_id,
        delivery.fingerprint,
        delivery.email if same else None,
        SuppressionReason.PROVIDER,
        _words(report),
    )


def _words(report: Report) -> str:
    """The reason as it stands on the subscriber's page."""
    if report.diagnostic == returned.LEFT:
        return f"Unsubscribed {returned.LEFT}."
    said = " ".join(part for part in (report.enhanced_status, report.diagnostic) if part)
    start = {
        FactKind.HARD_BOUNCE: "The mail server says that the address does not exist",
        FactKind.COMPLAINT: "Marked the mail as spam",
        FactKind.UNSUBSCRIBED: "Unsubscribed at the provider",
        FactKind.REJECTED: "The email service has it on its own suppression list",
    }[report.kind]
    return f"{start}: {said}"[:200] if said else f"{start}."
