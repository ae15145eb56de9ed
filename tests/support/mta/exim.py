"""Exim on loopback: it takes everything, sends on to `remote`, and reports what it could not deliver.

Domains: remote.test and slow.test are at `remote` (slow.test is tried again), down.test at a port where nobody listens,
local.test has one full mailbox and nobody else, list.test swallows everything; others have no route.
"""

import re
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

from tests.support.mta import foreign

DOORS = ("chunks", "pipelines", "bare")
_CONFIG = """\
primary_hostname = exim.rig.test
exim_path = {root}/usr/sbin/exim4
spool_directory = {folder}/spool
log_file_path = {folder}/spool/log-%s
pid_file_path = {folder}/spool/daemon.pid
keep_environment =
disable_ipv6 = true
local_interfaces = 127.0.0.1
daemon_smtp_ports = {chunks} : {pipelines} : {bare}
chunking_advertise_hosts = ${{if eq{{$received_port}}{{{chunks}}}{{*}}{{}}}}
pipelining_advertise_hosts = ${{if eq{{$received_port}}{{{bare}}}{{}}{{*}}}}
tls_advertise_hosts =
delay_warning = 1s:1h
acl_smtp_rcpt = accept
acl_smtp_data = accept
log_selector = +all

begin routers
everywhere:
  driver = manualroute
  domains = news.rig.test : remote.test : slow.test
  transport = smtp
  route_list = * 127.0.0.1::{remote} byname
  self = send
down:
  driver = manualroute
  domains = down.test
  transport = smtp
  route_list = * 127.0.0.1::{closed} byname
  self = send
swallowed:
  driver = redirect
  domains = list.test
  data = :blackhole:
full:
  driver = accept
  domains = local.test
  local_parts = full
  transport = full
nobody:
  driver = redirect
  domains = local.test
  allow_fail
  data = :fail: Unknown user

begin transports
smtp:
  driver = smtp
  allow_localhost
  hosts_avoid_tls = *
full:
  driver = appendfile
  directory = {folder}/spool/full
  maildir_format
  quota = 1
  user = nobody
  group = nogroup

begin retry
slow.test * F,1h,1s
news.rig.test * F,1h,1s
"""


@dataclass
class Exim:
    """`remote` is the port of the server behind it."""

    folder: Path
    remote: int
    ports: dict[str, int] = field(default_factory=dict)

    host = "127.0.0.1"
    port = property(lambda self: self.ports["chunks"])

    def start(self) -> "Exim":
        closed, *doors = foreign.free_ports(1 + len(DOORS))
        self.ports = dict(zip(DOORS, doors, strict=True))
        foreign.own(self.folder, "spool", foreign.user("Debian-exim"))
        foreign.own(self.folder, "spool/full", foreign.user("nobody"))
        config = self.folder / "exim.conf"
        config.write_text(
            _CONFIG.format(
                root=foreign.SEEN_AT,
                folder=self.folder,
                remote=self.remote,
                closed=closed,
                **self.ports,
            )
        )
        command = [f"{foreign.SEEN_AT}/usr/sbin/exim4", "-C", str(config), "-bdf", "-q1s"]
        self._running: subprocess.Popen = foreign.start(self.folder, command, {}, self.port)
        return self

    def stop(self) -> None:
        foreign.stop(self._running)

    def log(self) -> str:
        path = self.folder / "spool/log-main"
        return path.read_text(errors="replace") if path.exists() else ""

    def wait_for(self, pattern: str, *, count: int = 1) -> None:
        """Until the log has that many matches."""
        limit = time.monotonic() + foreign.PATIENCE_SECONDS
        while len(re.findall(pattern, self.log())) < count:
            assert time.monotonic() < limit, f"{pattern} is not in the log:\n{self.log()[-3000:]}"
            time.sleep(0.02)
