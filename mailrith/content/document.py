"""The e-mail document: what a letter holds, as the tree that is stored and sent over the API.

`parse_document` is the only way in for data from outside. What it returns is clean: text on one
line without control characters, addresses with a known scheme, neighbouring texts joined.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError, model_validator

from mailrith.content.nodes import Block, Colour, NoAttrs, Node, PictureUrl, Space
from mailrith.core.errors import Invalid

LARGEST = 512_000
"""Bytes of the document as compact JSON in UTF-8."""

DEEPEST = 8
"""Lists inside lists. Nothing else can nest."""

# A list takes four levels of JSON (list, content, item, content), a section eight.
_DEEPEST_JSON = 4 * DEEPEST + 24


class ColumnAttrs(NoAttrs):
    background_color: Colour | None = None
    vertical_align: Literal["top", "middle", "bottom"] | None = None


class EmailSectionColumn(Node):
    type: Literal["emailSectionColumn"] = "emailSectionColumn"
    attrs: ColumnAttrs = ColumnAttrs()
    content: tuple[Block, ...] = Field(min_length=1)


class SectionAttrs(NoAttrs):
    columns: Literal[1, 2, 3] | None = None
    width: Literal["default", "large", "full", "fit"] | None = None
    background_color: Colour | None = None
    background_image_url: PictureUrl | None = None
    blockquote_border_color: Colour | None = None
    link_color: Colour | None = None
    layout_alignment: Literal["left", "center"] | None = None
    margin: Space | None = None
    padding: Space | None = None
    border_color: Colour | None = None
    border_width: Space | None = None
    border_radius: Literal["none", "normal", "small", "large", "full"] | None = None
    vertical_align: Literal["top", "middle", "bottom"] | None = None


class EmailSection(Node):
    type: Literal["emailSection"] = "emailSection"
    attrs: SectionAttrs = SectionAttrs()
    content: tuple[EmailSectionColumn, ...] = Field(min_length=1, max_length=3)

    @model_validator(mode="after")
    def _columns_agree(self) -> "EmailSection":
        if self.attrs.columns not in (None, len(self.content)):
            raise ValueError(
                f"This section says {self.attrs.columns} columns and holds {len(self.content)}."
            )
        return self


class DocumentAttrs(NoAttrs):
    background_color: Colour | None = None
    blockquote_border_color: Colour | None = None
    link_color: Colour | None = None
    layout_alignment: Literal["left", "center"] | None = None


Top = Annotated[Block | EmailSection, Field(discriminator="type")]


class Document(Node):
    type: Literal["doc"] = "doc"
    attrs: DocumentAttrs = DocumentAttrs()
    content: tuple[Top, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The tree as it is stored: contract names, nothing that was not said."""
        return self.model_dump(mode="json", by_alias=True)


EMPTY = Document()


@dataclass(frozen=True, slots=True)
class Problem:
    """path: where, as `content[2].attrs.href`; empty for the whole. message: a sentence."""

    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.message} (At {self.path}.)" if self.path else self.message


class BadDocument(Invalid):
    """The data is not an e-mail document. `problems` names each place."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__(str(problems[0]), field="body_document")
        self.problems = problems


def parse_document(data: object) -> Document:
    """The document in `data`: JSON as text or bytes, or what JSON gives. Raises BadDocument."""
    if isinstance(data, Document):
        return data
    data = _plain(data)
    try:
        return Document.model_validate(data)
    except ValidationError as error:
        raise BadDocument(tuple(_problems(error))) from None


def _plain(data: object) -> object:
    """JSON's own types, not too big and not too deep. Anything else is refused here."""
    deep = Problem("", f"Lists are nested too deeply. {DEEPEST} levels are the most.")
    try:
        if isinstance(data, str | bytes):
            _measure(len(data))
            data = json.loads(data)
        if not isinstance(data, dict):
            raise BadDocument((Problem("", "An e-mail document is an object of type “doc”."),))
        if _too_deep(data):
            raise BadDocument((deep,))
        _measure(len(json.dumps(data, ensure_ascii=False).encode("utf-8", "replace")))
    except RecursionError:
        raise BadDocument((deep,)) from None
    except (ValueError, TypeError):
        raise BadDocument(
            (Problem("", "This is not JSON, so there is no letter in it."),)
        ) from None
    return data


def _measure(size: int) -> None:
    if size > LARGEST:
        message = f"This letter is too big: {size:,} bytes, and {LARGEST:,} are the most."
        raise BadDocument((Problem("", message),))


def _too_deep(data: object) -> bool:
    """Walked without recursion, and no further than needed: the data may be made to hurt."""
    stack = [(data, 0, 0)]
    while stack:
        value, levels, lists = stack.pop()
        if levels > _DEEPEST_JSON or lists > DEEPEST:
            return True
        if isinstance(value, dict):
            lists += value.get("type") in ("bulletList", "orderedList")
            stack.extend((child, levels + 1, lists) for child in value.values())
        elif isinstance(value, list | tuple):
            stack.extend((child, levels + 1, lists) for child in value)
    return False


_SENTENCES = {
    "extra_forbidden": "“{name}” is not known here.",
    "missing": "“{name}” is missing.",
    "union_tag_not_found": "This part has no type.",
    "string_type": "“{name}” has to be text.",
    "model_type": "This part has to be an object.",
    "tuple_type": "“{name}” has to be a list.",
    "too_short": "This part is empty, and it can't be.",
    "too_long": "This part holds too many others.",
}


def _problems(error: ValidationError) -> Iterator[Problem]:
    for one in error.errors(include_url=False, include_context=True)[:20]:
        yield Problem(_path(one["loc"]), _sentence(one))


def _path(location: tuple[int | str, ...]) -> str:
    path = ""
    for before, step in zip((None, *location), location, strict=False):
        if isinstance(step, int):
            path += f"[{step}]"
        elif not isinstance(before, int) or step in ("content", "attrs", "type", "marks"):
            path += f".{step}" if path else step  # else it is the type that pydantic chose
    return path


def _sentence(error: Any) -> str:
    kind, context = error["type"], error.get("ctx", {})
    name = error["loc"][-1] if error["loc"] else "doc"
    if kind == "value_error":
        return str(context["error"])
    if kind == "union_tag_invalid":
        return f"“{str(context['tag'])[:40]}” can't stand here."
    if kind == "string_pattern_mismatch" and "0-9a-fA-F" in context["pattern"]:
        return "A colour is written #rrggbb."
    if kind == "literal_error":
        return f"“{name}” is one of {re.sub(chr(39), '', context['expected'])}."
    if kind in _SENTENCES:
        return _SENTENCES[kind].format(name=name)
    return f"“{name}”: {error['msg']}."
