"""docs/services.md: what the presets know, for people."""

from collections.abc import Iterator

from mailrith.connections import presets
from mailrith.connections.models import SecureMode
from mailrith.connections.presets.preset import Known, Option, Preset

_INTRODUCTION = """\
# Mail services

[//]: # (Written by `python -m mailrith.connections.presets > docs/services.md`; the facts and their sources stand in that package.)

How to connect each service that Mailrith knows, and what Mailrith does for it. Any other SMTP server works as *Custom SMTP*.

- A new connection begins with the first port of its row. The others work as well, for instance where a network blocks 587.
- Passwords, keys and user names are sealed in the database and are never shown again.
- Mailrith asks every service to leave links and pictures alone. Where no header can do that, the list below the table says which
  setting does.
- "Finds a delivery by" is how a bounce or a complaint that the service reports leads back to one recipient. The mark is made of
  letters, digits and hyphens, is worthless to anybody else and says nothing about the person. Every mail carries it in its
  Message-ID too, but some services replace that.
"""

_IN_A_ROW = 6  # hosts in the table; more of them are a list

_SECURITY = {
    SecureMode.STARTTLS: "STARTTLS",
    SecureMode.TLS: "TLS",
    SecureMode.STARTTLS_IF_OFFERED: "STARTTLS if offered",
    SecureMode.NONE: "no encryption",
}


def guide() -> str:
    """The whole page, in Markdown."""
    parts = [_INTRODUCTION]
    for group, tiles in presets.tiles():
        parts.append(f"## {group.label}\n")
        parts.extend(_service(preset) for preset in tiles)
    return "\n".join(parts)


def _service(preset: Preset) -> str:
    rows = "".join(f"| {name} | {words} |\n" for name, words in _rows(preset))
    notes = "".join(f"- {note}\n" for note in preset.notes)
    page = f"\n[Its own page about SMTP]({preset.page})\n" if preset.page else ""
    head = f"### {preset.label}\n\n{preset.tagline}.\n\n| | |\n| --- | --- |\n"
    return head + rows + _all_hosts(preset) + (f"\n{notes}" if notes else "") + page


def _rows(preset: Preset) -> Iterator[tuple[str, str]]:
    yield "Host", _host(preset)
    yield (
        "Port",
        ", ".join(f"{port} ({_SECURITY[mode]})" for port, mode in preset.endpoints),
    )
    for access in (preset.username, preset.password):
        if access:
            fixed = f"`{access.fixed}`. " if access.fixed else ""
            yield access.label, fixed + access.hint
    if preset.oauth:
        yield "OAuth (XOAUTH2)", f"{preset.oauth.hint} Scope `{preset.oauth.scope}`."
    for option in preset.options:
        if option.name != preset.host_option:
            yield option.label, _option(option)
    if preset.limits != Known():
        yield "Limits", preset.limits.words
    if sets := list(_sets(preset)):
        yield "Mailrith sets", ", ".join(f"`{field}`" for field in sets)
    yield "Finds a delivery by", _way_back(preset)


def _host(preset: Preset) -> str:
    if not preset.hosts:
        return preset.host_hint
    if not preset.host_option:
        return f"`{preset.host()}`"
    option = next(option for option in preset.options if option.name == preset.host_option)
    if len(option.choices) > _IN_A_ROW:
        return f"See the list below. {option.hint}".strip()
    choices = ", ".join(f"`{preset.hosts[value]}` ({label})" for value, label in option.choices)
    return f"{choices}. {option.hint}".strip()


def _all_hosts(preset: Preset) -> str:
    if len(preset.hosts) <= _IN_A_ROW:
        return ""
    option = next(option for option in preset.options if option.name == preset.host_option)
    lines = (f"- {label}: `{preset.hosts[value]}`\n" for value, label in option.choices)
    return f"\nHost by {option.label.lower()}:\n\n{''.join(lines)}"


def _option(option: Option) -> str:
    begins = f" Begins as `{option.default}`." if option.default else ""
    return f"{option.hint}{begins}"


def _sets(preset: Preset) -> Iterator[str]:
    for name, value in preset.headers:
        yield f"{name}: {value}"
    for name, option in preset.option_headers:
        yield f"{name}: ({option})"
    if preset.trace:
        yield f"{preset.trace.header}: {preset.trace.before}(mark){preset.trace.after}"


def _way_back(preset: Preset) -> str:
    ways = []
    if preset.trace:
        ways.append(f"the mark in `{preset.trace.header}`")
    if preset.keeps_message_id:
        ways.append("the Message-ID")
    if preset.reply_id:
        ways.append("the id in its answer to the message")
    return ", ".join(ways) or "the Message-ID, where the service keeps it; it does not say"
