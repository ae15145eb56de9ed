"""Header fields, encoded by us and not by the standard library.

`EmailMessage` decodes encoded words (RFC 2047) in a value that it is given and writes the line breaks
in them raw (CVE-2024-6923): a subscriber's name in a subject could add header fields. Here a value is
always plain text. What looks like an encoded word is encoded once more, so that it reads as it was typed.
"""

import re
from base64 import b64encode

from mailrith.content.characters import one_value
from mailrith.core.errors import Invalid
from mailrith.core.line_breaks import breaks_a_line

LONGEST_SUBJECT = 998
"""Characters; more than any inbox shows, and a limit that servers check (RFC 5322, 2.1.1)."""

LONGEST_VALUE = 255
"""Characters of a merge value in a header field. A name of 10,000 characters is cut with an ellipsis."""

LONGEST_MARK = 60
"""Characters of what stands for a delivery in a mail service's header."""

_LINE = 76
_WORD = 75
_PREFIX_Q, _PREFIX_B, _END = "=?utf-8?q?", "=?utf-8?b?", "?="
_Q_PLAIN = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!*+-/")
_MARK = re.compile(r"[0-9A-Za-z-]{1,60}")
_ADDRESS = re.compile(r"[^\s<>(),:;\"\[\]\\@]+@[^\s<>(),:;\"\[\]\\@]+")

_LIST_ID = re.compile(r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)+")


def check_subject(subject: str) -> str:
    """The subject on one line. Invalid when there is none or when it is too long."""
    subject = one_value(subject)
    if not subject:
        raise Invalid("A mail needs a subject.", field="subject")
    if len(subject) > LONGEST_SUBJECT:
        raise Invalid(
            f"The subject has {len(subject):,} characters. {LONGEST_SUBJECT} are the most.",
            field="subject",
        )
    return subject


def check_text(text: str, field: str) -> str:
    """Text for a header as given. Invalid where it, or an encoded word in it, holds a line break or a NUL."""
    if breaks_a_line(text):
        raise Invalid("Leave out line breaks, also encoded ones.", field=field)
    return text


def check_address(address: str, field: str) -> str:
    """A bare address that can stand in a header as it is; Invalid otherwise."""
    if not (_ADDRESS.fullmatch(address) and address.isprintable() and len(address) <= 254):
        raise Invalid(f"“{address[:80]}” is not an e-mail address.", field=field)
    return address


def check_list_id(list_id: str) -> str:
    """The identifier of a List-Id: a name like a domain's (RFC 2919, 2); Invalid otherwise."""
    if not _LIST_ID.fullmatch(list_id):
        raise Invalid(f"“{list_id[:80]}” can't be the id of a list.", field="list_id")
    return list_id


def shortened(value: str, longest: int = LONGEST_VALUE) -> str:
    return value if len(value) <= longest else f"{value[: longest - 1].rstrip()}…"


def field(name: str, value: str) -> bytes:
    """A field of plain text (a subject, a metadata header), folded, with its line break."""
    value = one_value(value)
    folded = _fold_plain(name, value) or _fold_encoded(len(name) + 2, value)
    return f"{name}: {folded}\r\n".encode("ascii")


def mailbox_field(name: str, display_name: str, address: str) -> bytes:
    """`From` and the like: a display name, which may be empty, and an address."""
    return _phrase_field(name, display_name, address)


def list_id_field(display_name: str, list_id: str) -> bytes:
    """`List-Id` (RFC 2919): a phrase and the identifier."""
    return _phrase_field("List-Id", display_name, list_id)


def raw_field(name: str, value: str) -> bytes:
    """A field whose value we made ourselves (a date, an id, an address): one line as it is.

    UTF-8 where an address has it (RFC 6532), which only goes to servers that offer SMTPUTF8.
    """
    if not value.isprintable():
        raise Invalid(f"The {name} of this mail holds a control character.", field=name)
    return f"{name}: {value}\r\n".encode()


def links_field(name: str, *links: str) -> bytes:
    """Addresses that we made ourselves in angle brackets, the one to prefer first (RFC 2369, 2), each on its own line."""
    first, *more = (raw_field(name, f"<{link}>") for link in links)
    rest = (b",\r\n " + field[len(name) + 2 : -2] for field in more)
    return first[:-2] + b"".join(rest) + b"\r\n"


