"""Mail servers that are unpacked but not installed: each runs in a mount namespace in which its fixed places are there.

Nothing outside of the test's folder changes: users, spools and sockets exist inside of the namespace alone.
"""

import os
import shutil
import signal
import socket
import subprocess
import time
from contextlib import closing, suppress
from pathlib import Path

import pytest

CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
UNPACKED = CACHE / "mailrith/mail-servers"
SEEN_AT = Path("/mnt")  # where the namespace has UNPACKED: people without privileges reach it there
PATIENCE_SECONDS = 20
MISSING = (
    "Exim and OpenSMTPD are not there, so their reports are not tried. (as root: .ci/mail-servers)"
)
_PEOPLE = {"Debian-exim": 64001, "opensmtpd": 64002, "opensmtpq": 64003, "nobody": 65534}


def skip_unless_there() -> None:
    """Without them the tests are skipped, with CI=true they fail."""
    names = ("usr/sbin/exim4", "usr/sbin/smtpd")
    if all((UNPACKED / name).exists() for name in names) and os.geteuid() == 0:
        return
    if os.environ.get("CI") == "true":
        pytest.fail(MISSING)
    pytest.skip(MISSING)


def start(folder: Path, command: list[str], places: dict[str, Path], port: int) -> subprocess.Popen:
    """Run `command` where each of `places` (absolute path -> what is there) holds. Returns when it answers at `port`."""
    places = places | {str(SEEN_AT): UNPACKED} | _people(folder)
    mounts = "".join(f'mount --bind "{there}" "{path}"\n' for path, there in places.items())
    with (folder / "said").open("wb") as said:
        running = subprocess.Popen(
            ["unshare", "--mount", "sh", "-euc", mounts + 'exec "$@"', "sh", *command],
            stdout=said,
            stderr=said,
            stdin=subprocess.DEVNULL,
        )
    try:
        _greeting(running, port)
    except BaseException:
        stop(running)
        raise AssertionError((folder / "said").read_text(errors="replace")) from None
    return running


def stop(running: subprocess.Popen) -> None:
    running.send_signal(signal.SIGTERM)
    with suppress(subprocess.TimeoutExpired):
        running.wait(10)
        return
    running.kill()
    running.wait()


def _people(folder: Path) -> dict[str, Path]:
    """The system's people, and those whom the servers want."""
    users = Path("/etc/passwd").read_text().splitlines()
    groups = Path("/etc/group").read_text().splitlines()
    known = {line.partition(":")[0] for line in users}
    for name, number in _PEOPLE.items():
        if name not in known:
            users.append(f"{name}:x:{number}:{number}::/nonexistent:/usr/sbin/nologin")
            groups.append(f"{name}:x:{number}:")
    (folder / "passwd").write_text("\n".join(users) + "\n")
    (folder / "group").write_text("\n".join(groups) + "\n")
    return {"/etc/passwd": folder / "passwd", "/etc/group": folder / "group"}


def _greeting(running: subprocess.Popen, port: int) -> None:
    limit = time.monotonic() + PATIENCE_SECONDS
    while True:
        assert running.poll() is None, "it has ended"
        assert time.monotonic() < limit, "it does not answer"
        with (
            suppress(OSError),
            closing(socket.create_connection(("127.0.0.1", port), timeout=5)) as line,
        ):
            if line.recv(200).startswith(b"220"):
                line.sendall(b"QUIT\r\n")
                return
        time.sleep(0.02)


def free_ports(count: int) -> list[int]:
    held = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [line.getsockname()[1] for line in held]
    for line in held:
        line.close()
    return ports


def own(folder: Path, name: str, user: int = 0, mode: int = 0o755) -> Path:
    """A directory of that user's."""
    made = folder / name
    made.mkdir(parents=True)
    made.chmod(mode)
    shutil.chown(made, user, user)
    return made


def user(name: str) -> int:
    return _PEOPLE[name]
