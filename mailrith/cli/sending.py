"""Broadcasts from the command line."""

from uuid import UUID

import click

from mailrith.cli.loading import application, workspace_named


@click.group()
def broadcast() -> None:
    """Broadcasts from the command line."""


@broadcast.command("list")
@click.argument("workspace")
def broadcast_list(workspace: str) -> None:
    """List the newest broadcasts of WORKSPACE (its name in addresses, /w/<name>)."""
    from mailrith.broadcasts import queries

    with application().app_context():
        for item in queries.newest(workspace_named(workspace).id):
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

    with application().app_context():
        place = workspace_named(workspace)
        found = queries.get(place.id, broadcast_id)
        if found is None:
            raise click.ClickException("There is no broadcast of that id in this workspace.")
        try:
            actions.send_now(place, found, typed_count=str(people), user_id=None)
        except MailrithError as error:
            raise click.ClickException(error.message) from None
        database.session.commit()
    click.echo("It is on its way.")
