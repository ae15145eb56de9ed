"""What only a caller of the API can do wrong. Each carries what the error envelope says beside its sentence."""

from typing import Any

from mailrith.core.errors import MailrithError

CREDENTIAL = "workspace_api_key"


class ApiProblem(MailrithError):
    """`code` names the case for programs; `more` are further members of the envelope."""

    status = 400
    code = "invalid_request"

    def __init__(self, message: str, **more: Any) -> None:
        super().__init__(message)
        self.more = more


class NoCredential(ApiProblem):
    """Nobody said who they are."""

    status = 401
    code = "authentication_required"

    def __init__(self) -> None:
        super().__init__("Send an API key, in the header Authorization: Bearer mrk_...")


class BadCredential(ApiProblem):
    """The key opens nothing. Whether it ever did is not told."""

    status = 401
    code = "invalid_api_key"

    def __init__(self) -> None:
        super().__init__(
            "This API key is unknown, revoked or expired, or the member who made it has left. "
            "Make a new one under Settings, API keys.",
            credential_type=CREDENTIAL,
            recovery={
                "action": "replace_api_key",
                "message": "Make a new API key and use it in place of this one.",
            },
        )


class InsufficientScope(ApiProblem):
    """The key was not made for this."""

    status = 403
    code = "insufficient_scope"

    def __init__(self, required: list[str], missing: list[str], has: list[str]) -> None:
        replacement = [*has, *missing]
        super().__init__(
            f"This API key may not do that. It lacks {' and '.join(missing)}.",
            required_scopes=required,
            missing_scopes=missing,
            replacement_scopes=replacement,
            credential_type=CREDENTIAL,
            recovery={
                "action": "replace_api_key",
                "message": "Make a new API key that has the scopes named here as well.",
                "replacement_scopes": replacement,
            },
        )


class InsufficientPermission(ApiProblem):
    """The member behind the key may not, or not any more."""

    status = 403
    code = "insufficient_permission"

    def __init__(self, scope: str) -> None:
        super().__init__(
            f"The member who made this API key lacks the permission behind {scope}. "
            "Ask the owner of the workspace, or make the key as somebody who has it.",
            credential_type=CREDENTIAL,
        )


class TooLarge(ApiProblem):
    """More than this operation takes."""

    status = 413
    code = "body_too_large"

    def __init__(self, max_bytes: int) -> None:
        super().__init__(f"The body is larger than {max_bytes / 1_000_000:g} MB.")


class WrongMedia(ApiProblem):
    """Not JSON, or packed."""

    status = 415
    code = "unsupported_media_type"


class BadQuery(ApiProblem):
    """Something behind the question mark does not fit. `field` is its name."""

    code = "invalid_query"

    def __init__(self, message: str, field: str) -> None:
        super().__init__(message, details={"field": field, "reason": message})


class BadIdempotencyKey(ApiProblem):
    """The header is missing where it is needed, or cannot be kept."""

    code = "invalid_idempotency_key"
