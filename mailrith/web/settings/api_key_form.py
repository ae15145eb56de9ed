"""The shape of what somebody chooses for a new API key."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from wtforms import RadioField, SelectMultipleField, StringField

from mailrith.accounts.scopes import READ_AND_WRITE, READ_ONLY, SCOPES
from mailrith.core.errors import Invalid
from mailrith.web.forms import MailrithForm, text
from mailrith.web.subscribers.forms import choice

READ, WRITE, CHOSEN = "read", "write", "chosen"


class ApiKeyForm(MailrithForm):
    """Name, what it may do, and until when."""

    name = StringField("Name")
    access = RadioField(
        "It may",
        choices=[
            choice(READ, "Read only"),
            choice(WRITE, "Read and write"),
            choice(CHOSEN, "Only some things"),
        ],
        default=READ,
        validate_choice=False,
    )
    scopes = SelectMultipleField(
        "These things",
        choices=[choice(name, scope.label) for name, scope in SCOPES.items()],
        validate_choice=False,
    )
    expires_on = StringField("Last day")

    @property
    def wanted(self) -> tuple[str, ...]:
        """Names of scopes. Raises Invalid."""
        sets = {READ: READ_ONLY, WRITE: READ_AND_WRITE, CHOSEN: tuple(self.scopes.data or ())}
        if self.access.data not in sets:
            raise Invalid("Choose what the key may do.", field="access")
        return sets[self.access.data]

    def expires_at(self, zone: str) -> datetime | None:
        """The midnight that ends the last day in this time zone; None for a key without an end. Raises Invalid."""
        typed = text(self.expires_on).strip()
        if not typed:
            return None
        try:
            after = date.fromisoformat(typed) + timedelta(days=1)
            return datetime(after.year, after.month, after.day, tzinfo=ZoneInfo(zone))
        except (ValueError, OverflowError):
            raise Invalid(
                "A day such as 2027-01-31, or nothing for a key without an end.", field="expires_on"
            ) from None
