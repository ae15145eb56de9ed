"""Named places in the life of a worker and a scheduler at which they can be killed, and how a process is armed with one.

No code of Mailrith knows of this: in a process of the harness a function is wrapped by its name, and at the n-th passing
the process writes down where it is and kills itself with SIGKILL.
"""

import asyncio
import functools
import importlib
import inspect
import os
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


def _always(arguments, result) -> bool:
    return True


def _found(arguments, result) -> bool:
    return bool(result)


@dataclass(frozen=True)
class Point:
    """`where` is "module:name"; `moment` before or after the call, or on the wire: after or halfway through a write.

    `counts` decides from arguments and result whether a call is a passing; `caller` wants the call from that function, while
    that local of it ("function.local") holds something.
    `needs` is what has to happen outside for the place to be reached; `often` bounds the passing that is chosen.
    `chunking` says whether the mail server takes BDAT (None: the seed chooses).
    """

    name: str
    where: str
    moment: str = "after"
    counts: Callable = _always
    caller: str = ""
    role: str = "worker"
    needs: str = ""
    often: int = 1
    chunking: bool | None = None


LEDGER = "mailrith.delivery.ledger.turns:Ledger"
LANES = "mailrith.delivery.sending.lanes:"
SESSION = "mailrith.smtp.session:Session"
WRITE = "mailrith.smtp.wire:Wire.write"
COMMIT = "sqlalchemy.orm:scoped_session.commit"


def _starts(words):
    return lambda arguments, result: arguments[1].startswith(words)


def _final(arguments, result):
    """Whether the write holds what ends a message: a dot, or the last chunk."""
    return b"\r\n.\r\n" in arguments[1] or b" LAST\r\n" in arguments[1][:2000]


def _sent_behind(arguments, result):
    """Whether the message was taken, with the envelope of the next one on its way."""
    return result.kind == "sent" and arguments[0].committed


def _ahead(arguments, result):
    """Whether the envelope of this message had gone before."""
    return arguments[2].ahead


def _lane_ahead(arguments, result):
    """Whether a line has an envelope that goes no further."""
    lanes = arguments[0]._lanes
    return any(lane.session is not None and lane.session.committed for lane in lanes)


POINTS = {
    point.name: point
    for point in (
        # the audience
        Point("preparing", "mailrith.delivery.runs.freezing:_see_one_moment", "before"),
        Point("freezing", "mailrith.delivery.runs.freezing:_write"),
        Point("frozen", "mailrith.delivery.runs.freezing:freeze"),
        Point("starting", "mailrith.delivery.runs.phases:start", counts=_found),
        Point("started", "mailrith.core.queue:push", "before"),
        # claim and mark
        Point("loaded", "mailrith.delivery.sending.order:load"),
        Point("claiming", f"{LEDGER}._claim", counts=_found, often=3),
        Point("marking", f"{LEDGER}._marked", counts=_found, often=30),
        Point("marked", f"{LEDGER}.turn", counts=lambda a, r: r.marked, often=30),
        # the wire
        Point("connected", f"{LANES}connect", often=4),
        Point("mail", WRITE, "write", _starts(b"MAIL"), often=150),
        Point(
            "mail alone",
            WRITE,
            "write",
            _starts(b"MAIL"),
            needs="lock-step",
            often=150,
            chunking=False,
        ),
        Point(
            "rcpt", WRITE, "write", _starts(b"RCPT"), needs="lock-step", often=150, chunking=False
        ),
        Point(
            "data", WRITE, "write", _starts(b"DATA"), needs="lock-step", often=150, chunking=False
        ),
        Point("prompted", f"{SESSION}._envelope", often=150, chunking=False),
        Point("before dot", f"{LANES}Lanes._may_finish", counts=_found, often=150),
        Point("content", WRITE, "half", _final, often=150),
        Point("dot", WRITE, "write", _final, often=150),
        Point(
            "replied",
            f"{SESSION}.send",
            counts=lambda a, r: r.kind == "sent",
            often=150,
        ),
        # the next envelope behind a dot
        Point("ahead", f"{SESSION}.send_ahead", "soon", _found, often=100, chunking=False),
        Point("ahead replied", f"{SESSION}.send", "after", _sent_behind, often=100, chunking=False),
        Point("ahead opened", f"{SESSION}._open", "after", _ahead, often=100, chunking=False),
        Point("ahead prompted", f"{SESSION}._envelope", "after", _ahead, often=100, chunking=False),
        Point(
            "ahead halted",
            f"{LANES}Lanes.halt",
            "after",
            _lane_ahead,
            needs="drains",
            chunking=False,
        ),
        Point("renewed", f"{LEDGER}.renew", needs="slow"),
        # the outcome
        Point(
            "bounced",
            "mailrith.delivery.sending.effects:record_hard_bounces",
            needs="refuse",
            often=3,
        ),
        Point("recording", f"{LEDGER}._record_and_mark", counts=lambda a, r: a[1], often=30),
        Point("recorded", f"{LEDGER}.turn", counts=lambda a, r: a[1], often=30),
        Point("requeued", f"{LEDGER}.turn", counts=lambda a, r: a[1], needs="defer", often=30),
        # the journal, while the database is away
        Point("journal's fsync", "os:fsync", "before", needs="away"),
        Point("journaled", "mailrith.delivery.ledger.journal:Journal.keep", needs="away"),
        Point(
            "landing",
            "mailrith.delivery.ledger.journal:Journal.landed",
            "before",
            lambda a, r: a[0]._file is not None,
            needs="away",
        ),
        Point("replaying", "mailrith.delivery.ledger.turns:record_alone", needs="journal left"),
        Point("replayed", "mailrith.delivery.ledger.journal:forget", needs="journal left"),
        # pausing, moving, ending
        Point("halted", f"{LANES}Lanes.halt", needs="pause"),
        Point(
            "paused", "mailrith.delivery.sending.slice:Slice._close_lines", "before", needs="pause"
        ),
        Point("moving", "mailrith.delivery.runs.rerouting:_move", needs="stand-in"),
        Point("moved", "mailrith.delivery.runs.rerouting:stop", needs="stand-in"),
        Point(
            "draining", "mailrith.delivery.sending.slice:Slice._wind_down", "before", needs="drain"
        ),
        Point("drained", "mailrith.delivery.sending.slices:_after", "before", needs="drain"),
        Point("finishing", "mailrith.delivery.runs.phases:finish", counts=_found, needs="either"),
        # the scheduler
        Point(
            "expiring",
            COMMIT,
            "before",
            caller="expire_marks.run_ids",
            role="scheduler",
            needs="dead worker",
            often=3,
        ),
        Point(
            "expired",
            COMMIT,
            "after",
            caller="expire_marks.run_ids",
            role="scheduler",
            needs="dead worker",
            often=3,
        ),
        Point(
            "finding",
            "mailrith.delivery.pacing.pace:missed",
            counts=_found,
            role="scheduler",
            needs="dead worker",
        ),
        Point(
            "requeueing",
            COMMIT,
            "before",
            caller="requeue_deferred.due",
            role="scheduler",
            needs="defer",
            often=3,
        ),
    )
}


