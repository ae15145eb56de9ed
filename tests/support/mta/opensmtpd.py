"""OpenSMTPD on loopback: it takes everything, sends on to `remote`, and reports what it could not deliver.

Domains: remote.test is at `remote`. It tries for two seconds, and warns after one.
"""

import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.support.mta import foreign

_CONFIG = """\
queue ttl 2s
bounce warn-interval 1s
listen on 127.0.0.1 port {port} hostname opensmtpd.rig.test
action "remote" relay host smtp://127.0.0.1:{remote}
match from any for domain "news.rig.test" action "remote"
match from any for domain "remote.test" action "remote"
"""


@dataclass
class OpenSmtpd:
    """`remote` is the port of the server behind it."""

    folder: Path
    remote: int
    port: int = 0

    host = "127.0.0.1"

    def start(self) -> "OpenSmtpd":
        (self.port,) = foreign.free_ports(1)
        config = self.folder / "smtpd.conf"
        config.write_text(_CONFIG.format(port=self.port, remote=self.remote))
        config.chmod(0o600)
        foreign.own(self.folder, "spool/smtpd", mode=0o711)
        foreign.own(self.folder, "lib/opensmtpd/empty")
        places = {
            "/usr/libexec": foreign.UNPACKED / "usr/libexec",
            "/var/spool": self.folder / "spool",
            "/var/lib": self.folder / "lib",
            "/run": foreign.own(self.folder, "run"),
        }
        command = [f"{foreign.SEEN_AT}/usr/sbin/smtpd", "-d", "-f", str(config)]
        self._running: subprocess.Popen = foreign.start(self.folder, command, places, self.port)
        return self

    def stop(self) -> None:
        foreign.stop(self._running)
