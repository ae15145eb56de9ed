"""A real mail host on loopback: Postfix for submission, Dovecot for its sign-in, a certificate of the test authority.

    def test_x(mailhost):
        mailhost.port("submission"), mailhost.delivered(), mailhost.log()
        mailhost.tokens["fresh"] = "hannah@rig.test"       # an access token that Dovecot takes from now on
        mailhost.set_password("hannah@rig.test", "another")  # and the old one no more; `reset()` brings it back

It needs root (Postfix changes users) and Debian's packages; where they are missing the tests say that they are skipped,
with CI=true that is a failure. One for each test process; users and doors are in PEOPLE and DOORS.
"""

import base64
import json
import os
import re
import shutil
import signal
import smtplib
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs

import pytest

from tests.support import mailboxes
from tests.support.certificates import ca_pem, server_chain

MISSING = (
    "No Postfix and Dovecot to start here, so nothing is tried against them. "
    "(apt-get install postfix dovecot-core, and run as root)"
)
MASTER = "/usr/lib/postfix/sbin/master"
PATIENCE_SECONDS = 20

# username -> password
PEOPLE = {
    "hannah@rig.test": "a-long-password-with-ünïcode",
    "other@rig.test": "another-password",
    mailboxes.USER: mailboxes.PASSWORD,
}
REFUSED_SENDER = "boss@rig.test"  # 550 5.7.1, at RCPT as Postfix does it
LATER_SENDER = "slow@rig.test"  # 451 4.7.1

_SUBMISSION = {
    "smtpd_tls_security_level": "encrypt",
    "smtpd_tls_auth_only": "yes",
    "smtpd_sasl_auth_enable": "yes",
    "smtpd_relay_restrictions": "permit_sasl_authenticated,reject",
}
_SENDERS = (
    "check_sender_access inline:{ "
    f"{{ {REFUSED_SENDER} = 550 5.7.1 Not your address }} "
    f"{{ {LATER_SENDER} = 451 4.7.1 Come back later }} }}"
)
# door -> the settings of its smtpd
DOORS: dict[str, dict[str, str]] = {
    "plain": {
        "smtpd_tls_security_level": "none",
        "mynetworks": "127.0.0.0/8",
        "smtpd_relay_restrictions": "permit_mynetworks,reject",
    },
    "submission": {**_SUBMISSION, "smtpd_sender_restrictions": _SENDERS},
    "smtps": {**_SUBMISSION, "smtpd_tls_wrappermode": "yes"},
    "clear-auth": {
        "smtpd_tls_security_level": "none",
        "smtpd_tls_auth_only": "no",
        "smtpd_sasl_auth_enable": "yes",
        "smtpd_relay_restrictions": "permit_sasl_authenticated,reject",
    },
    "owners": {  # the From has to belong to the login
        **_SUBMISSION,
        "smtpd_sender_login_maps": "inline:{ { hannah@rig.test = hannah@rig.test } }",
        "smtpd_sender_restrictions": "reject_sender_login_mismatch",
        "smtpd_delay_reject": "no",
    },
    "small": {**_SUBMISSION, "message_size_limit": "20000"},
    "data": {  # pipelining, but no chunks
        **_SUBMISSION,
        "smtpd_sender_restrictions": _SENDERS,
        "smtpd_discard_ehlo_keywords": "chunking",
    },
    "bare": {
        **_SUBMISSION,
        "smtpd_sender_restrictions": _SENDERS,
        "smtpd_discard_ehlo_keywords": "pipelining,chunking,8bitmime,smtputf8,dsn,size",
    },
    "busy": {  # the fourth connection within a minute is turned away
        **_SUBMISSION,
        "smtpd_client_connection_rate_limit": "3",
        "smtpd_client_event_limit_exceptions": "",
    },
    "expired": {**_SUBMISSION, "smtpd_tls_chain_files": "{folder}/expired.pem"},
    "self-signed": {**_SUBMISSION, "smtpd_tls_chain_files": "{folder}/self-signed.pem"},
    "wrong-name": {**_SUBMISSION, "smtpd_tls_chain_files": "{folder}/wrong-name.pem"},
    "tls-1.0": {
        **_SUBMISSION,
        "smtpd_tls_protocols": "TLSv1",
        "smtpd_tls_mandatory_protocols": "TLSv1",
        "smtpd_tls_mandatory_ciphers": "low",
        "tls_low_cipherlist": "ALL:@SECLEVEL=0",
    },
    "tls-1.2": {
        **_SUBMISSION,
        "smtpd_tls_protocols": "TLSv1.2",
        "smtpd_tls_mandatory_protocols": "TLSv1.2",
    },
}

