"""A stage on which one trial after another is played: the database, Valkey, a web server and a scheduler stay between them."""

import contextlib
import re
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
from sqlalchemy.exc import InterfaceError, OperationalError

from tests.bench.servers import free_port
from tests.chaos import judge
from tests.chaos.nursery import Nursery, Order, Process
from tests.chaos.postgres import Postgres, postgres
from tests.chaos.stage import Stage, stage

AWAY = (OperationalError, InterfaceError, psycopg.OperationalError)
LEASE_SECONDS = 0.8
SLICE_SECONDS = 5
PEOPLE_OF_A_REHEARSAL = 10


@dataclass
class Theatre:
    """`engine` names the database, `server` is the PostgreSQL that may be killed, if there is one."""

    here: Stage
    nursery: Nursery
    engine: str
    server: Postgres | None = None
    web_port: int = field(default_factory=free_port)
    running: dict[str, Process] = field(default_factory=dict)

    def start(self, name: str, **wishes) -> Process:
        """Start a process; what `name` begins with is its role."""
        order = self._order(name.partition(" ")[0], port=self.web_port, **wishes)
        self.running[name] = self.nursery.start(order)
        return self.running[name]

    def start_sink(self, log: Path, *options: str) -> Process:
        """A mail server that writes into `log`."""
        log.touch()
        return self.nursery.start(self._order("sink", options=("0", str(log), *options)))

    def rehearse(self) -> None:
        """Warm the nursery up with a broadcast to a few people."""
        sink = self.start_sink(self.here.folder / "rehearsal.log", "--chunking")
        run_id = self.here.make_run(sink.port, PEOPLE_OF_A_REHEARSAL, sessions=2)
        self.nursery.rehearse(self._order("rehearsal", options=(str(run_id),)))
        sink.signal(signal.SIGKILL)
        sink.wait(5)

    def _order(self, role: str, **wishes) -> Order:
        here = self.here
        same = {"settings": here.settings, "reached": here.folder / "reached"}
        return Order(role, log=here.folder / f"{role}.log", **same | wishes)

    def end(self, name: str) -> None:
        """Ask it to go, as an operator would."""
        process = self.running.pop(name, None)
        if process is not None:
            process.signal(signal.SIGCONT)
            process.signal(signal.SIGTERM)
            if not process.wait(15):
                process.signal(signal.SIGKILL)
                process.wait(5)

    def close(self) -> None:
        """End them all."""
        self.nursery.close()
        for process in self.running.values():
            process.close()

    def reached(self) -> list[str]:
        """The points at which processes have died so far."""
        path = self.here.folder / "reached"
        return path.read_text().splitlines() if path.exists() else []

    def asked(self, question: Callable):
        """What the database says, or None while it is away."""
        try:
            with self.here.reading():
                return question()
        except AWAY:
            return None

    def unsubscribe(self, url: str) -> bool:
        """Press one-click unsubscribe (RFC 8058). Whether it was answered: then it is committed."""
        parts = urlsplit(url)
        line = HTTPConnection("127.0.0.1", self.web_port, timeout=5)
        headers = {
            "Host": parts.netloc,
            "Content-Type": "application/x-www-form-urlencoded",
        }
        try:
            line.request("POST", parts.path, "List-Unsubscribe=One-Click", headers)
            return line.getresponse().status == 200
        except (OSError, HTTPException):
            return False
        finally:
            line.close()

    # ---- what happens to the database -------------------------------------------------------

    def shut_database(self) -> Callable[[], None]:
        """Let nobody write. Gives what opens it again."""
        if self.engine == "sqlite":
            import sqlite3

            path = self.here.settings.database_url.removeprefix("sqlite:///")
            lock = sqlite3.connect(path, timeout=10, isolation_level=None)
            lock.execute("BEGIN EXCLUSIVE")
            return lock.close
        name = self._database_name
        self._administer(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        self.cut_database()
        return lambda: self._administer(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")

    def cut_database(self) -> None:
        """End every connection to it."""
        self._administer(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            f"WHERE datname = '{self._database_name}'"
        )

    @property
    def _database_name(self) -> str:
        return urlsplit(self.here.settings.database_url).path.lstrip("/")

    def _administer(self, statement: str) -> None:
        url = self.here.settings.database_url.replace("postgresql+psycopg", "postgresql")
        with psycopg.connect(
            re.sub(r"/[^/?]+(\?|$)", r"/postgres\1", url, count=1), autocommit=True
        ) as connection:
            connection.execute(statement)


@contextlib.contextmanager
def theatre(engine: str, *, own_server: bool = False, **settings) -> Iterator[Theatre]:
    """With `own_server` on a PostgreSQL of its own, fsync on, that may be killed. `settings` are others than a trial's."""
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(postgres()) if own_server and engine != "sqlite" else None
        here = stack.enter_context(
            stage(
                engine,
                **{"lease_seconds": LEASE_SECONDS, "slice_seconds": SLICE_SECONDS} | settings,
            )
        )
        with here.app.app_context():
            judge.keep_marks()
        made = Theatre(here, Nursery(), engine, server)
        stack.callback(made.close)
        made.rehearse()
        yield made
