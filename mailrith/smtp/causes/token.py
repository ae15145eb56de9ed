"""What stops the sign-in with OAuth: getting a token, and having it taken."""

from mailrith.smtp.causes.cause import Cause

TOKEN_CAUSES: dict[str, Cause] = {
    "token_missing": Cause(
        "OAuth is not set up",
        "OAuth is chosen, but Mailrith has nothing to get a token with.",
        "Client ID, client secret, token address or refresh token is empty.",
        ("Fill in the fields for OAuth under Access, or choose another kind of sign-in.",),
    ),
    "token_refused": Cause(
        "Permission has ended",
        "The service gives no new token for this connection.",
        "The permission was withdrawn, the password was changed, or it was not used for months.",
        (
            "Give the permission again at your service, and paste the new refresh token under Access.",
        ),
    ),
    "token_client_refused": Cause(
        "The app is not known there",
        "The service does not accept the client ID and client secret.",
        "One of them is mistyped, or the secret has run out.",
        (
            "Compare both with the page of your app at the service.",
            "Make a new client secret there.",
        ),
    ),
    "token_request_refused": Cause(
        "The token was not given",
        "The service understood who asks, and refused what was asked for.",
        "The scope is wrong for this app, or the app may not ask for tokens in this way.",
        (
            "Compare the scope with the instructions of your service.",
            "Read what the service said.",
        ),
    ),
    "token_host_refused": Cause(
        "Token address cannot be used",
        "Mailrith does not ask this address for tokens.",
        "It is misspelled, does not begin with https, or is inside a private network.",
        ("Compare the token address with the instructions of your service.",),
    ),
    "token_unreachable": Cause(
        "No answer about the token",
        "The address that gives tokens did not answer in time, or not properly.",
        "The service has a fault that passes, or the token address is wrong.",
        ("Try again in a few minutes.", "Check the token address under Access."),
    ),
    "token_unreadable": Cause(
        "Not a token",
        "The token address answered with something that is not a token.",
        "The address belongs to another page of the service, for example its sign-in page.",
        ("Compare the token address with the instructions of your service.",),
    ),
    "token_not_taken": Cause(
        "Token is not taken",
        "The mail server does not take the token, not even a new one.",
        "The username is another mailbox than the one that gave permission, or the scope leaves SMTP out.",
        (
            "Type the address of the mailbox that gave permission as Username.",
            "Compare the scope with the instructions of your service.",
        ),
    ),
}