# What every Postfix of the tests has, wherever it lives: loopback alone, no name server, nothing of the machine's.
ALONE = """\
compatibility_level = 3.6
config_directory = {folder}/conf
queue_directory = {folder}/queue
data_directory = {folder}/data
maillog_file = {folder}/mail.log
maillog_file_prefixes = {folder}
manpage_directory = /usr/share/man
html_directory = no
readme_directory = no
sample_directory = no
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
disable_dns_lookups = yes
smtp_dns_support_level = disabled
smtp_host_lookup = native
smtpd_peername_lookup = no
mydestination =
local_recipient_maps =
alias_maps =
"""

_MAIN = (
    ALONE
    + """\
myhostname = mail.rig.test
default_transport = discard
smtpd_error_sleep_time = 0
smtpd_tls_chain_files = {folder}/good.pem
smtpd_tls_loglevel = 1
smtpd_tls_session_cache_database =
smtpd_sasl_type = dovecot
smtpd_sasl_path = {folder}/dovecot/auth-postfix
smtpd_sasl_security_options = noanonymous
{mailboxes}
"""
)

SERVICES = """\
postlog unix-dgram n - n - 1 postlogd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
"""

_DOVECOT = """\
base_dir = {folder}/dovecot
state_dir = {folder}/dovecot-state
instance_name = mailhost-{pid}
log_path = {folder}/dovecot.log
disable_plaintext_auth = no
auth_mechanisms = plain login cram-md5 xoauth2
auth_failure_delay = 0
passdb {{
  driver = passwd-file
  args = scheme=PLAIN username_format=%u {folder}/people
  mechanisms = plain login cram-md5
}}
passdb {{
  driver = oauth2
  args = {folder}/oauth2.conf
  mechanisms = xoauth2
}}
userdb {{
  driver = static
  args = uid=65534 gid=65534 home={folder}
}}
{mailboxes}
service auth {{
  unix_listener auth-postfix {{
    mode = 0660
    user = postfix
  }}
}}
service anvil {{
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
"""


_OAUTH2 = """\
introspection_mode = post
introspection_url = http://127.0.0.1:{port}/introspect
username_attribute = username
active_attribute = active
active_value = true
"""


@dataclass
class MailHost:
    """A running one. Ports are free ones of this machine. `tokens`: access token -> whose it is (RFC 7662)."""

    folder: Path
    ports: dict[str, int]
    tokens: dict[str, str] = field(default_factory=dict)

    host = "127.0.0.1"
    ca = property(lambda self: ca_pem())

    def port(self, door: str) -> int:
        return self.ports[door]

    def log(self) -> str:
        path = self.folder / "mail.log"
        return path.read_text(errors="replace") if path.exists() else ""

    def delivered(self) -> list[str]:
        """Recipients that left the queue, in order, from the log."""
        return re.findall(r"to=<([^>]+)>.*status=sent", self.log())

    def sign_ins(self) -> list[tuple[str, str]]:
        """(mechanism, username) of every accepted sign-in that carried mail."""
        return re.findall(r"sasl_method=(\S+), sasl_username=(\S+)", self.log())

    def wait_for(self, pattern: str, *, count: int = 1) -> list[str]:
        """The matches, once the log has `count` of them."""
        limit = time.monotonic() + PATIENCE_SECONDS
        while len(found := re.findall(pattern, self.log())) < count:
            assert time.monotonic() < limit, f"{pattern} is not in the log:\n{self.log()[-3000:]}"
            time.sleep(0.02)
        return found

    def set_password(self, username: str, password: str) -> None:
        """From now on: returns once a sign-in shows it, because Dovecot looks at its file once a second at most."""
        path = self.folder / "people"
        before = path.stat()
        _write_people(self.folder, PEOPLE | {username: password})
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns + 1_000_000_000))
        limit = time.monotonic() + PATIENCE_SECONDS
        while not self._lets_in(username, password):
            assert time.monotonic() < limit, "Dovecot did not take the password"

    def _lets_in(self, username: str, password: str) -> bool:
        """Whether this signs in, tried at a door of its own."""
        with smtplib.SMTP(self.host, self.port("clear-auth"), timeout=PATIENCE_SECONDS) as client:
            client.ehlo()
            secret = base64.b64encode(f"\0{username}\0{password}".encode()).decode()
            code, _ = client.docmd("AUTH", f"PLAIN {secret}")
            return code == 235

    def reset(self) -> None:
        """The passwords of PEOPLE, and no token."""
        self.tokens.clear()
        known = (self.folder / "people").read_text().splitlines()
        for username, password in PEOPLE.items():
            if f"{username}:{password}" not in known:
                self.set_password(username, password)

    def start(self) -> None:
        self._introspection = _introspection(self.tokens)
        _write_files(self.folder, self.ports)
        port = self._introspection.server_port
        (self.folder / "oauth2.conf").write_text(_OAUTH2.format(port=port))
        conf = str(self.folder / "conf")
        subprocess.run(["dovecot", "-c", str(self.folder / "dovecot.conf")], check=True)
        subprocess.run(
            ["postfix", "-c", conf, "check"], check=True, capture_output=True, timeout=60
        )
        subprocess.run([MASTER, "-w", "-c", conf], check=True, timeout=60)
        for door in DOORS.keys() - {"smtps"}:
            self._greeting(self.ports[door])

    def stop(self) -> None:
        for pid_file in ("queue/pid/master.pid", "dovecot/master.pid"):
            path = self.folder / pid_file
            if path.exists():
                _end(int(path.read_text().strip()))
        self._introspection.shutdown()
        self._introspection.server_close()

    def _greeting(self, port: int) -> None:
        with closing(socket.create_connection((self.host, port), PATIENCE_SECONDS)) as line:
            line.settimeout(PATIENCE_SECONDS)
            said = line.recv(200)
            assert said.startswith(b"220"), f"{said!r}\n{self.log()[-2000:]}"
            line.sendall(b"QUIT\r\n")


