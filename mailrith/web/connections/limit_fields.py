"""The fields of a connection's limits, and how they become values and back."""

from collections.abc import Iterable, Mapping
from typing import Any

from wtforms import Field, IntegerField, SelectField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its types
from wtforms.form import BaseForm
from wtforms.validators import NumberRange, Optional, StopValidation, ValidationError

from mailrith.accounts.models import Workspace
from mailrith.accounts.zones import is_zone
from mailrith.connections.form import limits as limit_rules
from mailrith.connections.form.limits import ABOVE_NOTHING, MESSAGES, MOST_GROWTH, MOST_SESSIONS
from mailrith.connections.form.values import Limits
from mailrith.connections.limits import receiver_limits
from mailrith.connections.limits.receiver_limits import ReceiverLimit
from mailrith.connections.limits.shares import WHOLE
from mailrith.core.errors import Invalid

MOST_A_SECOND = 10_000
MOST = 100_000_000  # in a minute, an hour, a day or a month
NUMBERS = ("max_sessions", *MESSAGES, "ramp_growth")
# Where most people have their mailbox; each stands for all domains of its provider.
LARGE = ("gmail.com", "outlook.com", "yahoo.com", "icloud.com")
# The list of all zones would weigh more than the rest of the page.
PLACES = tuple(
    (
        "UTC America/Anchorage America/Argentina/Buenos_Aires America/Bogota America/Chicago America/Denver "
        "America/Halifax America/Los_Angeles America/Mexico_City America/New_York America/Phoenix America/Sao_Paulo "
        "America/Toronto Africa/Cairo Africa/Johannesburg Africa/Lagos Asia/Dubai Asia/Hong_Kong Asia/Jakarta "
        "Asia/Karachi Asia/Kolkata Asia/Seoul Asia/Shanghai Asia/Singapore Asia/Tokyo Australia/Perth Australia/Sydney "
        "Europe/Amsterdam Europe/Athens Europe/Berlin Europe/Dublin Europe/Helsinki Europe/Istanbul Europe/Lisbon "
        "Europe/London Europe/Madrid Europe/Moscow Europe/Paris Europe/Rome Europe/Stockholm Europe/Warsaw "
        "Europe/Zurich Pacific/Auckland Pacific/Honolulu"
    ).split()
)
OTHERS = 3  # rows for whatever else, at the least
SHARE = "share_"


class WholeField(IntegerField):
    """A whole number. Says so in our words when it is none."""

    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            super().process_formdata(valuelist)
        except ValueError:
            raise ValueError("Type a whole number, in digits.") from None

    def pre_validate(self, form: BaseForm) -> None:
        """One complaint is enough: what is no number is not measured too."""
        if self.process_errors and any(text.strip() for text in self.raw_data or ()):
            raise StopValidation


def limit(label: str, most: int = MOST) -> WholeField:
    """A number of messages, or nothing."""
    return WholeField(label, [Optional(), NumberRange(1, most, ABOVE_NOTHING)])


def up_to(label: str, most: int, unit: str = "") -> WholeField:
    """A number from 1 to `most`, or nothing."""
    return WholeField(label, [Optional(), NumberRange(1, most, f"From 1 to {most}{unit}.")])


class LimitFields:
    """Those that every connection has. Add `receiver_fields` and `share_fields`."""

    max_sessions = up_to("Sessions at once", MOST_SESSIONS)
    messages_per_session = limit("Messages a session", 1_000_000)
    per_second = limit("A second", MOST_A_SECOND)
    per_minute = limit("A minute")
    per_hour = limit("An hour")
    per_day = limit("A day")
    per_month = limit("A month")
    day_zone = SelectField("A day is", [Optional()], default="")
    ramp_start = limit("On the first day")
    ramp_growth = up_to("More each day, per cent", MOST_GROWTH)
    ramp_target = limit("Until it is a day")

    def offer_zones(self, own: str) -> None:
        """The days that may be chosen: those of places where services are, of the workspace, and the one that is stored."""
        names = sorted({*PLACES, own, self.day_zone.data or "UTC"})
        self.day_zone.choices = [
            SelectChoice("", "the last 24 hours, always"),
            *(
                SelectChoice(name, f"from midnight in {name.replace('_', ' ')}")
                for name in names
                if is_zone(name)
            ),
        ]


