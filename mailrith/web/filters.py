"""How numbers, times and addresses of files read in a template. `register(app)` adds them all.

Numbers follow the reader's language, times the workspace's zone. The zone is always named: in the text (`when`) or in the
title of a `<time>` whose list names it once (`moment`).
"""

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from flask import Flask, current_app, g, has_request_context, request, url_for
from markupsafe import Markup

from mailrith.core import clock

THIN = "\u202f"  # a narrow space that does not break

# Between thousands, and before decimals, by the language of the reader. What is not here reads as English.
_MARKS = {
    "de": (".", ","), "es": (".", ","), "it": (".", ","), "nl": (".", ","), "pt": (".", ","),
    "da": (".", ","), "tr": (".", ","), "id": (".", ","), "el": (".", ","),
    "fr": (THIN, ","), "pl": (THIN, ","), "cs": (THIN, ","), "sk": (THIN, ","), "sv": (THIN, ","),
    "nb": (THIN, ","), "fi": (THIN, ","), "uk": (THIN, ","), "ru": (THIN, ","), "hu": (THIN, ","),
    "bg": (THIN, ","), "de-ch": ("’", "."),
}  # fmt: skip


def number(value: float, decimals: int = 0) -> str:
    """`12480` as "12,480", or with the marks of the reader's language."""
    thousands, point = _marks()
    text = f"{value:,.{decimals}f}"
    return text.translate({ord(","): thousands, ord("."): point})


def percent(part: float, whole: float, decimals: int = 1) -> str:
    """`part` of `whole` as "47.2%"; of nothing it is "0%"."""
    if not whole:
        return "0%"
    return f"{number(100 * part / whole, decimals)}%"


def size(octets: float) -> str:
    """A count of bytes as "31 KB" (1 KB is 1,024 bytes, as mail programs count)."""
    if octets < 1024:
        return f"{number(octets)} bytes"
    for unit in ("KB", "MB", "GB"):
        octets /= 1024
        if octets < 1000 or unit == "GB":
            break
    return f"{number(octets, 0 if octets >= 10 or octets == int(octets) else 1)} {unit}"


def plural(count: int, one: str, many: str | None = None) -> str:
    """`3|plural("person", "people")` is "3 people"."""
    return f"{number(count)} {one if count == 1 else many or one + 's'}"


def zone_label(zone: str | None = None, at: datetime | None = None) -> str:
    """The workspace's zone in words: "London time (BST)"."""
    info = _zone(zone)
    city = str(info.key or "UTC").rpartition("/")[2].replace("_", " ")
    if city in {"UTC", "GMT"}:
        return city
    return f"{city} time ({_abbreviation((at or clock.now()).astimezone(info))})"


def when(value: datetime | None, zone: str | None = None, *, inline: bool = False) -> str:
    """A `<time>` that names its zone: "Tue 28 Apr, 07:00 BST". Of None it is nothing. `inline` is for the middle of a sentence."""
    return _time(value, zone, named=True, inline=inline)


def moment(value: datetime | None, zone: str | None = None, *, inline: bool = False) -> str:
    """A `<time>` for lists whose head names the zone: "Today, 07:00". `inline` as for `when`."""
    return _time(value, zone, named=False, inline=inline)


def day(value: datetime | None, zone: str | None = None) -> str:
    """Only the day: "12 Nov 2025"."""
    if value is None:
        return ""
    local = value.astimezone(_zone(zone))
    return Markup('<time datetime="{}" title="{}">{} {:%b %Y}</time>').format(
        _iso(value), _exact(local), local.day, local
    )


def clock_time(value: datetime | None, zone: str | None = None) -> str:
    """Only the hour: "07:00"."""
    if value is None:
        return ""
    local = value.astimezone(_zone(zone))
    return Markup('<time datetime="{}" title="{}">{:%H:%M}</time>').format(
        _iso(value), _exact(local), local
    )