def _write_files(folder: Path, ports: dict[str, int]) -> None:
    folder.chmod(0o755)  # Postfix's own users walk through it
    for name in ("conf", "queue", "data", "dovecot-state"):
        (folder / name).mkdir()
    shutil.chown(folder / "data", "postfix")
    for kind in ("good", "expired", "self-signed", "wrong-name"):
        (folder / f"{kind}.pem").write_bytes(server_chain(kind))
    mailboxes.make_folder(folder)
    values = {"folder": folder, "pid": os.getpid()}
    _write_people(folder, PEOPLE)
    (folder / "dovecot.conf").write_text(
        _DOVECOT.format(mailboxes=mailboxes.dovecot(folder, ports), **values)
    )
    (folder / "conf/main.cf").write_text(
        _MAIN.format(mailboxes=mailboxes.postfix(folder), **values)
    )
    doors = []
    for name, settings in DOORS.items():
        lines = [f"127.0.0.1:{ports[name]} inet n - n - - smtpd"]
        lines.append(f"  -o syslog_name=postfix/{name}")
        for key, value in settings.items():
            lines.append(f"  -o {{ {key} = {value.replace('{folder}', str(folder))} }}")
        doors.append("\n".join(lines))
    (folder / "conf/master.cf").write_text(SERVICES + "\n".join(doors) + "\n")


def _write_people(folder: Path, people: dict[str, str]) -> None:
    (folder / "people").write_text("".join(f"{u}:{p}\n" for u, p in people.items()))


def _introspection(tokens: dict[str, str]) -> ThreadingHTTPServer:
    """Whom an access token belongs to, as Dovecot asks for it."""

    class Introspect(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            form = self.rfile.read(int(self.headers["Content-Length"])).decode()
            owner = tokens.get(parse_qs(form)["token"][0])
            body = json.dumps({"active": owner is not None, "username": owner}).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Tokens are nobody's reading."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Introspect)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def _end(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGTERM)
    except ProcessLookupError:
        return


def _free_ports(names: list[str]) -> dict[str, int]:
    """One free port each. All are held until every one is found."""
    held = []
    for _ in names:
        line = socket.socket()
        line.bind(("127.0.0.1", 0))
        held.append(line)
    ports = {name: line.getsockname()[1] for name, line in zip(names, held, strict=True)}
    for line in held:
        line.close()
    return ports


def skip_unless_there() -> None:
    """Without Postfix and Dovecot the tests are skipped, with CI=true they fail."""
    if Path(MASTER).exists() and shutil.which("dovecot") and os.geteuid() == 0:
        return
    if os.environ.get("CI") == "true":
        pytest.fail(MISSING)
    pytest.skip(MISSING)


def queue_of(host: MailHost) -> list[dict[str, object]]:
    """What still waits in the queue."""
    listed = subprocess.run(
        ["postqueue", "-c", str(host.folder / "conf"), "-j"], capture_output=True, check=True
    )
    return [json.loads(line) for line in listed.stdout.splitlines()]


@contextmanager
def running() -> Iterator[MailHost]:
    """A mail host of one's own."""
    with tempfile.TemporaryDirectory(prefix="mailhost-") as folder:
        host = MailHost(Path(folder), _free_ports([*DOORS, *mailboxes.DOORS]))
        try:
            host.start()
            yield host
        finally:
            host.stop()


@pytest.fixture(scope="session")
def mailhost():
    """The mail host, started when first asked for."""
    skip_unless_there()
    with running() as host:
        yield host
