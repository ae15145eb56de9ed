"""What commands begin with: the settings, the app, a workspace by its name. A mistake is one sentence."""

from typing import TYPE_CHECKING

import click

from mailrith.core import config

if TYPE_CHECKING:
    from flask import Flask

    from mailrith.accounts.models import Workspace


def settings() -> config.Settings:
    """The settings of this process."""
    try:
        return config.load()
    except config.BadSettings as problem:
        raise click.ClickException(f"Mailrith cannot start:\n{problem}") from None


def application() -> "Flask":
    """The app. Slow to import, so the settings are read first."""
    found = settings()
    from mailrith.app import create_app

    return create_app(found)


def workspace_named(slug: str) -> "Workspace":
    """The workspace of that name in addresses. Wants an app context."""
    from mailrith.accounts import queries

    found = queries.workspace_named(slug)
    if found is None:
        raise click.ClickException(f"There is no workspace {slug!r}.")
    return found
