"""What one slice has marked and heard, and the turns in which the ledger takes it. Survives a database that goes away."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from contextvars import copy_context
from typing import Any, TypeVar

from mailrith.core.clock import now, ticking
from mailrith.delivery.ledger.entries import Marked, Turn
from mailrith.delivery.ledger.journal import Journal
from mailrith.delivery.ledger.results import Judgement, Result, judge
from mailrith.delivery.ledger.turns import AWAY, Ledger
from mailrith.delivery.models import DeliveryState
from mailrith.delivery.runs import rerouting
from mailrith.delivery.sending import effects
from mailrith.delivery.sending.engine import Engine
from mailrith.delivery.sending.order import Order
from mailrith.smtp.outcome import Outcome

T = TypeVar("T")

AWAY_SECONDS = 0.5
FIRST_CLAIM, LARGEST_CLAIM = 50, 1000
SHORT_SECONDS, LONG_SECONDS = (
    2,
    10,
)  # a claim that lasts longer is kept from other workers for nothing


class Books:
    """Belongs to one slice. The ledger's thread does the work; the loop only waits for it."""

    def __init__(self, order: Order, ledger: Ledger, engine: Engine) -> None:
        self.outstanding: dict[int, Marked] = {}  # marked, outcome not recorded
        self.pending: list[Result] = []  # known, not recorded
        self.dry = False  # the last claim found nobody
        self._order = order
        self._ledger = ledger
        self._gate = ledger.gate
        self._engine = engine
        self._journal = Journal()
        self._kept = 0  # how many of `pending` are in the journal
        self._bounced: list[effects.HardBounce] = []
        self._claim_size = FIRST_CLAIM
        self._claimed_at = 0.0
        self._renewed_at = ticking()

    @property
    def claimed(self) -> int:
        """Recipients at hand who are not marked yet."""
        return len(self._ledger.claimed) + (self._gate.waiting if self._gate else 0)

    @property
    def idle(self) -> bool:
        """Whether there is nothing to send, and nothing on the wire."""
        return self.dry and not self.claimed and not self.outstanding

    def enter(self, marked: Marked, outcome: Outcome) -> Judgement:
        """Note what became of a message."""
        claimed = marked.claimed
        judged = judge(
            outcome,
            claimed.id,
            marked.attempt,
            give_up_at=self._order.give_up_at,
            now=now(),
            own_sender=self._order.own_sender,
        )
        self.pending.append(judged.result)
        if self._gate:
            self._gate.hear(claimed, slow=judged.slow)
        if judged.hard:
            words, workspace_id = judged.result.diagnostic, self._order.workspace_id
            self._bounced.append(
                effects.HardBounce(workspace_id, claimed.subscriber_id, claimed.fingerprint, words)
            )
        return judged

    def give_back(self, unsent: Iterable[Marked]) -> None:
        """These certainly did not go."""
        self.pending.extend(
            Result(one.claimed.id, one.attempt, DeliveryState.QUEUED) for one in unsent
        )

    def doubt(self, lost: Iterable[Marked]) -> None:
        """Of these nobody knows."""
        self.pending.extend(
            Result(one.claimed.id, one.attempt, DeliveryState.IN_DOUBT, "connection_closed")
            for one in lost
        )

    async def turn(self, room: int = 0, *, look: bool = False, more: bool = True) -> Turn | None:
        """Record what is pending and mark up to `room`. None when the database is away; then ask again.

        `more` allows new claims, `look` asks for the situation.
        """
        await self._apply_bounces()
        results, self.pending = self.pending, []
        claim = self._claim_size if more and not self.dry else 0
        try:
            turn = await self.in_thread(
                lambda: self._take_turn(results, room=room, claim=claim, look=look)
            )
        except AWAY:
            self.pending = results + self.pending
            await self._survive()
            return None
        self._landed(results)
        for marked in turn.marked:
            self.outstanding[marked.claimed.id] = marked
        if claim:
            self.dry = turn.empty
            self._resize_claims(room)
        if any(result.state == DeliveryState.QUEUED for result in results):
            self.dry = False
        return turn

    async def renew(self) -> None:
        """Prolong the marks of what waits long for an answer."""
        if not self.outstanding or ticking() - self._renewed_at < self._ledger.lease_seconds / 4:
            return
        self._renewed_at = ticking()
        ids = list(self.outstanding)
        with suppress(*AWAY):
            await self.in_thread(lambda: self._ledger.renew(ids))

    async def stop(self, cause: str, words: str) -> None:
        """Let the run go another way, or rest, as soon as the database takes it."""
        order = self._order
        with suppress(*AWAY):
            await self.in_thread(
                lambda: rerouting.stop(order.run_id, order.connection_id, cause, words)
            )

    async def close(self) -> None:
        """Give unsent claims back."""
        with suppress(*AWAY):
            await self.in_thread(self._ledger.close)

    def in_thread(self, work: Callable[[], T]) -> "asyncio.Future[T]":
        """Run `work` in the ledger's thread, with the database session of the job."""
        context = copy_context()
        return asyncio.get_running_loop().run_in_executor(
            self._engine.thread, lambda: context.run(work)
        )

    def _take_turn(self, results: Sequence[Result], **asked: Any) -> Turn:
        if self._gate:
            known = {result.delivery_id for result in results}
            flying = (m.claimed for id_, m in self.outstanding.items() if id_ not in known)
            self._gate.prepare(flying)
        return self._ledger.turn(results, **asked)

    def _landed(self, results: Iterable[Result]) -> None:
        if self._kept:
            self._journal.landed()
            self._kept = 0
        for result in results:
            self.outstanding.pop(result.delivery_id, None)

    def _resize_claims(self, room: int) -> None:
        if not room or len(self._ledger.claimed) >= room:
            return
        lasted, self._claimed_at = ticking() - self._claimed_at, ticking()
        if lasted < SHORT_SECONDS:
            self._claim_size = min(self._claim_size * 2, LARGEST_CLAIM)
        elif lasted > LONG_SECONDS:
            self._claim_size = max(self._claim_size // 2, FIRST_CLAIM)

    async def _survive(self) -> None:
        """The database is away: put what was heard on the disk, and wait."""
        fresh = self.pending[self._kept :]
        if fresh:
            with suppress(OSError):  # a full disk: memory has to do
                self._journal.keep(fresh)
            self._kept = len(self.pending)
        await asyncio.sleep(AWAY_SECONDS)

    async def _apply_bounces(self) -> None:
        """People first, then the ledger: a crash in between repeats this, which changes nothing."""
        if not self._bounced:
            return
        bounced, self._bounced = self._bounced, []
        try:
            await self.in_thread(lambda: effects.record_hard_bounces(bounced))
        except AWAY:
            self._bounced = bounced + self._bounced