def structured_field(name: str, value: str) -> bytes:
    """A field that a program reads (JSON, a word): ASCII as it is, folded at its blanks. Invalid where that can't be."""
    folded = _fold_plain(name, value) if value.isprintable() else None
    if folded is None or value != value.strip():
        raise Invalid(f"The {name} of this mail can't be written on short lines.", field="headers")
    return f"{name}: {folded}\r\n".encode("ascii")


def mark_of(message_id: str) -> str:
    """What stands for a delivery in a mail service's header: the left part of its Message-ID, in letters, digits and hyphens.

    No service refuses those (Amazon SES takes nothing else). Raises Invalid for an id that is not ours.
    """
    mark = message_id.partition("@")[0].replace(".", "-")
    if not _MARK.fullmatch(mark):
        raise Invalid(
            "The Message-ID of this mail holds characters that it can't.", field="headers"
        )
    return mark


def _phrase_field(name: str, phrase: str, bracketed: str) -> bytes:
    phrase = one_value(phrase)
    if not phrase:
        return raw_field(name, f"<{bracketed}>" if name == "List-Id" else bracketed)
    quoted = '"{}"'.format(phrase.replace("\\", "\\\\").replace('"', '\\"'))
    plain = phrase.isascii() and "=?" not in phrase
    if not plain or len(name) + len(quoted) + 2 > _LINE:
        quoted = _fold_encoded(len(name) + 2, phrase)
    last = quoted.rpartition("\r\n")[2]
    used = len(last) + (0 if "\r\n" in quoted else len(name) + 2)
    space = " " if used + len(bracketed) + 3 <= _LINE else "\r\n "
    return f"{name}: {quoted}{space}<{bracketed}>\r\n".encode()


def _fold_plain(name: str, value: str) -> str | None:
    """ASCII folded at its own blanks, or None where that would not read back the same."""
    if not value.isascii() or "=?" in value or "  " in value:
        return None
    if len(name) + 2 + len(value) <= _LINE:
        return value
    lines, line, room = [], "", _LINE - len(name) - 2
    for word in value.split(" "):
        if len(word) >= _LINE:
            return None
        if line and len(line) + 1 + len(word) > room:
            lines.append(line)
            line, room = word, _LINE - 1
        else:
            line = f"{line} {word}" if line else word
    return "\r\n ".join([*lines, line])


def _fold_encoded(used: int, value: str) -> str:
    """Encoded words of at most 75 characters, one on each line; no character is cut in two."""
    quoted = sum(1 if _is_plain_q(letter) else 3 * len(letter.encode()) for letter in value)
    encode = _q_words if quoted <= len(value.encode()) * 4 / 3 + 12 else _b_words
    return "\r\n ".join(encode(value, used))


def _is_plain_q(letter: str) -> bool:
    return letter == " " or (letter.isascii() and ord(letter) in _Q_PLAIN)


def _q_words(value: str, used: int) -> list[str]:
    words, word, room = [], "", _WORD - len(_PREFIX_Q) - len(_END) - used
    for letter in value:
        code = _q_code(letter)
        if word and len(word) + len(code) > room:
            words.append(word)
            word, room = "", _WORD - len(_PREFIX_Q) - len(_END)
        word += code
    return [f"{_PREFIX_Q}{one}{_END}" for one in [*words, word]]


def _q_code(letter: str) -> str:
    if letter == " ":
        return "_"
    if letter.isascii() and ord(letter) in _Q_PLAIN:
        return letter
    return "".join(f"={byte:02X}" for byte in letter.encode())


def _b_words(value: str, used: int) -> list[str]:
    words, word, room = [], b"", (_WORD - len(_PREFIX_B) - len(_END) - used) // 4 * 3
    for letter in value:
        code = letter.encode()
        if word and len(word) + len(code) > room:
            words.append(word)
            word, room = b"", (_WORD - len(_PREFIX_B) - len(_END)) // 4 * 3
        word += code
    return [f"{_PREFIX_B}{b64encode(one).decode('ascii')}{_END}" for one in [*words, word]]
