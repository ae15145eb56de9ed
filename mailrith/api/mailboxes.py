"""Recipients as programs write them: {"email": ..., "name": ...}, "ann@x.example" or "Ann <ann@x.example>"."""

import re
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from mailrith.api.bodies import Body
from mailrith.core import addresses
from mailrith.core.line_breaks import breaks_a_line

LONGEST_TEXT = 600  # characters; a name has at most 255, an address 254
LONGEST_NAME = 255
SEVERAL = "One address for each entry. Write a name with a comma in quotation marks."

_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')
_ESCAPED = re.compile(r"\\(.)")


class MessageMailbox(Body):
    """An address, and the name shown with it."""

    email: str
    name: str = ""


def read(text: str) -> MessageMailbox:
    """One mailbox (RFC 5322, 3.4) in a single text. Raises ValueError with a sentence."""
    if len(text) > LONGEST_TEXT:
        raise ValueError(f"An address with its name has at most {LONGEST_TEXT} characters.")
    if breaks_a_line(text):
        raise ValueError("Leave out line breaks, also encoded ones.")
    name, bracket, rest = text.strip().rpartition("<")
    if bracket and not rest.endswith(">"):
        raise ValueError("The > after the address is missing, or something stands behind it.")
    found = addresses.parse_address(rest.removesuffix(">") if bracket else text)
    if isinstance(found, addresses.Problem):
        raise ValueError(found.sentence)  # noqa: TRY004 - pydantic makes an objection of it
    return MessageMailbox(email=found.text, name=_name(name.strip()))


def _name(text: str) -> str:
    quoted = _QUOTED.fullmatch(text)
    name = _ESCAPED.sub(r"\1", quoted[1]) if quoted else text
    if not quoted and any(character in text for character in '<>,;"'):
        raise ValueError(SEVERAL)
    if len(name) > LONGEST_NAME:
        raise ValueError(f"A name has at most {LONGEST_NAME} characters.")
    return name


def _one(value: Any) -> Any:
    return read(value) if isinstance(value, str) else value


def _many(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


_One = Annotated[MessageMailbox, BeforeValidator(_one, json_schema_input_type=MessageMailbox | str)]
Mailboxes = Annotated[
    list[_One],
    BeforeValidator(_many, json_schema_input_type=list[MessageMailbox | str] | str),
    Field(default_factory=list),
]
