"""The nodes and marks of the e-mail document, as pydantic models.

Names and values are those of the public contract (a ProseMirror tree). Everything unknown is
refused. Only lists can nest; a section stands at the top and nowhere else.
"""

from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SerializerFunctionWrapHandler,
    model_serializer,
)
from pydantic.alias_generators import to_camel

from mailrith.content.characters import one_line
from mailrith.content.urls import LINK_SCHEMES, PICTURE_SCHEMES, check_url


class Node(BaseModel):
    model_config = ConfigDict(
        extra="forbid", frozen=True, alias_generator=to_camel, validate_by_name=True
    )

    @model_serializer(mode="wrap")
    def _without_what_is_not_said(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        said = handler(self).items()
        return {name: value for name, value in said if value not in (None, {}, [], ())}


def _clean(value: object) -> object:
    # Before pydantic looks: it refuses lone surrogates with an error that nobody understands.
    return one_line(value) if isinstance(value, str) else value


def _link(url: str) -> str:
    """An empty address is a draft's; the checklist asks for it before sending."""
    return check_url(url, LINK_SCHEMES) if url else url


def _picture(url: str) -> str:
    return check_url(url, PICTURE_SCHEMES) if url else url


def _size(size: str) -> str:
    if not 8 <= int(size.removesuffix("px")) <= 96:
        raise ValueError("A font size lies between 8px and 96px.")
    return size


Words = Annotated[str, BeforeValidator(_clean)]
ShortWords = Annotated[str, BeforeValidator(_clean), Field(max_length=500)]
LinkUrl = Annotated[str, BeforeValidator(_clean), AfterValidator(_link)]
PictureUrl = Annotated[str, BeforeValidator(_clean), AfterValidator(_picture)]
Colour = Annotated[str, Field(pattern=r"^#[0-9a-fA-F]{6}$")]
FontSize = Annotated[str, Field(pattern=r"^[0-9]{1,2}px$"), AfterValidator(_size)]
Id = Annotated[str, Field(max_length=64, pattern=r"^[\w-]*$")]
TextAlign = Literal["left", "center", "right", "justify"]
Align = Literal["left", "center", "right"]
Space = Literal["none", "normal", "large"]


class NoAttrs(Node):
    id: Id | None = None


# ---- marks ---------------------------------------------------------------------------------


class Bold(Node):
    type: Literal["bold"] = "bold"


class Italic(Node):
    type: Literal["italic"] = "italic"


class Strike(Node):
    type: Literal["strike"] = "strike"


class Underline(Node):
    type: Literal["underline"] = "underline"


class LinkAttrs(Node):
    href: LinkUrl


class Link(Node):
    type: Literal["link"] = "link"
    attrs: LinkAttrs


class TextStyleAttrs(Node):
    color: Colour | None = None
    font_size: FontSize | None = None


class TextStyle(Node):
    type: Literal["textStyle"] = "textStyle"
    attrs: TextStyleAttrs = TextStyleAttrs()


class HighlightAttrs(Node):
    color: Colour | None = None


class Highlight(Node):
    type: Literal["highlight"] = "highlight"
    attrs: HighlightAttrs = HighlightAttrs()


Mark = Annotated[
    Bold | Italic | Strike | Underline | Link | TextStyle | Highlight,
    Field(discriminator="type"),
]

# Outermost first. One order for everybody, so that equal text has equal marks.
MARK_ORDER = ("link", "highlight", "textStyle", "bold", "italic", "underline", "strike")


def _ordered(marks: tuple[Mark, ...]) -> tuple[Mark, ...]:
    if len({mark.type for mark in marks}) < len(marks):
        raise ValueError("The same mark stands twice on one text.")
    return tuple(sorted(marks, key=lambda mark: MARK_ORDER.index(mark.type)))


Marks = Annotated[tuple[Mark, ...], AfterValidator(_ordered)]


# ---- inside a line -------------------------------------------------------------------------


class Text(Node):
    type: Literal["text"] = "text"
    text: Words
    marks: Marks = ()


class HardBreak(Node):
    type: Literal["hardBreak"] = "hardBreak"
    marks: Marks = ()


Inline = Annotated[Text | HardBreak, Field(discriminator="type")]


def _joined(content: tuple[Inline, ...]) -> tuple[Inline, ...]:
    """Neighbours with the same marks are one text: a merge tag must not be cut in two."""
    joined: list[Inline] = []
    for node in content:
        last = joined[-1] if joined else None
        if isinstance(node, Text) and isinstance(last, Text) and last.marks == node.marks:
            joined[-1] = Text(text=last.text + node.text, marks=node.marks)
        elif not (isinstance(node, Text) and not node.text):
            joined.append(node)
    return tuple(joined)


Line = Annotated[tuple[Inline, ...], AfterValidator(_joined)]


# ---- blocks --------------------------------------------------------------------------------


class ParagraphAttrs(NoAttrs):
    text_align: TextAlign | None = None


class Paragraph(Node):
    type: Literal["paragraph"] = "paragraph"
    attrs: ParagraphAttrs = ParagraphAttrs()
    content: Line = ()


class HeadingAttrs(ParagraphAttrs):
    level: Literal[1, 2, 3]


class Heading(Node):
    type: Literal["heading"] = "heading"
    attrs: HeadingAttrs
    content: Line = ()


def _starts_with_paragraph(content: tuple[Any, ...]) -> tuple[Any, ...]:
    if not content or not isinstance(content[0], Paragraph):
        raise ValueError("A list item starts with a paragraph.")
    return content


class ListItem(Node):
    type: Literal["listItem"] = "listItem"
    attrs: NoAttrs = NoAttrs()
    content: Annotated[tuple["ItemContent", ...], AfterValidator(_starts_with_paragraph)]


class BulletList(Node):
    type: Literal["bulletList"] = "bulletList"
    attrs: NoAttrs = NoAttrs()
    content: tuple[ListItem, ...] = Field(min_length=1)


class OrderedListAttrs(NoAttrs):
    start: Annotated[int, Field(ge=0, le=999_999_999)] | None = None


class OrderedList(Node):
    type: Literal["orderedList"] = "orderedList"
    attrs: OrderedListAttrs = OrderedListAttrs()
    content: tuple[ListItem, ...] = Field(min_length=1)


ItemContent = Annotated[Paragraph | BulletList | OrderedList, Field(discriminator="type")]


class Blockquote(Node):
    type: Literal["blockquote"] = "blockquote"
    attrs: NoAttrs = NoAttrs()
    content: tuple[Paragraph, ...] = Field(min_length=1)


class HorizontalRule(Node):
    type: Literal["horizontalRule"] = "horizontalRule"
    attrs: NoAttrs = NoAttrs()


class ButtonAttrs(NoAttrs):
    label: ShortWords = ""
    href: LinkUrl = ""
    background_color: Colour | None = None
    text_color: Colour | None = None
    size: Literal["small", "medium", "large"] | None = None
    align: Align | None = None


class EmailButton(Node):
    type: Literal["emailButton"] = "emailButton"
    attrs: ButtonAttrs = ButtonAttrs()


class Unsplash(Node):
    photo_id: ShortWords | None = None
    photographer_name: ShortWords
    photographer_username: ShortWords | None = None
    photographer_url: LinkUrl | None = None
    unsplash_url: LinkUrl | None = None


class ImageAttrs(NoAttrs):
    src: PictureUrl
    alt: Annotated[Words, Field(max_length=2000)] = ""
    title: ShortWords | None = None
    caption: ShortWords | None = None
    href: LinkUrl | None = None
    align: Align | None = None
    source: Literal["unsplash"] | None = None
    unsplash: Unsplash | None = None
    width_percent: Annotated[float, Field(ge=1, le=100)] | None = None
    crop: Literal["none", "square", "circle"] | None = None
    fill_column: bool | None = None


class Image(Node):
    type: Literal["image"] = "image"
    attrs: ImageAttrs


Block = Annotated[
    Paragraph
    | Heading
    | BulletList
    | OrderedList
    | Blockquote
    | HorizontalRule
    | EmailButton
    | Image,
    Field(discriminator="type"),
]