def arm(name: str, nth: int, reached: Path) -> None:
    """Let this process die at the `nth` passing of the point. `reached` gets a line that says so."""
    point = POINTS[name]
    left = [nth]

    def passing() -> bool:
        left[0] -= 1
        return left[0] == 0

    def die() -> None:
        with reached.open("a") as file:
            file.write(f"{name}\n")
        os.kill(os.getpid(), signal.SIGKILL)

    owner, attribute = find(point.where)
    original = getattr(owner, attribute)
    if point.moment in ("write", "half"):
        wrapped = _on_the_wire(point, original, passing, die)
    elif inspect.iscoroutinefunction(original):
        wrapped = _around_coroutine(point, original, passing, die)
    else:
        wrapped = _around(point, original, passing, die)
    setattr(owner, attribute, wrapped)


def find(where: str) -> tuple[object, str]:
    """Who holds the name "module:Class.method" or "module:function", and its last part."""
    module, _, path = where.partition(":")
    *outer, attribute = path.split(".")
    return functools.reduce(getattr, outer, importlib.import_module(module)), attribute


def _around(point, original, passing, die):
    @functools.wraps(original)
    def wrapped(*arguments, **options):
        called_from = not point.caller or _called_from(sys._getframe(1), point.caller)
        if point.moment == "before":
            if called_from and point.counts(arguments, None) and passing():
                die()
            return original(*arguments, **options)
        result = original(*arguments, **options)
        if called_from and point.counts(arguments, result) and passing():
            _soon(die) if point.moment == "soon" else die()
        return result

    return wrapped


def _soon(die) -> None:
    """When the loop has handed to the kernel what it was told to write."""
    asyncio.get_running_loop().call_soon(die)


def _called_from(frame, caller: str) -> bool:
    function, _, local = caller.partition(".")
    return frame.f_code.co_name == function and bool(frame.f_locals.get(local))


def _around_coroutine(point, original, passing, die):
    @functools.wraps(original)
    async def wrapped(*arguments, **options):
        if point.moment == "before" and point.counts(arguments, None) and passing():
            die()
        result = await original(*arguments, **options)
        if point.moment == "after" and point.counts(arguments, result) and passing():
            die()
        return result

    return wrapped


def _on_the_wire(point, original, passing, die):
    @functools.wraps(original)
    def write(wire, data):
        if not point.counts((wire, data), None) or not passing():
            return original(wire, data)
        if wire._transport.get_write_buffer_size():  # something goes before it
            original(wire, data)
            return _soon(die)
        # Straight to the kernel: the loop would send it only in its next round.
        line = wire._transport.get_extra_info("socket").fileno()
        os.write(line, data[: len(data) // 2] if point.moment == "half" else data)
        return die()

    return write
