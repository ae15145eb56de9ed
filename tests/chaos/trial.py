"""One trial: a broadcast from its launch to its end, with what the plan does to it on the way, and the verdict."""

import random
import signal
import socket
import time
from pathlib import Path

from sqlalchemy import select

from mailrith.core.db import db
from mailrith.delivery.models import Delivery, DeliveryState, Run, RunPhase
from mailrith.subscribers.links import unsubscribe_url
from tests.chaos import faults, judge
from tests.chaos.nursery import Process
from tests.chaos.plans import Plan
from tests.chaos.points import POINTS
from tests.chaos.theatre import Theatre

LONGEST_SECONDS = 150.0  # also where eight programs share two processors
LOOK_SECONDS = 0.02
ASK_SECONDS = 0.1  # between two questions to the database
LEAVING = 4  # people who unsubscribe in the middle
SINK_DELAY_MS = "4"  # so that there is a middle
UNSURE = ("close", "drop", "deaf", "cut")  # faults of the sink that leave somebody in doubt


class Trial:
    """Played once."""

    def __init__(self, theatre: Theatre, plan: Plan) -> None:
        self.theatre, self.here, self.plan = theatre, theatre.here, plan
        self.rng = random.Random(plan.seed)
        self.workers = [f"worker {number}" for number in range(plan.worker_count)]
        self.kills = 0
        self.allowed = 0  # in doubt for other reasons than kills
        self.run_id = 0
        self.sinks: list[Process] = []
        self._logs: list[Path] = []
        self._lives = {role: list(lives) for role, lives in plan.arms.items()}
        self._waiting = [(part, getattr(faults, name)) for part, name in plan.cues]
        self._going: list[tuple[float, object]] = []
        self._leaving: dict[int, str] = {}
        self._gone: dict[int, float] = {}
        self._asked_to_leave = False
        self._looked_at = 0.0

    def play(self) -> judge.Verdict:
        began = len(self.theatre.reached())
        self._set_the_scene()
        end = time.monotonic() + LONGEST_SECONDS
        while True:
            self._go_on(until=end)
            for name in self.workers:
                self.theatre.end(name)
            # A worker that was stopped may have opened the run again as it left.
            if self._phase() == RunPhase.FINISHED or time.monotonic() >= end:
                break
        self._hear_everything()
        died = self.theatre.reached()[began:]
        self.kills += sum(1 for name in died if POINTS[name].role == "worker")
        verdict = judge.judge(
            self.here,
            self.run_id,
            self._logs,
            people=self.plan.recipients,
            allowed_in_doubt=2 * self.plan.sessions * self.kills + self.allowed + self._unsure(),
            gone=self._gone,
        )
        verdict.died, verdict.kills, verdict.left = died, self.kills, len(self._gone)
        self._clear()
        return verdict

    def kill(self, name: str) -> None:
        """kill -9 of one process."""
        process = self.theatre.running.get(name)
        if process is not None and process.alive:
            process.signal(signal.SIGKILL)
            process.wait(5)
            self.kills += name.startswith("worker")

    @property
    def _own_scheduler(self) -> bool:
        return "scheduler" in self.plan.arms or bool(self.plan.control)

    # ---- before ------------------------------------------------------------------------------

    def _set_the_scene(self) -> None:
        plan = self.plan
        for _ in range(2 if plan.stand_in else 1):
            self._start_sink()
        if self._own_scheduler:
            self.theatre.end("scheduler")
        first, *others = (sink.port for sink in self.sinks)
        self.run_id = self.here.make_run(first, plan.recipients, sessions=plan.sessions)
        if plan.sign_in:
            self.here.sign_in(self.run_id, "the first one")
        for port in others:
            self.here.add_stand_in(self.run_id, port, sessions=plan.sessions)
        self._revive()

    def _start_sink(self) -> None:
        plan = self.plan
        options = ["--fsync", "--delay-ms", SINK_DELAY_MS, "--seed", str(plan.seed)]
        options += ["--faults", plan.faults, *(["--lock-step"] if plan.lock_step else [])]
        options += ["--chunking"] if plan.chunking else []
        options += ["--sign-in"] if plan.sign_in else []
        log = self.here.folder / f"sink-{time.monotonic_ns()}.log"
        self.sinks.append(self.theatre.start_sink(log, *options))
        self._logs.append(log)

    def _revive(self) -> None:
        """Start whatever is not running; a new life has a new point to die at."""
        for name in ("web", "scheduler", *self.workers):
            process = self.theatre.running.get(name)
            if process is None or not process.alive:
                lives = self._lives.get(name.partition(" ")[0], [])
                arms = (lives.pop(0),) if lives else ()
                self.theatre.start(
                    name, arms=arms, control=self.plan.control, impatient=self.plan.impatient
                )

    def _go_on(self, *, until: float) -> None:
        while time.monotonic() < until and not self._over():
            self._cue()
            self._say_good_bye()
            self._revive()
            time.sleep(LOOK_SECONDS)
        for _, cue in self._going:  # leave the theatre as it was
            for _ in cue:
                pass
        self._going = []

    # ---- in the middle -----------------------------------------------------------------------

    def _over(self) -> bool:
        if time.monotonic() - self._looked_at < ASK_SECONDS:
            return False
        self._looked_at = time.monotonic()
        return self._phase() == RunPhase.FINISHED and not self._going

    def _phase(self) -> RunPhase | None:
        return self.theatre.asked(
            lambda: db.session.scalar(select(Run.phase).where(Run.id == self.run_id))
        )

    def _part(self) -> float:
        """Which part of the audience has been heard of."""
        lines = sum(log.read_bytes().count(b"\n") for log in self._logs)
        return lines / self.plan.recipients

    def _cue(self) -> None:
        part, moment = self._part(), time.monotonic()
        for due in [one for one in self._waiting if one[0] <= part]:
            self._waiting.remove(due)
            self._going.append((moment, due[1](self)))
        still = []
        for at, cue in self._going:
            if at > moment:
                still.append((at, cue))
                continue
            seconds = next(cue, None)
            if seconds is not None:
                still.append((time.monotonic() + seconds, cue))
        self._going = still

    def _say_good_bye(self) -> None:
        """Some people unsubscribe in the middle; whoever is not answered presses again."""
        if not self._asked_to_leave and self._part() >= 0.4 and not self.plan.control:
            found = self.theatre.asked(self._queued)
            if found is None:
                return
            self._asked_to_leave = True
            for row in self.rng.sample(found, min(LEAVING, len(found))):
                with self.here.app.app_context():
                    self._leaving[row.id] = unsubscribe_url(
                        row.workspace_id, row.subscriber_id, row.fingerprint, row.id
                    )
        for id_, url in list(self._leaving.items()):
            if self.theatre.unsubscribe(url):
                self._gone[id_] = time.time()
                del self._leaving[id_]

    def _queued(self):
        return db.session.execute(
            select(
                Delivery.id, Delivery.workspace_id, Delivery.subscriber_id, Delivery.fingerprint
            ).where(Delivery.run_id == self.run_id, Delivery.state == DeliveryState.QUEUED)
        ).all()

    # ---- after -------------------------------------------------------------------------------

    def _hear_everything(self) -> None:
        """What killed workers left in the sockets is read before a sink answers us."""
        for sink in self.sinks:
            for _ in range(2 if sink.alive else 0):
                with socket.create_connection(("127.0.0.1", sink.port), 5) as line:
                    line.settimeout(5)
                    line.recv(100)
                    line.sendall(b"QUIT\r\n")
                    line.recv(100)

    def _unsure(self) -> int:
        notes = [log.with_name(log.name + ".faults") for log in self._logs]
        words = " ".join(note.read_text() for note in notes if note.exists()).split()
        return sum(words.count(kind) for kind in UNSURE)

    def _clear(self) -> None:
        if self._own_scheduler:
            self.theatre.end("scheduler")
        for sink in self.sinks:
            sink.signal(signal.SIGKILL)
            sink.wait(5)
        with self.here.app.app_context():
            judge.forget_marks()
