"""A broadcast through a real Postfix, over TLS with AUTH: does its log agree with the ledger?

    python -m tests.bench.postfix [--recipients 10000] [--database postgresql|sqlite] [--door submission|data]

Postfix writes for each message that it queues who signed in (smtpd), its Message-ID (cleanup), its envelope (qmgr) and whom it
was for. They agree when everybody whom the ledger calls sent is in exactly one queued message, which carries the Message-ID of
that delivery, and nothing else was queued. `submission` offers CHUNKING, `data` only PIPELINING. Needs root, Postfix and Dovecot
(apt-get install postfix dovecot-core). The last line is one JSON object.
"""

import argparse
import json
import re
import time
from collections import Counter
from dataclasses import dataclass, field

from sqlalchemy import select

from mailrith.connections import credentials
from mailrith.connections.models import Connection, SecureMode
from mailrith.core.db import db
from mailrith.delivery.models import Delivery, DeliveryState, Run
from mailrith.delivery.sending import message_ids
from tests.bench.processes import load
from tests.chaos.stage import stage
from tests.support.certificates import ca_pem
from tests.support.mailhost import PEOPLE, running

USER = "hannah@rig.test"
SESSIONS, WORKERS = 20, 2
PATIENCE_SECONDS = 120

_LINE = re.compile(r"postfix/(?:[\w-]+/)?(\w+)\[\d+\]: ([0-9A-F]{6,}|[0-9A-Za-z]{10,}): (.*)")


@dataclass
class Queued:
    """One message of Postfix's queue, from its birth to its removal. Its number may be another message's later."""

    user: str = ""
    message_id: str = ""
    sender: str = ""
    recipients: list[str] = field(default_factory=list)
    removed: bool = False


def queued(log: str) -> list[Queued]:
    """The messages of a Postfix log, in order of their end."""
    found, present = [], {}
    for program, number, words in _LINE.findall(log):
        one = present.setdefault(number, Queued())
        if program == "smtpd" and (user := re.search(r"sasl_username=(\S+)", words)):
            one.user = user[1]
        elif words.startswith("message-id=<"):
            one.message_id = words[12:-1]
        elif words.startswith("from=<"):
            one.sender = words[6 : words.index(">")]
        elif words.startswith("to=<") and "status=sent" in words:
            one.recipients.append(words[4 : words.index(">")])
        elif words == "removed":
            one.removed = True
            found.append(present.pop(number))
    return found + list(present.values())


def disagreements(run_id: int, messages: list[Queued]) -> dict[str, int]:
    """What the ledger says and what Postfix has, one against the other; all zero when they agree. In an app context."""
    run = db.session.get_one(Run, run_id)
    domain = messages[0].sender.rpartition("@")[2] if messages else ""
    rows = db.session.execute(
        select(Delivery.id, Delivery.email, Delivery.state).where(Delivery.run_id == run_id)
    ).all()
    sent = {
        message_ids.make(run.public_id, row.id, domain): row.email
        for row in rows
        if row.state == DeliveryState.SENT
    }
    times = Counter(one.message_id for one in messages)
    return {
        "not_sent": len(rows) - len(sent),
        "not_queued": len(sent.keys() - times.keys()),
        "queued_twice": sum(1 for count in times.values() if count > 1),
        "strangers": len(times.keys() - sent.keys()),
        "other_recipient": sum(
            one.recipients != [sent[one.message_id]] for one in messages if one.message_id in sent
        ),
        "other_user": sum(one.user != USER for one in messages),
        "unfinished": sum(not one.removed for one in messages),
    }


def use(connection: Connection, port: int) -> None:
    """Let the connection sign in to the mail host. In an app context; the caller commits."""
    connection.port, connection.secure_mode = port, SecureMode.STARTTLS
    connection.ca_certificate = ca_pem()
    for column, plain in (("username", USER), ("password", PEOPLE[USER])):
        credentials.seal(connection, column, plain)
    credentials.renew_fingerprint(connection)


def measure(recipients: int, database: str, door: str) -> dict:
    """Send, wait until Postfix has done with all of it, and compare."""
    with running() as host, stage(database) as here:
        run_id = here.make_run(host.port(door), recipients, sessions=SESSIONS)
        with here.app.app_context():
            run = db.session.get_one(Run, run_id)
            use(db.session.get_one(Connection, run.connection_id), host.port(door))
            db.session.commit()
        began = time.monotonic()
        for _ in range(WORKERS):
            here.start("worker")
        here.start("scheduler")
        counts = here.wait_until_finished(run_id, 60 + recipients / 10)
        seconds = time.monotonic() - began
        messages = settled(host, counts.get("sent", 0))
        here.stop()
        with here.reading():
            found = disagreements(run_id, messages)
        said = re.findall(rf"postfix/{door}/smtpd\[\d+\]: disconnect from (.*)", host.log())
    verbs = Counter()
    for line in said:
        verbs.update({verb: int(count) for verb, count in re.findall(r"(\w+)=(\d+)", line)})
    return {
        "recipients": recipients,
        "database": database,
        "door": door,
        "states": counts,
        "queued": len(messages),
        "disagreements": found,
        "agrees": not any(found.values()) and len(messages) == recipients,
        "commands": dict(verbs),
        "sessions": len(said),
        "seconds": round(seconds, 1),
        "load": load(),
    }


def settled(host, wanted: int, *, since: int = 0) -> list[Queued]:
    """The queue's messages, once so many of them have left it. `since` is how much of the log is older."""
    end = time.monotonic() + PATIENCE_SECONDS
    while True:
        found = queued(host.log()[since:])
        if sum(one.removed for one in found) >= wanted or time.monotonic() > end:
            return found
        time.sleep(0.2)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--recipients", type=int, default=10_000)
    parser.add_argument("--database", choices=("postgresql", "sqlite"), default="postgresql")
    parser.add_argument("--door", choices=("submission", "data"), default="submission")
    options = parser.parse_args()
    result = measure(options.recipients, options.database, options.door)
    print(json.dumps(result))
    raise SystemExit(0 if result["agrees"] else 1)


if __name__ == "__main__":
    main()
