"""A Postfix of its own on loopback that gives up within seconds: it takes everything, sends on to `remote`, and reports.

Domains: remote.test is at `remote`, down.test at a port where nobody listens, local.test has no mailboxes.
"""

import os
import signal
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from tests.support.mailhost import ALONE, MASTER, SERVICES
from tests.support.mta import foreign

_MAIN = (
    ALONE
    + """\
myhostname = postfix.rig.test
mynetworks = 127.0.0.0/8
smtpd_relay_restrictions = permit_mynetworks, reject
smtpd_reject_unlisted_recipient = no
virtual_mailbox_domains = local.test
virtual_mailbox_maps = inline:{{ {{ somebody@local.test = somebody/ }} }}
virtual_mailbox_base = {folder}/data
virtual_minimum_uid = 1
virtual_uid_maps = static:65534
virtual_gid_maps = static:65534
default_transport = smtp:[127.0.0.1]:{remote}
transport_maps = inline:{{ {{ down.test = smtp:[127.0.0.1]:{closed} }} }}
minimal_backoff_time = 1s
maximal_backoff_time = 1s
queue_run_delay = 1s
delay_warning_time = 1s
maximal_queue_lifetime = 3s
bounce_queue_lifetime = 3s
"""
)


@dataclass
class Postfix:
    """`remote` is the port of the server behind it."""

    folder: Path
    remote: int
    port: int = 0

    host = "127.0.0.1"

    def start(self) -> "Postfix":
        self.port, closed = foreign.free_ports(2)
        for name in ("conf", "queue"):
            foreign.own(self.folder, name)
        (self.folder / "data").mkdir()
        subprocess.run(["chown", "postfix", str(self.folder / "data")], check=True)
        conf = self.folder / "conf"
        values = {"folder": self.folder, "remote": self.remote, "closed": closed}
        (conf / "main.cf").write_text(_MAIN.format(**values))
        door = f"127.0.0.1:{self.port} inet n - n - - smtpd\n"
        (conf / "master.cf").write_text(SERVICES + door)
        check = ["postfix", "-c", str(conf), "check"]
        subprocess.run(check, check=True, capture_output=True, timeout=60)
        subprocess.run([MASTER, "-w", "-c", str(conf)], check=True, timeout=60)
        return self

    def stop(self) -> None:
        path = self.folder / "queue/pid/master.pid"
        pid = int(path.read_text().strip())
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)
        limit = time.monotonic() + foreign.PATIENCE_SECONDS
        while path.exists() and time.monotonic() < limit and _lives(pid):
            time.sleep(0.02)


def _lives(pid: int) -> bool:
    """Whether it still runs; where nobody reaps orphans, a zombie does not."""
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False
