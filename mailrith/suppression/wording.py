"""How reasons are called, and cells that no spreadsheet takes for a formula."""

from mailrith.suppression.models import SuppressionReason as Reason

NAMES = {
    Reason.COMPLAINED: "Complained",
    Reason.BOUNCED: "Bounced",
    Reason.BLOCKED: "Blocked",
    Reason.UNSUBSCRIBED: "Unsubscribed",
    Reason.PROVIDER: "Refused by a service",
    Reason.UNCONFIRMED: "Unconfirmed",
    Reason.MANUAL: "Added by hand",
}

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def safe_cell(cell: str) -> str:
    """A quotation mark before what would be a formula; spreadsheets do not show it."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def plain_cell(cell: str) -> str:
    """The same cell as it was."""
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(_FORMULA) else cell