def receiver_fields(others: int = OTHERS) -> dict[str, Any]:
    """Two numbers for each large provider, and rows where the domain is typed."""
    fields: dict[str, Any] = {}
    for domain in LARGE:
        fields |= _numbers(_prefix(domain), domain)
    for row in range(1, others + 1):
        fields[f"to_{row}_domain"] = StringField("Domain", [Optional(), _is_domain])
        fields |= _numbers(f"to_{row}", "these")
    return fields


def share_fields(workspaces: Iterable[Workspace]) -> dict[str, Any]:
    """How much of the limits each of these workspaces may use."""
    return {
        f"{SHARE}{one.id}": up_to(f"Share of {one.name}", WHOLE, " per cent") for one in workspaces
    }


def rows_for(column: Mapping[str, Any] | None) -> int:
    """How many rows with a typed domain what is stored needs, and one to add another."""
    return max(OTHERS, 1 + sum(domain not in LARGE for domain in column or ()))


def rows_of(form: Any) -> list[tuple[str, Field | None, Field, Field]]:
    """(domain, the field in which it is typed if it is, messages a second, sessions) of each row."""
    fixed = [(domain, None, _prefix(domain)) for domain in LARGE]
    typed = [("", form[name], name.removesuffix("_domain")) for name in _typed(form)]
    return [
        (domain, field, form[f"{prefix}_per_second"], form[f"{prefix}_sessions"])
        for domain, field, prefix in [*fixed, *typed]
    ]


def share_fields_of(form: Any) -> list[Field]:
    """The fields of the workspaces."""
    return [field for field in form if field.name.startswith(SHARE)]


def shares_of(form: Any) -> dict[int, int | None]:
    """Workspace id -> per cent, of those that were asked for; None is all of it."""
    asked = [field for field in share_fields_of(form) if field.raw_data]
    return {int(field.name.removeprefix(SHARE)): field.data for field in asked}


def limits_of(form: Any, *, new: bool) -> Limits | None:
    """What was typed; None when a new connection's were left alone: then it begins slowly. Raises Invalid."""
    typed: dict[str, Any] = {name: form[name].data for name in NUMBERS if form[name].data}
    typed |= {"day_zone": form.day_zone.data} if form.day_zone.data else {}
    receivers = _receivers(form)
    typed |= {"receiver_limits": receivers} if receivers else {}
    if new and not typed:
        return None
    return Limits(**{"max_sessions": 1 if not new else 2} | typed)


def filled(connection: Any, shares: Mapping[int, int]) -> dict[str, Any]:
    """The form's values of a stored connection."""
    data = {name: getattr(connection, name) for name in (*NUMBERS, "day_zone")}
    data |= {f"{SHARE}{workspace_id}": share for workspace_id, share in shares.items()}
    free = iter(range(1, rows_for(connection.receiver_limits) + 1))
    for domain, found in receiver_limits.of(connection.receiver_limits).items():
        prefix = _prefix(domain) if domain in LARGE else f"to_{next(free)}"
        data[f"{prefix}_domain"] = domain
        data[f"{prefix}_per_second"] = found.per_second
        data[f"{prefix}_sessions"] = found.sessions
    return data


def _receivers(form: Any) -> dict[str, Any]:
    found: dict[str, ReceiverLimit] = {}
    for domain, field, per_second, sessions in rows_of(form):
        typed = ReceiverLimit(per_second.data, sessions.data)
        if not typed.any:
            continue
        if field is not None and not (field.data or "").strip():
            raise Invalid("Name the domain that this is for.", field=field.name)
        name = limit_rules.domain(field.data) if field is not None else domain
        found[name] = typed.within(found[name]) if name in found else typed
    return receiver_limits.stored(found)


def _typed(form: Any) -> list[str]:
    return [f.name for f in form if f.name.startswith("to_") and f.name.endswith("_domain")]


def _numbers(prefix: str, domain: str) -> dict[str, Any]:
    return {
        f"{prefix}_per_second": limit(f"Messages a second to {domain}", MOST_A_SECOND),
        f"{prefix}_sessions": up_to(f"Sessions to {domain}", MOST_SESSIONS),
    }


def _prefix(domain: str) -> str:
    return f"to_{domain.replace('.', '_')}"


def _is_domain(_form: BaseForm, field: StringField) -> None:
    try:
        limit_rules.domain(field.data or "")
    except Invalid as error:
        raise ValidationError(error.message) from None
