"""What a caller did wrong. Edges map these to a status and a sentence; nothing else catches them.

What the world does (refusals, bad rows, bad signatures) is never an exception but a return value.
"""


class MailrithError(Exception):
    """A request that cannot be carried out. `message` is a sentence for the person who asked."""

    status = 400

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class Invalid(MailrithError):
    """The values given do not fit. `field` names the form field or JSON path that has to change."""

    status = 422

    def __init__(self, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field


class Conflict(MailrithError):
    """It would fit, but not in the present state (in use, already sent, changed by somebody else)."""

    status = 409


class NotFound(MailrithError):
    """It does not exist, or not for this workspace: the two are never told apart."""

    status = 404

    def __init__(self, message: str = "There is nothing here.") -> None:
        super().__init__(message)


class Forbidden(MailrithError):
    """The member is known and lacks the permission."""

    status = 403


class TooMany(MailrithError):
    """Too often. `retry_after_seconds` says when to come back."""

    status = 429

    def __init__(self, message: str, *, retry_after_seconds: int) -> None:
        super().__init__(message)
        self.retry_after_seconds = retry_after_seconds
