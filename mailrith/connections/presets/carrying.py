"""What a message carries for the service that delivers it, and what the service says in return."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from mailrith.connections.presets.preset import Preset, Trace


@dataclass(frozen=True)
class Carried:
    """Header fields for one connection: the same in every message, and the one with the mark of the delivery."""

    headers: tuple[tuple[str, str], ...] = ()
    trace: tuple[str, str, str] | None = None  # name, what stands before the mark, what after it

    def fields(self, mark: str) -> tuple[tuple[str, str], ...]:
        """All of them for a single message that is no delivery, such as a test mail."""
        if self.trace is None:
            return self.headers
        name, before, after = self.trace
        return (*self.headers, (name, f"{before}{mark}{after}"))


NOTHING = Carried()


def carried(preset: Preset, options: Mapping[str, str]) -> Carried:
    """The fields for these options. An option that the preset would not accept is left out."""
    chosen = {**preset.defaults, **options}
    own = {option.name: option for option in preset.options}
    optional = (
        (header, chosen[name])
        for header, name in preset.option_headers
        if chosen.get(name) and own[name].accepts(chosen[name])
    )
    return Carried((*preset.headers, *optional), _trace(preset.trace))


def provider_message_id(preset: Preset, reply: str) -> str | None:
    """The service's own id of a message, out of its answer to the final dot (with or without the 250); None without one."""
    found = re.search(preset.reply_id, reply[:1024]) if preset.reply_id else None
    return found[1] if found else None


def _trace(trace: Trace | None) -> tuple[str, str, str] | None:
    return (trace.header, trace.before, trace.after) if trace else None
