"""Services that ask first whether an address wants their events (SNS, and what speaks like it): saying yes, by a job.

Only a message whose signature was right and whose topic was chosen is stored at all, and its module lets through no address but the
service's own. The request waits as RECEIVED until it is answered, so a lost job is found again like any other.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import structlog

from mailrith.core import config, outbound
from mailrith.core.db import db
from mailrith.core.network import Policy
from mailrith.core.strict_json import Unreadable
from mailrith.events.models import HookRequest, HookRequestState
from mailrith.events.reading import Raw, Readers
from mailrith.events.reports import Confirmation, Report, Unusable

CONFIRMED = "Confirmed. The service posts its events here from now on."
REFUSED = "The service did not take the answer. Create the subscription again."

log = structlog.get_logger()

Answers = dict[str, bool]  # address -> whether the service took the yes


def is_open(items: Sequence[Report | Unusable], answers: Answers) -> bool:
    """Whether one of them still waits for an answer."""
    return any(isinstance(item, Confirmation) and item.url not in answers for item in items)


def settled(item: Report | Unusable, answers: Answers) -> Report | Unusable:
    """The item with what came of the answer."""
    if not isinstance(item, Confirmation):
        return item
    taken = answers[item.url]
    return replace(item, words=CONFIRMED if taken else REFUSED, refused=not taken)


def answer(request_id: int) -> Answers:
    """Say yes to what a stored request asks. Ends its transaction before it asks the network; nobody answering is left open."""
    addresses = _addresses(request_id)
    db.session.rollback()
    answers: Answers = {}
    for address in addresses:
        found = asyncio.run(outbound.get(address, policy=Policy.of(config.current())))
        if isinstance(found, outbound.NoAnswer) and found.reason == "silent":
            log.warning("hook_not_confirmed", request=request_id)
            continue
        answers[address] = isinstance(found, outbound.Answer) and found.ok
    return answers


def _addresses(request_id: int) -> list[str]:
    request = db.session.get(HookRequest, request_id)
    if request is None or request.state != HookRequestState.RECEIVED:
        return []
    raw = Raw(request.connection_id, request.source, request.body)
    items = Readers().items_of(raw)
    if isinstance(items, Unreadable):
        return []
    return [item.url for item in items if isinstance(item, Confirmation)]
