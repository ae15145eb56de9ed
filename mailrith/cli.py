"""The `mailrith` command. Every subcommand reads MAILRITH_* and says in one sentence what is wrong with them."""

import base64
import os
import secrets
import sys
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

import click

if TYPE_CHECKING:
    from flask import Flask

    from mailrith.accounts.models import Workspace

from mailrith.core import config

ROOT = Path(__file__).parent.parent


@click.group()
def main() -> None:
    """Mailrith: newsletters and campaigns through your own mail servers."""


@main.command()
@click.option(
    "--port", type=int, help="Port of the web pages (default: the first free one from 8000)."
)
@click.option("--fresh", is_flag=True, help="Throw the demo's data away and start over.")
def demo(port: int | None, fresh: bool) -> None:
    """Run everything on this machine, with sample data and a local inbox."""
    from mailrith.demo import running

    sys.exit(running.run(ROOT / "var" / "demo", port=port, fresh=fresh))


@main.command()
@click.option(
    "--bind", default="127.0.0.1:8000", show_default=True, help="Address and port to listen on."
)
@click.option("--workers", default=2, show_default=True, help="Web processes.")
@click.option("--threads", default=8, show_default=True, help="Threads of each process.")
def serve(bind: str, workers: int, threads: int) -> None:
    """Serve the web pages with gunicorn."""
    settings = _settings()
    application = "mailrith.demo.web:app" if settings.demo else "wsgi:app"
    if not settings.demo:
        _welcome_the_first_owner()
    os.execv(  # noqa: S606 - our own interpreter and arguments
        sys.executable,
        [
            *(sys.executable, "-m", "gunicorn", application, "--chdir", str(ROOT)),
            *("--bind", bind, "--worker-class", "gthread"),
            *("--workers", str(workers), "--threads", str(threads)),
            # No access log: addresses of webhooks and unsubscribe pages hold secrets.
            *("--log-level", "warning", "--graceful-timeout", "10"),
        ],
    )


def _welcome_the_first_owner() -> None:
    """Print a one-time link as long as nobody has an account."""
    from sqlalchemy.exc import OperationalError, ProgrammingError

    app = _app()
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


@main.command()
@click.option("--queue", "queues", multiple=True, help="Only these queues: mail, work, events.")
def worker(queues: tuple[str, ...]) -> None:
    """Run jobs: sending, imports, events."""
    settings = _settings()  # before the slow imports: a mistake is said at once
    from mailrith import worker as workers

    workers.main(settings, queues=queues or None)


@main.command()
def scheduler() -> None:
    """Run periodic work. Several may run; one of them leads."""
    settings = _settings()
    from mailrith import schedule

    schedule.main(settings)


@main.group()
def db() -> None:
    """The database's structure."""


@db.command("upgrade")
def db_upgrade() -> None:
    """Bring the database to the newest structure."""
    app = _app()
    from flask_migrate import upgrade

    with app.app_context():
        upgrade()
    click.echo("The database is up to date.")


@main.group()
def admin() -> None:
    """Tasks of the operator."""


@admin.command("new-key")
def new_key() -> None:
    """Print a new key for MAILRITH_KEYS. Put it in front of the old ones, and keep those."""
    key_id = "k" + secrets.token_hex(2)
    click.echo(f"{key_id}:{base64.urlsafe_b64encode(secrets.token_bytes(32)).decode().rstrip('=')}")


@admin.command("owner-link")
def owner_link() -> None:
    """Print a link that makes the first owner of this installation. It works once."""
    app = _app()
    from mailrith.accounts import actions
    from mailrith.core.db import db as database

    with app.app_context():
        link = actions.make_owner_link()
        database.session.commit()
    click.echo(link)


@admin.command("operator")
@click.argument("email")
@click.option("--revoke", is_flag=True, help="Take it back.")
def admin_operator(email: str, revoke: bool) -> None:
    """Let the account of EMAIL send in the name of this installation's own domains."""
    app = _app()
    from mailrith.accounts import actions
    from mailrith.core.db import db as database
    from mailrith.core.errors import MailrithError

    with app.app_context():
        try:
            actions.set_operator(email, operator=not revoke)
        except MailrithError as error:
            raise click.ClickException(error.message) from None
        database.session.commit()
    click.echo(f"{email} is {'no longer ' if revoke else ''}an operator of this installation.")


@main.group("secrets")
def secrets_group() -> None:
    """Stored passwords, tokens and hosts of connections."""


@secrets_group.command("rotate")
def secrets_rotate() -> None:
    """Seal everything again under the first key of MAILRITH_KEYS. Safe while mail is being sent."""
    app = _app()
    from mailrith.core import rotation

    with app.app_context():
        done = rotation.rotate()
    click.echo(f"Sealed again: {done.resealed}. Under the newest key already: {done.current}.")
    if done.unreadable:
        raise click.ClickException(
            f"{done.unreadable} could not be opened: their key is not in MAILRITH_KEYS. Put it back and run this again."
        )


@main.group()
def broadcast() -> None:
    """Broadcasts from the command line."""


@broadcast.command("list")
@click.argument("workspace")
def broadcast_list(workspace: str) -> None:
    """List the newest broadcasts of WORKSPACE (its name in addresses, /w/<name>)."""
    from mailrith.broadcasts import queries

    with _app().app_context():
        for item in queries.newest(_workspace(workspace).id):
            click.echo(f"{item.public_id}  {item.status:<10} {item.subject or '(no subject)'}")


@broadcast.command("send")
@click.argument("workspace")
@click.argument("broadcast_id", type=click.UUID)
@click.option(
    "--people", type=int, required=True, help="How many you expect; another number is refused."
)
def broadcast_send(workspace: str, broadcast_id: UUID, people: int) -> None:
    """Send the draft BROADCAST_ID of WORKSPACE. Workers do the sending; this only starts it."""
    from mailrith.broadcasts import actions, queries
    from mailrith.core.db import db as database
    from mailrith.core.errors import MailrithError

    with _app().app_context():
        place = _workspace(workspace)
        found = queries.get(place.id, broadcast_id)
        if found is None:
            raise click.ClickException("There is no broadcast of that id in this workspace.")
        try:
            actions.send_now(place, found, typed_count=str(people), user_id=None)
        except MailrithError as error:
            raise click.ClickException(error.message) from None
        database.session.commit()
    click.echo("It is on its way.")


def _workspace(slug: str) -> "Workspace":
    from mailrith.accounts import queries

    found = queries.workspace_named(slug)
    if found is None:
        raise click.ClickException(f"There is no workspace {slug!r}.")
    return found


def _app() -> "Flask":
    settings = _settings()
    from mailrith.app import create_app

    return create_app(settings)


def _settings() -> config.Settings:
    try:
        return config.load()
    except config.BadSettings as problem:
        raise click.ClickException(f"Mailrith cannot start:\n{problem}") from None


if __name__ == "__main__":
    main()
