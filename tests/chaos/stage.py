"""Real processes on real servers: a database, a Valkey, a sink, workers and a scheduler, as an operator would start them."""

import base64
import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import insert, select, text

from mailrith.accounts.models import Workspace
from mailrith.connections import credentials
from mailrith.connections.models import Connection, SendingChoice
from mailrith.core import addresses, config, setting_values
from mailrith.core.db import db, transaction_mode
from mailrith.core.ids import uuid7
from mailrith.delivery import actions, queries
from mailrith.delivery.models import Run, RunPhase
from mailrith.delivery.sending import letters
from mailrith.demo.valkey import EmbeddedValkey
from mailrith.subscribers.audience import Audience
from mailrith.subscribers.models import Subscriber
from tests.support import databases

ROOT = Path(__file__).parent.parent.parent
KEY = config.Key("k1", bytes(range(32)))
PEOPLE_AT_ONCE = 5000
SLOW = 4  # of five people, the one whose receivers a sink may find too quickly written to


@dataclass
class Stage:
    """Everything that runs. Processes are started and killed by name of the object, never by name of the program."""

    settings: config.Settings
    app: object
    folder: Path
    valkey: EmbeddedValkey
    processes: list[subprocess.Popen] = field(default_factory=list)

    @property
    def environment(self) -> dict[str, str]:
        """What the processes of Mailrith are started with."""
        s = self.settings
        mine = {
            "MAILRITH_KEYS": f"{KEY.id}:{base64.urlsafe_b64encode(KEY.material).decode()}",
            "MAILRITH_DATABASE_URL": s.database_url,
            "MAILRITH_REDIS_URL": s.redis_url,
            "MAILRITH_PUBLIC_URL": s.public_url,
            "MAILRITH_DATA_DIR": str(s.data_dir),
            "MAILRITH_ALLOWED_NETWORKS": "127.0.0.0/8",
            "MAILRITH_LEASE_SECONDS": str(s.lease_seconds),
            "MAILRITH_SLICE_SECONDS": str(s.slice_seconds),
            "MAILRITH_UNDO_SECONDS": "0",
        }
        return {k: v for k, v in os.environ.items() if not k.startswith("MAILRITH_")} | mine

    def start(self, *arguments: str) -> subprocess.Popen:
        """`mailrith ARGUMENTS`, with its log in the folder."""
        with (self.folder / f"{arguments[0]}-{len(self.processes)}.log").open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "mailrith.cli", *arguments],
                env=self.environment,
                cwd=ROOT,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        self.processes.append(process)
        return process

    def start_sink(self, *options: str, name: str = "sink") -> tuple[int, Path]:
        """Our own sink. Gives its port and its log; its process is the last one."""
        log = self.folder / f"{name}.log"
        log.touch()
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.chaos.sink", "0", str(log), *options],
            cwd=ROOT,
            stdout=subprocess.PIPE,
        )
        self.processes.append(process)
        with process.stdout:
            return int(process.stdout.readline()), log

    def stop(self) -> None:
        for process in self.processes:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        for process in self.processes:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(12)
            if process.poll() is None:
                process.kill()
                process.wait()

    def wait_until_finished(self, run_id: int, seconds: float) -> dict[str, int]:
        """The counts of the finished run. Raises TimeoutError with the counts when it is not."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            with self.reading():
                phase = db.session.scalar(select(Run.phase).where(Run.id == run_id))
            if phase == RunPhase.FINISHED:
                return self.counts(run_id)
            time.sleep(0.1)
        raise TimeoutError(f"run {run_id} is {phase}: {self.counts(run_id)}")

    @contextlib.contextmanager
    def reading(self) -> Iterator[None]:
        """Queries that take no write lock from the processes."""
        with self.app.app_context(), transaction_mode(read_only=True):
            yield
            db.session.rollback()

    def counts(self, run_id: int) -> dict[str, int]:
        with self.reading():
            return {str(k): v for k, v in queries.counts(run_id).items() if v}

    def make_run(
        self,
        port: int,
        people: int,
        *,
        body: dict | None = None,
        sessions: int = 20,
        **columns,
    ) -> int:
        """A run of `people` through the server at `port`, launched as the web would. `columns` are those of the connection."""
        from tests.support import factories

        with self.app.app_context():
            workspace = factories.make_workspace()
            _people(workspace, people)
            connection = factories.make_connection(
                workspace, port=port, max_sessions=sessions, **columns
            )
            return _launch(workspace, connection, people, body)

    def make_another_run(self, run_id: int) -> int:
        """To the same people, through the same connection."""
        with self.app.app_context():
            run = db.session.get_one(Run, run_id)
            workspace = db.session.get_one(Workspace, run.workspace_id)
            connection = db.session.get_one(Connection, run.connection_id)
            return _launch(workspace, connection, run.confirmed_count, None)

    def sign_in(self, run_id: int, password: str) -> None:
        """The run's connection has this password from now on."""
        with self.app.app_context():
            run = db.session.get_one(Run, run_id)
            connection = db.session.get_one(Connection, run.connection_id)
            credentials.seal(connection, "username", "post")
            credentials.seal(connection, "password", password)
            credentials.renew_fingerprint(connection)
            db.session.commit()

    def add_stand_in(self, run_id: int, port: int, *, sessions: int = 20) -> None:
        """Another connection of the run's workspace, verified for the same From, which may take over."""
        from tests.support import factories
        from tests.support.factories_connections import VERIFIED

        with self.app.app_context():
            run = db.session.get_one(Run, run_id)
            workspace = db.session.get_one(Workspace, run.workspace_id)
            factories.make_connection(
                workspace, name="Stand-in", port=port, max_sessions=sessions, **VERIFIED
            )
            factories.save(SendingChoice(workspace_id=workspace.id, fall_back=True))


