"""A whole installation for a journey: every process that production has, on one database, with the sample data."""

import base64
import os
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from mailrith.demo.valkey import EmbeddedValkey, die_with_parent

UNDO_SECONDS = 3  # long enough to see the bar, short enough to wait for
READY_SECONDS = 60
KEY = "k1:" + base64.urlsafe_b64encode(bytes(range(32))).decode().rstrip("=")


@dataclass(frozen=True)
class Stage:
    """`url` is where the pages are; `folder` holds the inbox and one log for each process."""

    url: str
    folder: Path
    environment: dict[str, str]

    def logs(self) -> str:
        """What the processes said, for a failed test."""
        return "\n".join(
            f"--- {log.name}\n{log.read_text(errors='replace')[-4000:]}"
            for log in sorted(self.folder.glob("*.log"))
        )


@contextmanager
def installation(database_url: str, folder: Path) -> Iterator[Stage]:
    """Web, worker, scheduler, queue and SMTP server as processes of their own. All end with the block."""
    web_port, smtp_port = _free_ports(2)
    with ExitStack() as stack:
        valkey = EmbeddedValkey(folder / "valkey", persistent=False)
        valkey.start()
        stack.callback(valkey.stop)
        environment = _environment(database_url, folder, valkey.url, web_port, smtp_port)
        stage = Stage(environment["MAILRITH_PUBLIC_URL"], folder, environment)
        subprocess.run(
            [sys.executable, "-m", "mailrith.demo.sample"], env=environment, check=True, timeout=120
        )
        for name, *arguments in (
            ("inbox", "mailrith.demo.inbox"),
            ("worker", "mailrith.cli", "worker"),
            ("scheduler", "mailrith.cli", "scheduler"),
            ("web", "mailrith.cli", "serve", "--bind", f"127.0.0.1:{web_port}", "--workers", "1"),
        ):
            stack.enter_context(_process(name, arguments, stage))
        _wait_until_ready(stage)
        yield stage


@contextmanager
def _process(name: str, arguments: list[str], stage: Stage) -> Iterator[None]:
    with (stage.folder / f"{name}.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", *arguments],
            env=stage.environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            preexec_fn=die_with_parent,  # noqa: PLW1509 - as the demo starts them
            start_new_session=True,
        )
    try:
        yield
        assert process.poll() is None, f"{name} ended by itself\n{stage.logs()}"
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _environment(
    database_url: str, folder: Path, redis_url: str, web_port: int, smtp_port: int
) -> dict[str, str]:
    inherited = {key: value for key, value in os.environ.items() if not key.startswith("MAILRITH_")}
    return inherited | {
        "MAILRITH_KEYS": KEY,
        "MAILRITH_DATABASE_URL": re.sub(r"^postgresql\+psycopg:", "postgresql:", database_url),
        "MAILRITH_REDIS_URL": redis_url,
        "MAILRITH_DATA_DIR": str(folder),
        "MAILRITH_PUBLIC_URL": f"http://127.0.0.1:{web_port}",
        "MAILRITH_SYSTEM_SMTP_URL": f"smtp://127.0.0.1:{smtp_port}",
        "MAILRITH_SYSTEM_FROM": "Mailrith <mailrith@mailrith.example>",
        "MAILRITH_ALLOWED_NETWORKS": "127.0.0.0/8,::1/128",
        "MAILRITH_ALLOWED_PORTS": str(smtp_port),
        "MAILRITH_UNDO_SECONDS": str(UNDO_SECONDS),
        "MAILRITH_DEMO": "yes",
        "PYTHONUNBUFFERED": "1",
    }


def _wait_until_ready(stage: Stage) -> None:
    end = time.monotonic() + READY_SECONDS
    while time.monotonic() < end:
        try:
            with urllib.request.urlopen(f"{stage.url}/readyz", timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise AssertionError(f"not ready after {READY_SECONDS} s\n{stage.logs()}")


def _free_ports(count: int) -> list[int]:
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]
