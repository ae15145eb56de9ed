"""The processes of an installation, and its database's structure."""

import os
import sys
from pathlib import Path

import click

from mailrith.cli.loading import application, settings

ROOT = Path(__file__).parent.parent.parent


@click.command()
@click.option(
    "--port", type=int, help="Port of the web pages (default: the first free one from 8000)."
)
@click.option("--fresh", is_flag=True, help="Throw the demo's data away and start over.")
def demo(port: int | None, fresh: bool) -> None:
    """Run everything on this machine, with sample data and a local inbox."""
    from mailrith.demo import running

    sys.exit(running.run(ROOT / "var" / "demo", port=port, fresh=fresh))


@click.command()
@click.option(
    "--bind", default="127.0.0.1:8000", show_default=True, help="Address and port to listen on."
)
@click.option("--workers", default=2, show_default=True, help="Web processes.")
@click.option("--threads", default=8, show_default=True, help="Threads of each process.")
def serve(bind: str, workers: int, threads: int) -> None:
    """Serve the web pages with gunicorn."""
    found = settings()
    module = "mailrith.demo.web:app" if found.demo else "wsgi:app"
    if not found.demo:
        _welcome_the_first_owner()
    os.execv(  # noqa: S606 - our own interpreter and arguments
        sys.executable,
        [
            *(sys.executable, "-m", "gunicorn", module, "--chdir", str(ROOT)),
            *("--bind", bind, "--worker-class", "gthread"),
            *("--workers", str(workers), "--threads", str(threads)),
            # No access log: addresses of webhooks and unsubscribe pages hold secrets.
            *("--log-level", "warning", "--graceful-timeout", "10"),
        ],
    )


def _welcome_the_first_owner() -> None:
    """Print a one-time link as long as nobody has an account."""
    from sqlalchemy.exc import OperationalError, ProgrammingError

    app = application()
    from mailrith.accounts import actions, queries
    from mailrith.core.db import db as database

    with app.app_context():
        try:
            if queries.any_user():
                return
            link = actions.make_owner_link()
            database.session.commit()
        except (OperationalError, ProgrammingError):
            raise click.ClickException(
                "The database is not ready. Run `mailrith db upgrade` first."
            ) from None
    click.echo(f"Nobody has an account yet. This link makes the first owner, once:\n  {link}")


@click.command()
@click.option("--queue", "queues", multiple=True, help="Only these queues: mail, work, events.")
def worker(queues: tuple[str, ...]) -> None:
    """Run jobs: sending, imports, events."""
    found = settings()  # before the slow imports: a mistake is said at once
    from mailrith import worker as workers

    workers.main(found, queues=queues or None)


@click.command()
def scheduler() -> None:
    """Run periodic work. Several may run; one of them leads."""
    found = settings()
    from mailrith import schedule

    schedule.main(found)


@click.group()
def db() -> None:
    """The database's structure."""


@db.command("upgrade")
def db_upgrade() -> None:
    """Bring the database to the newest structure."""
    app = application()
    from mailrith.structure import upgrade

    with app.app_context():
        upgrade()
    click.echo("The database is up to date.")
