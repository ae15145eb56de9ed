"""The `mailrith` command. Every subcommand reads MAILRITH_* and says in one sentence what is wrong with them."""

import click

from mailrith.cli import administration, events, processes, sending


@click.group()
def main() -> None:
    """Mailrith: newsletters and campaigns through your own mail servers."""


for command in (
    *(processes.demo, processes.serve, processes.worker, processes.scheduler, processes.db),
    *(administration.admin, administration.secrets_group, sending.broadcast, events.events),
):
    main.add_command(command)
