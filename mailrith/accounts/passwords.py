"""Which passwords are too weak to take. Long ones win: a sentence is easier to keep than a riddle."""

import unicodedata

SHORTEST = 12  # characters
LONGEST = 256  # characters; longer ones only make the hashing slow

_TOO_USUAL = frozenset(
    {
        "123456789012",
        "1234567890123",
        "111111111111",
        "passwordpassword",
        "password1234",
        "password12345",
        "passwort1234",
        "qwertyuiop12",
        "qwertyuiopas",
        "adminadminadmin",
        "letmeinletmein",
        "iloveyouiloveyou",
        "abcdefghijkl",
        "mailrithmailrith",
        "changemechangeme",
        "correcthorsebatterystaple",
    }
)


def normalize(password: str) -> str:
    """One form for what two keyboards write differently (NIST SP 800-63B, 5.1.1.2)."""
    return unicodedata.normalize("NFKC", password)


def weakness(password: str, *personal: str) -> str | None:
    """Why this password is not taken, as a sentence; None when it is fine. `personal`: address and name of the person."""
    if len(password) < SHORTEST:
        return f"{len(password)} of at least {SHORTEST} characters. A sentence works well."
    if len(password) > LONGEST:
        return f"At most {LONGEST} characters, please."
    plain = "".join(password.casefold().split())
    if plain in _TOO_USUAL or len(set(plain)) < 5:
        return "This is one of the first that somebody would try. Take a sentence of your own."
    for text in personal:
        own = "".join(text.casefold().split())
        if own and (plain == own or plain == own.partition("@")[0] * 2):
            return "Your address or name is easy to guess. Take a sentence of your own."
    return None
