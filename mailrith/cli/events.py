"""What came back, for scripts: what a raw mail or a provider's request says. Reads files only; needs no installation."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click

FILES = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def events() -> None:
    """Bounces, complaints and other events, read from files."""


@events.command("classify")
@click.argument("files", nargs=-1, required=True, type=FILES)
def classify(files: tuple[Path, ...]) -> None:
    """Print what each raw mail in FILES reports: one JSON object a line for each report."""
    from mailrith.events.mail import read_mail

    for file in files:
        for found in read_mail(file.read_bytes()):
            _print(
                file=str(file),
                kind=str(found.kind),
                reason=found.reason,
                sentence=found.sentence,
                enhanced_status=found.enhanced_status,
                reply_code=found.reply_code,
                recipient=found.recipient,
                message_id=found.message_id,
            )


@events.command("parse")
@click.option("--provider", required=True, help="Whose form it is, for example postmark.")
@click.argument("files", nargs=-1, required=True, type=FILES)
def parse(provider: str, files: tuple[Path, ...]) -> None:
    """Print the events in each raw request body in FILES: one JSON object a line. Signatures are not checked."""
    from mailrith.events import providers
    from mailrith.events.strict_json import Unreadable

    module = providers.named(provider)
    if module is None:
        raise click.ClickException(
            f"There is no provider {provider!r}. The known ones: {', '.join(providers.names())}."
        )
    for file in files:
        found = module.parse(file.read_bytes())
        if isinstance(found, Unreadable):
            raise click.ClickException(f"{file}: {found.sentence}")
        _print_events(file, found)


def _print_events(file: Path, found: Iterable[Any]) -> None:
    from mailrith.events.reports import Report

    for item in found:
        if isinstance(item, Report):
            at = item.occurred_at.isoformat() if item.occurred_at else None
            _print(
                file=str(file),
                kind=str(item.kind),
                recipient=item.recipient,
                provider_event_id=item.event_id,
                message_id=item.message_id,
                occurred_at=at,
                enhanced_status=item.enhanced_status,
                diagnostic=item.diagnostic,
            )
        else:
            _print(file=str(file), kind="none", event=item.event, words=item.words)


def _print(**values: object) -> None:
    click.echo(json.dumps(values, ensure_ascii=False))