def ago(value: datetime | None) -> str:
    """How long ago, or how soon: "2 minutes ago", "in 4 days"."""
    if value is None:
        return ""
    seconds = (clock.now() - value).total_seconds()
    words = duration(abs(seconds))
    if abs(seconds) < 45:
        words = "just now" if seconds >= 0 else "in a moment"
    else:
        words = f"{words} ago" if seconds > 0 else f"in {words}"
    return Markup('<time datetime="{}" title="{}">{}</time>').format(
        _iso(value), _exact(value.astimezone(_zone(None))), words
    )


def due(value: datetime) -> str:
    """When it happens next, as `ago` says it; what is late already happens in a moment."""
    return ago(max(value, clock.now() + timedelta(seconds=1)))


def duration(seconds: float) -> str:
    """A length of time in one unit, rounded: "4 minutes"."""
    return clock.span(seconds)


def dom_id(value: object, prefix: str = "x") -> str:
    """An id for an element from any value: letters, digits and dashes, never starting with a digit."""
    text = "".join(c if c.isalnum() and c.isascii() else "-" for c in str(value))
    return f"{prefix}-{text}"


def asset(path: str, *, hashed: bool = True) -> str:
    """The address of a file in `static/`, with its fingerprint, so that browsers may keep it for a year."""
    if not hashed:
        return url_for("static", filename=path)
    file = Path(current_app.static_folder or "") / path
    return url_for("static", filename=path, v=_fingerprint(file, file.stat().st_mtime_ns))


def has_endpoint(name: str) -> bool:
    """Whether a page of that name exists in this installation."""
    return name in current_app.view_functions


def register(app: Flask) -> None:
    """Add every filter and global of this module to the templates of `app`."""
    filters = (number, percent, plural, when, moment, day, ago, due, duration, dom_id)
    app.jinja_env.filters.update({f.__name__: f for f in filters})
    app.jinja_env.filters.update({"bytes": size, "clock": clock_time})
    app.jinja_env.globals.update(asset=asset, has_endpoint=has_endpoint, zone_label=zone_label)


@lru_cache(maxsize=256)
def _fingerprint(file: Path, _changed: int) -> str:
    return sha256(file.read_bytes()).hexdigest()[:10]


def _marks() -> tuple[str, str]:
    if has_request_context():
        for language in request.accept_languages.values():
            tag = language.lower()
            found = _MARKS.get(tag) or _MARKS.get(tag.partition("-")[0])
            return found or (",", ".")
    return ",", "."


def _zone(name: str | None) -> ZoneInfo:
    if name is None and has_request_context():
        name = getattr(g.get("workspace"), "time_zone", None)
    try:
        return ZoneInfo(name or "UTC")
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def _time(value: datetime | None, zone: str | None, *, named: bool, inline: bool = False) -> str:
    if value is None:
        return ""
    local = value.astimezone(_zone(zone))
    near = _near(local)
    day = (near.lower() if inline else near) or _date(local)
    text = f"{day}, {local:%H:%M}"
    if named:
        text = f"{text} {_abbreviation(local)}"
    return Markup('<time datetime="{}" title="{}">{}</time>').format(
        _iso(value), _exact(local), text
    )


def _near(local: datetime) -> str:
    """The day's name from here, or nothing."""
    away = local.date() - clock.now().astimezone(local.tzinfo).date()
    return {-1: "Yesterday", 0: "Today", 1: "Tomorrow"}.get(away.days, "")


def _date(local: datetime) -> str:
    this_year = clock.now().astimezone(local.tzinfo).year
    year = "" if local.year == this_year else f" {local.year}"
    return f"{local:%a} {local.day} {local:%b}{year}"


def _exact(local: datetime) -> str:
    return f"{local.day} {local:%B %Y}, {local:%H:%M:%S} {_abbreviation(local)}"


def _abbreviation(local: datetime) -> str:
    name = local.tzname() or "UTC"
    return f"UTC{name}" if name[:1] in "+-" else name


def _iso(value: datetime) -> str:
    return value.astimezone(UTC).isoformat(timespec="seconds")
