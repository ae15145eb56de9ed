"""What the events speak of, and who takes them: sent deliveries of two connections, web, workers and a scheduler."""

import contextlib
import os
import pickle
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

from sqlalchemy import insert, select, text

from mailrith.connections import credentials
from mailrith.core import addresses
from mailrith.core.clock import now
from mailrith.core.db import db
from mailrith.core.ids import uuid7
from mailrith.delivery.models import Delivery, Run
from mailrith.subscribers.models import Subscriber
from tests.bench import servers
from tests.bench.events_posts import Target, address, sendgrid_keys
from tests.bench.processes import peak_megabytes, processor_seconds

ROOT = Path(__file__).parent.parent.parent
AT_ONCE = 5000  # rows


def make_targets(stage, deliveries):
    """A generic and a SendGrid connection of one workspace, each with a sent run of so many people."""
    from tests.support import factories, factories_events

    with stage.app.app_context():
        workspace = factories.make_workspace()
        private, public = sendgrid_keys()
        found = []
        for service in ("generic", "sendgrid"):
            connection = factories.make_connection(workspace, name=service)
            credentials.make_hook_secrets(connection)
            connection.events_source = service
            if service == "sendgrid":
                credentials.seal_service_keys(connection, (public,))
            db.session.commit()
            run = factories_events.make_run(workspace, connection)
            first = _deliveries(workspace, run, deliveries)
            secrets = credentials.hook_secrets(connection)
            found.append(
                Target(
                    service,
                    f"/hooks/{connection.public_id}/{secrets.path_secret}",
                    private if service == "sendgrid" else secrets.signing_secret,
                    run.public_id,
                    first,
                    deliveries,
                )
            )
        _analyze()
    return tuple(found)


def _deliveries(workspace, run, count):
    """Sent mails to people of their own, with ids in a row. Gives the first id. Nobody else writes meanwhile."""
    last = db.session.scalar(select(Delivery.id).order_by(Delivery.id.desc()).limit(1)) or 0
    person = db.session.scalar(select(Subscriber.id).order_by(Subscriber.id.desc()).limit(1)) or 0
    for start in range(0, count, AT_ONCE):
        people, rows = [], []
        for place in range(start, min(start + AT_ONCE, count)):
            email = address(last + place + 1)
            both = {
                "workspace_id": workspace.id,
                "email": email,
                "fingerprint": addresses.fingerprint(workspace.address_salt, email),
            }
            people.append(
                both
                | {
                    "id": person + place + 1,
                    "public_id": uuid7(),
                    "email_key": email,
                    "name": "",
                    "status": "Active",
                }
            )
            rows.append(
                both
                | {
                    "id": last + place + 1,
                    "run_id": run.id,
                    "subscriber_id": person + place + 1,
                    "state": "sent",
                    "connection_id": run.connection_id,
                    "attempt": 1,
                    "updated_at": now(),
                }
            )
        db.session.execute(insert(Subscriber), people)
        db.session.execute(insert(Delivery), rows)
    if db.engine.dialect.name == "postgresql":
        for table in ("subscribers", "deliveries"):
            db.session.execute(
                text(f"SELECT setval('{table}_id_seq', (SELECT max(id) FROM {table}))")
            )
    db.session.get_one(Run, run.id).frozen_count = count
    db.session.commit()
    return last + 1


def _analyze():
    if db.engine.dialect.name == "postgresql":
        for table in ("subscribers", "deliveries"):
            db.session.execute(text(f"ANALYZE {table}"))
        db.session.commit()


class House:
    """Web, workers and scheduler, each of which can be killed and started again."""

    def __init__(self, stage, workers=1, queues=(), scheduler=True):
        self.stage = stage
        self.port = servers.free_port()
        self.queues = queues
        self.spent = {"web": 0.0, "worker": 0.0}  # processor seconds of those that are gone
        self.web = self.start_web()
        self.workers = [self.start_worker() for _ in range(workers)]
        self.scheduler = stage.start("scheduler") if scheduler else None
        self.wait_for_web()

    def start_web(self):
        return self.stage.start("serve", "--bind", f"127.0.0.1:{self.port}")

    def start_worker(self):
        return self.stage.start("worker", *(f"--queue={name}" for name in self.queues))

    def wait_for_web(self, seconds=120):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            with contextlib.suppress(OSError):
                urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=2).close()
                return
            time.sleep(0.1)
        said = "\n".join(log.read_text() for log in self.stage.folder.glob("serve-*.log"))
        raise TimeoutError(f"the web does not start: {said}")

    def web_pids(self):
        """Of gunicorn's first process and its workers."""
        return [self.web.pid, *_children(self.web.pid)]

    def cpu(self):
        """Processor seconds so far: web, worker, database, queue."""
        return {
            "web": self.spent["web"] + sum(map(_seconds, self.web_pids())),
            "worker": self.spent["worker"] + sum(_seconds(w.pid) for w in self.workers),
        }

    def rss(self):
        return {
            "web": round(max(map(peak_megabytes, self.web_pids())), 1),
            "worker": round(max(peak_megabytes(w.pid) for w in self.workers), 1),
        }

    def kill(self, name):
        """SIGKILL, and a new one."""
        getattr(self, f"_kill_{name}")()

    def _kill_web(self):
        pids = self.web_pids()
        self.spent["web"] += sum(map(_seconds, pids))
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.web.wait()
        self.web = self.start_web()

    def _kill_worker(self):
        worker = self.workers.pop(0)
        self.spent["worker"] += _seconds(worker.pid)
        worker.kill()
        worker.wait()
        self.workers.append(self.start_worker())

    def _kill_valkey(self):
        self.stage.valkey.process.kill()
        self.stage.valkey.process.wait()
        self.stage.valkey.start()


def start_load(plan):
    """The generator's process, which has begun. What it prints at its end is its report."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.bench.events_load"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    pickle.dump(plan, process.stdin)
    process.stdin.close()
    assert process.stdout.readline() == b"begun\n"
    return process


def _children(pid):
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _seconds(pid):
    try:
        return processor_seconds(pid)
    except FileNotFoundError:
        return 0.0