def _launch(workspace, connection, people: int, body: dict | None) -> int:
    from tests.support import factories_delivery

    letter = letters.freeze(
        workspace=workspace,
        connection=connection,
        subject='The hungry gap, [Subscriber_Name, fallback="friend"]',
        preview_text="What to sow when there is nothing to pick",
        body_document=body or factories_delivery.BODY,
    )
    run = actions.create_run(
        workspace_id=workspace.id,
        connection_id=connection.id,
        letter=letter,
        audience=Audience("everyone"),
        source="broadcast",
        source_public_id=None,
        confirmed_count=people,
    )
    db.session.commit()
    return run.id


def _people(workspace, people: int) -> None:
    for start in range(0, people, PEOPLE_AT_ONCE):
        rows = []
        for number in range(start, min(start + PEOPLE_AT_ONCE, people)):
            domain = "slow.example" if number % 5 == SLOW else "readers.example"
            email = f"reader{number}@{domain}"
            rows.append(
                {
                    "public_id": uuid7(),
                    "workspace_id": workspace.id,
                    "email": email,
                    "email_key": email,
                    "fingerprint": addresses.fingerprint(workspace.address_salt, email),
                    "name": f"Reader {number % 997}" if number % 7 else "",
                    "status": "Active",
                }
            )
        db.session.execute(insert(Subscriber), rows)
    db.session.commit()
    if db.engine.dialect.name == "postgresql":
        db.session.execute(text("ANALYZE subscribers"))
        db.session.commit()


@contextlib.contextmanager
def stage(engine: str = "postgresql", **changes) -> Iterator[Stage]:
    """A stage on an empty database of that engine; everything is stopped and removed afterwards."""
    from mailrith.app import create_app
    from mailrith.structure import upgrade

    maker = databases.postgresql if engine == "postgresql" else databases.sqlite
    with tempfile.TemporaryDirectory() as folder, maker() as url:
        valkey = EmbeddedValkey(Path(folder) / "valkey", persistent=False)
        valkey.start()
        values = {
            "keys": (KEY,),
            "database_url": url,
            "redis_url": valkey.url,
            "data_dir": Path(folder) / "data",
            "allowed_networks": setting_values.networks("127.0.0.0/8"),
            "undo_seconds": 0,
        }
        settings = config.Settings(**values | changes)
        app = create_app(settings)
        with app.app_context():
            upgrade()
        made = Stage(settings, app, Path(folder), valkey)
        try:
            yield made
        finally:
            made.stop()
            valkey.stop()
            with app.app_context():
                db.session.remove()
                db.engine.dispose()
