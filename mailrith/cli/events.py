"""What came back, for scripts: what a raw mail or a provider's request says, and samples to try a server with. Needs no installation."""

import json
from collections.abc import Iterable
from http import HTTPStatus
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
    from mailrith.core.strict_json import Unreadable
    from mailrith.events import providers

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


@events.command("send")
@click.argument("url")
@click.option("--provider", required=True, help="Whose form it has, for example ses.")
@click.option("--kind", default="hard_bounce", show_default=True, help="What happened.")
@click.option("--message-id", default="<nobody@nowhere.invalid>", help="Message-ID of the mail.")
@click.option("--recipient", default="nobody@nowhere.invalid", help="Whom the mail went to.")
@click.option("--id", "event_id", default="", help="The event's id; the same one is a repetition.")
@click.option("--secret", envvar="SECRET", default="", help="What signs it; better in $SECRET.")
@click.option("--private-key", type=FILES, help="PEM file, for services that sign with one.")
@click.option("--topic", default="", help="ARN of the topic, for SES and Scaleway.")
@click.option(
    "--certificate-url", default="", help="Where the signer's certificate is, for those two."
)
@click.option("--signed-url", default="", help="The address that is signed, if it is another one.")
def send(url: str, provider: str, kind: str, **given: Any) -> None:
    """Post a well-signed sample to the webhook at URL, and print the answer as one JSON object."""
    import secrets as random

    from mailrith.core.clock import now
    from mailrith.events import providers, samples

    key = given["private_key"].read_bytes() if given["private_key"] else b""
    known = providers.ALIASES.get(provider, provider)
    _check_sample(known, kind)
    event_id = given["event_id"] or random.token_hex(8)
    about = samples.About(given["message_id"], given["recipient"], event_id, now())
    proof = samples.Secrets(
        given["signed_url"] or url, given["secret"], key, given["topic"], given["certificate_url"]
    )
    status, answer = _post(url, *_proven(known, kind, about, proof))
    _print(status=status, answer=answer, provider=known, kind=kind, id=event_id)
    if status != HTTPStatus.OK:
        raise SystemExit(1)


def _check_sample(provider: str, kind: str) -> None:
    from mailrith.events import samples

    if provider not in samples.names():
        raise click.ClickException(f"There are samples of {', '.join(samples.names())}.")
    if kind not in samples.kinds(provider):
        known = ", ".join(samples.kinds(provider))
        raise click.ClickException(f"Of {provider} there are samples of {known}.")


def _proven(provider: str, kind: str, about: Any, proof: Any) -> tuple[bytes, dict[str, str]]:
    from mailrith.core.errors import Invalid
    from mailrith.events import samples

    try:
        made = samples.make(provider, kind, about, proof)
    except Invalid as error:
        raise click.ClickException(error.message) from None
    return made.body, made.headers


def _post(url: str, body: bytes, headers: dict[str, str]) -> tuple[int, str]:
    """Status and text of the answer. The address was typed by whoever runs this."""
    from urllib.error import HTTPError, URLError
    from urllib.request import Request, urlopen

    if not url.startswith(("http://", "https://")):
        raise click.ClickException("The address begins with https:// or http://.")
    request = Request(url, body, headers, method="POST")  # noqa: S310 - checked above
    try:
        with urlopen(request, timeout=30) as answer:  # noqa: S310 - checked above
            return answer.status, answer.read().decode("utf-8", "replace")
    except HTTPError as error:
        return error.code, error.read().decode("utf-8", "replace")
    except URLError as error:
        raise click.ClickException(f"Nobody answers there: {error.reason}.") from None
