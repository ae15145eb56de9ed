"""Tasks of the operator: keys, owners, secrets."""

import base64
import secrets

import click

from mailrith.cli.loading import application


@click.group()
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
    app = application()
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
    app = application()
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


@click.group("secrets")
def secrets_group() -> None:
    """Stored passwords, tokens and hosts of connections."""


@secrets_group.command("rotate")
def secrets_rotate() -> None:
    """Seal everything again under the first key of MAILRITH_KEYS. Safe while mail is being sent."""
    app = application()
    from mailrith.core import rotation

    with app.app_context():
        done = rotation.rotate()
    click.echo(f"Sealed again: {done.resealed}. Under the newest key already: {done.current}.")
    if done.unreadable:
        raise click.ClickException(
            f"{done.unreadable} could not be opened: their key is not in MAILRITH_KEYS. Put it back and run this again."
        )
