"""`mailrith demo`: one process that starts the others, watches them, and takes them along when it ends."""

import base64
import contextlib
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from mailrith.demo.valkey import EmbeddedValkey, ValkeyUnavailable, die_with_parent

FIRST_PORT = 8000
READY_SECONDS = 60.0
STOP_SECONDS = 3.5


@dataclass
class Parts:
    """What has been started, in order; stopped in reverse."""

    folder: Path
    environment: dict[str, str]
    children: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self, name: str, *arguments: str) -> None:
        """Start `python -m mailrith.cli ...` or another module, with its log in the folder."""
        with (self.folder / f"{name}.log").open("ab") as log:
            self.children[name] = subprocess.Popen(  # noqa: S603 - our own interpreter and modules
                [sys.executable, "-m", *arguments],
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                preexec_fn=die_with_parent,  # noqa: PLW1509 - no threads run yet in the child
            )

    def dead(self) -> str | None:
        """The name of a part that has ended by itself."""
        return next(
            (name for name, child in self.children.items() if child.poll() is not None), None
        )

    def stop(self) -> None:
        """Ask, wait, insist."""
        for child in self.children.values():
            child.terminate()
        end = time.monotonic() + STOP_SECONDS
        for child in self.children.values():
            try:
                child.wait(max(0.05, end - time.monotonic()))
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()


def run(folder: Path, *, port: int | None, fresh: bool) -> int:
    """Run until Ctrl-C. Returns the exit status."""
    if fresh:
        shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    chosen = _choose_port(port)
    if chosen is None:
        print(
            f"Port {port} is in use. Choose another one: bin/run --port {(port or FIRST_PORT) + 10}"
        )
        return 1
    with _only_one(folder) as alone:
        if not alone:
            print(
                "This copy is running already; its address is in the other window. (Ctrl-C there ends it.)"
            )
            return 1
        return _supervise(folder, chosen)


def _supervise(folder: Path, port: int) -> int:
    stopping: list[int] = []

    def stop(number: int, frame: FrameType | None) -> None:
        stopping.append(number)

    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGTERM, stop)
    environment = _environment(folder, port)
    parts = Parts(folder, environment)
    valkey = None if "MAILRITH_REDIS_URL" in environment else EmbeddedValkey(folder / "valkey")
    try:
        if valkey is not None:
            valkey.start()
            environment["MAILRITH_REDIS_URL"] = valkey.url
        return _run_parts(parts, port, stopping)
    except ValkeyUnavailable as problem:
        print(problem)
        return 1
    except subprocess.CalledProcessError as problem:
        print(
            problem.stderr.decode(errors="replace").strip()[-2000:]
            or "The data could not be prepared."
        )
        print("If the demo's data is damaged, start over with bin/run --fresh.")
        return 1
    finally:
        parts.stop()
        if valkey is not None:
            valkey.stop()


def _run_parts(parts: Parts, port: int, stopping: list[int]) -> int:
    _prepare(parts.environment)
    for name, *arguments in (
        ("inbox", "mailrith.demo.inbox"),
        ("worker", "mailrith.cli", "worker"),
        ("scheduler", "mailrith.cli", "scheduler"),
        ("web", "mailrith.cli", "serve", "--bind", f"127.0.0.1:{port}", "--workers", "1"),
    ):
        parts.start(name, *arguments)
    if not _wait_until_ready(port, parts, stopping):
        return 0 if stopping else _report_death(parts)
    _welcome(port)
    while not stopping:
        if parts.dead():
            return _report_death(parts)
        time.sleep(0.5)
    print("Stopped. Your data is kept; bin/run goes on from here.")
    return 0


def _environment(folder: Path, port: int) -> dict[str, str]:
    keys = folder / "keys"
    if not keys.exists():
        encoded = base64.urlsafe_b64encode(secrets.token_bytes(32)).decode().rstrip("=")
        keys.write_text(f"demo:{encoded}\n")
        keys.chmod(0o600)
    smtp_port = _free_port(port + 1)
    inherited = {
        name: value
        for name, value in os.environ.items()  # noqa: TID251 - handed on to our children
        if name == "MAILRITH_REDIS_URL"
        or not name.startswith(("MAILRITH_", "PYTHONDONTWRITEBYTECODE"))  # five starts read it
    }
    return inherited | {
        "MAILRITH_KEYS_FILE": str(keys),
        "MAILRITH_DATABASE_URL": f"sqlite:///{folder / 'mailrith.db'}",
        "MAILRITH_DATA_DIR": str(folder),
        "MAILRITH_PUBLIC_URL": f"http://127.0.0.1:{port}",
        "MAILRITH_SYSTEM_SMTP_URL": f"smtp://127.0.0.1:{smtp_port}",
        "MAILRITH_SYSTEM_FROM": "Mailrith <mailrith@mailrith.example>",
        "MAILRITH_ALLOWED_NETWORKS": "127.0.0.0/8,::1/128",
        "MAILRITH_ALLOWED_PORTS": str(smtp_port),
        "MAILRITH_DEMO": "yes",
        "PYTHONUNBUFFERED": "1",
    }


def _prepare(environment: dict[str, str]) -> None:
    # In a process of its own, so that this one stays small and without threads.
    subprocess.run(
        [sys.executable, "-m", "mailrith.demo.sample"],
        env=environment,
        check=True,
        capture_output=True,
    )


def _wait_until_ready(port: int, parts: Parts, stopping: list[int]) -> bool:
    end = time.monotonic() + READY_SECONDS
    while time.monotonic() < end and not stopping and not parts.dead():
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=2):
                return True
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    return False


def _report_death(parts: Parts) -> int:
    name = parts.dead() or "web"
    log = parts.folder / f"{name}.log"
    print(f"The {name} process ended. The last lines of {log}:")
    print("\n".join(log.read_text(errors="replace").splitlines()[-15:]))
    return 1


def _welcome(port: int) -> None:
    from mailrith.demo.sample import EMAIL, PASSWORD

    address = f"http://127.0.0.1:{port}"
    print(
        f"""
Mailrith is running.

  Open      {address}
  Sign in   {EMAIL}
  Password  {PASSWORD}
  Inbox     {address}/inbox    every mail of this demo ends there, none leaves this machine

Try this: open the draft "The hungry gap", send it, watch it go out, read it in the inbox,
unsubscribe from it there, and see the subscriber change.

Ctrl-C stops everything. Your data stays in var/demo; bin/run --fresh starts over.
""",
        flush=True,
    )


def _choose_port(port: int | None) -> int | None:
    if port is not None:
        return port if _is_free(port) else None
    return _free_port(FIRST_PORT)


def _free_port(start: int) -> int:
    return next(port for port in range(start, 65536) if _is_free(port))


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


@contextlib.contextmanager
def _only_one(folder: Path) -> Iterator[bool]:
    import fcntl

    with (folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            yield False
            return
        os.set_inheritable(lock.fileno(), False)
        yield True
