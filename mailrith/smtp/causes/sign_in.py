"""What stops the sign-in with a username and password."""

from mailrith.smtp.causes.cause import Cause

SIGN_IN_CAUSES: dict[str, Cause] = {
    "auth_missing": Cause(
        "It takes no sign-in",
        "The server does not offer a sign-in here.",
        "It wants encryption first, or it needs no username.",
        (
            "Set Security to STARTTLS or TLS.",
            "If the server needs none, empty Username and Password.",
        ),
    ),
    "auth_required": Cause(
        "Sign-in is needed",
        "The server takes mail only from people who signed in.",
        "Username and password are empty, or it forgot the sign-in.",
        ("Fill in Username and Password.",),
    ),
    "auth_refused": Cause(
        "Sign-in refused",
        "The server answered, but it will not take this username and password.",
        "One of them is mistyped, or the service wants an app password instead of the one you read mail with.",
        (
            "Type the username as your service writes it, often the whole address.",
            "Create an app password at your service if it has them.",
            "Paste it under Access and press Verify again.",
        ),
    ),
    "auth_app_password": Cause(
        "An app password is needed",
        "The service does not take the password that you read mail with.",
        "Your account has two steps to sign in, so programs need a password of their own.",
        (
            "Create an app password in the security settings of your account.",
            "Paste it under Access and press Verify again.",
        ),
    ),
    "auth_switched_off": Cause(
        "Sign-in by password is switched off",
        "Your organisation has switched off sign-in by password for sending mail.",
        "That is the usual setting at Microsoft 365.",
        (
            "Ask your administrator to allow authenticated SMTP for this mailbox.",
            "Or choose OAuth (XOAUTH2) under Access.",
        ),
    ),
    "auth_not_offered": Cause(
        "It does not sign in that way",
        "The server does not offer the sign-in that you chose under Access.",
        "It offers another one, or offers this one only on an encrypted line.",
        (
            "Set Sign-in to Automatic, and Mailrith takes the best that the server offers.",
            "If Security is set to none, set it to STARTTLS or TLS.",
        ),
    ),
    "auth_confused": Cause(
        "Sign-in went astray",
        "The server answered the sign-in with something that is neither yes nor no.",
        "Its software has a fault in this kind of sign-in.",
        (
            "Choose another kind of sign-in under Access, for example LOGIN.",
            "Tell your mail service what the server said.",
        ),
    ),
    "auth_mechanism": Cause(
        "No common way to sign in",
        "The server wants a kind of sign-in that Mailrith does not have.",
        "The service accepts only sign-in through its own page, or wants an app password.",
        ("Look for SMTP AUTH or app passwords in the settings of your service.",),
    ),
    "auth_in_clear": Cause(
        "Password would be readable",
        "Without encryption everybody on the way could read the password, so it was not sent.",
        "Security is set to none, or the server did not offer to encrypt.",
        (
            "Set Security to STARTTLS or TLS.",
            "If this line is safe in another way, allow a readable password under Advanced.",
        ),
    ),
    "auth_temporary": Cause(
        "Sign-in does not work now",
        "The server could not check the password just now.",
        "Its user directory is away for a moment.",
        ("Try again in a few minutes. The password may be right.",),
    ),
    "credentials_lost": Cause(
        "Stored sign-in cannot be opened",
        "The stored username and password cannot be opened any more.",
        "The key that sealed them has been removed from the settings of Mailrith.",
        (
            "Type the username and password again.",
            "Or ask the person who runs Mailrith to bring the key back.",
        ),
    ),
}
