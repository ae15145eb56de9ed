"""E-mail addresses: what is accepted, the natural key, the hash that outlives a deletion, and the form for logs.

Syntax only: no name server is asked. The domain is kept in ASCII and lower case, the local part as it was written.
"""

import hashlib
import re
import unicodedata
from dataclasses import dataclass

import idna
from email_validator import EmailNotValidError, validate_email

MAX_CHARS = 254  # RFC 5321, 4.5.3.1.3: a path has 256 octets with its angle brackets
MAX_LOCAL_BYTES = 64  # RFC 5321, 4.5.3.1.1
FINGERPRINT_BYTES = 16

# Nearly every address on earth; the full parser is twenty times slower, which an import of a million rows feels.
_PLAIN = re.compile(
    r"([a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*)"
    r"@((?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?)",
    re.IGNORECASE | re.ASCII,
)


@dataclass(frozen=True, slots=True)
class Address:
    """A usable address. `domain` is lower-case ASCII (IDNA); `local` may hold other characters (RFC 6531)."""

    local: str
    domain: str

    @property
    def text(self) -> str:
        """The address as it is stored and as it goes over the wire."""
        return f"{self.local}@{self.domain}"

    @property
    def key(self) -> str:
        """Two addresses with one key are one person."""
        return key(self.text)

    @property
    def needs_smtputf8(self) -> bool:
        """Whether only servers with SMTPUTF8 can take it."""
        return not self.local.isascii()

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a text is not a usable address. `code` is stable, `sentence` is for people."""

    code: str
    sentence: str


EMPTY = Problem("empty", "There is no address here.")
TOO_LONG = Problem("too_long", f"An address has at most {MAX_CHARS} characters.")
SEVERAL = Problem("several", "This looks like more than one address. Give one at a time.")
CONTROL = Problem("control", "The address contains a line break or another invisible character.")
NO_AT = Problem("no_at", "The @ is missing. An address looks like ada@example.com.")
QUOTED = Problem("quoted", "Addresses with quotation marks are not accepted.")
DISPLAY = Problem("display", "Give the address alone, without a name or angle brackets.")
LITERAL = Problem("literal", "An address needs a domain name, not a number in brackets.")
BAD_LOCAL = Problem("local", "The part before the @ cannot be read. Is there a typing mistake?")
BAD_DOMAIN = Problem("domain", "The part after the @ is not a domain name. Is it misspelled?")


def parse_address(text: str) -> Address | Problem:
    """Read one address. Blanks around it are ignored; everything else has to be right."""
    text = text.strip(" \t\r\n\u00a0\u200b\ufeff")
    plain = _PLAIN.fullmatch(text) if len(text) <= MAX_CHARS else None
    if plain is not None and "--" not in plain[2] and len(plain[1]) <= MAX_LOCAL_BYTES:
        return Address(plain[1], plain[2].lower())
    return _coarse_problem(text) or _parse_slowly(text)


def key(address: str) -> str:
    """The natural key of a stored address: case never tells two people apart."""
    return unicodedata.normalize("NFC", address).casefold()


def fingerprint(salt: bytes, address: str) -> bytes:
    """What stays of an address after its person was deleted: 16 bytes, useless without the salt."""
    return hashlib.sha256(salt + key(address).encode()).digest()[:FINGERPRINT_BYTES]


def mask(address: str) -> str:
    """The address for logs and strangers: h***@example.com."""
    local, at, domain = address.rpartition("@")
    return f"{local[:1]}***@{domain}" if at else "***"


def domain_of(address: str) -> str:
    """The part after the last @, in lower case."""
    return address.rpartition("@")[2].lower()


def _coarse_problem(text: str) -> Problem | None:
    """The mistakes that people make, found before the parser that would describe them worse."""
    found = None
    if not text:
        found = EMPTY
    elif len(text) > MAX_CHARS:
        found = TOO_LONG
    elif any(unicodedata.category(character) in {"Cc", "Cf", "Zl", "Zp"} for character in text):
        found = CONTROL
    elif "@" not in text:
        found = NO_AT
    elif '"' in text:
        found = QUOTED
    elif "," in text or ";" in text or text.count("@") > 1:
        found = SEVERAL
    elif "<" in text or ">" in text:
        found = DISPLAY
    elif text.endswith("]"):
        found = LITERAL
    return found


def _parse_slowly(text: str) -> Address | Problem:
    local, _, domain = text.rpartition("@")
    try:
        parsed = validate_email(text, check_deliverability=False, globally_deliverable=False)
        ascii_domain = idna.encode(domain, uts46=True).decode("ascii").lower()
    except (EmailNotValidError, idna.IDNAError):
        return _blame(local, domain)
    last = ascii_domain.rpartition(".")[2]
    if last == ascii_domain or not last[:1].isalpha():  # 127.0.0.1 is no name (RFC 3696, section 2)
        return BAD_DOMAIN
    address = Address(parsed.local_part, ascii_domain)
    if len(address.text.encode()) > MAX_CHARS or len(address.local.encode()) > MAX_LOCAL_BYTES:
        return TOO_LONG
    return address


def _blame(local: str, domain: str) -> Problem:
    """Which side of the @ is wrong: the domain if it fails with a local part that is surely right."""
    try:
        validate_email(f"a@{domain}", check_deliverability=False, globally_deliverable=False)
    except EmailNotValidError:
        return BAD_DOMAIN
    return TOO_LONG if len(local.encode()) > MAX_LOCAL_BYTES else BAD_LOCAL
