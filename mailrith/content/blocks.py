"""Blocks of a letter as MJML. Neighbouring blocks of text share one cell: a table for each
paragraph would double the size of the mail.
"""

from collections.abc import Sequence
from itertools import groupby

from mailrith.content import look as looks
from mailrith.content.inline import attribute, line, words
from mailrith.content.links import Links
from mailrith.content.look import GAP, GAP_AFTER_HEADING, Look
from mailrith.content.nodes import (
    Block,
    Blockquote,
    BulletList,
    EmailButton,
    Heading,
    HorizontalRule,
    Image,
    ListItem,
    OrderedList,
    Paragraph,
)

_BUTTON_SIZES = {
    "small": ("10px 16px", "14px"),
    "medium": ("14px 20px", "16px"),
    "large": ("17px 28px", "18px"),
}


def column(content: Sequence[Block], look: Look, links: Links, *, width: int) -> str:
    """The blocks of one column, `width` pixels wide, as children of mj-column."""
    return Column(look, links, width).write(content)


class Column:
    def __init__(self, look: Look, links: Links, width: int) -> None:
        self.look = look
        self.links = links
        self.width = width

    def write(self, content: Sequence[Block]) -> str:
        blocks = list(zip(_gaps(content), content, strict=True))
        pieces = []
        for is_text, run in groupby(blocks, key=lambda pair: _is_text(pair[1])):
            if is_text:
                pieces.append(self._texts(list(run)))
            else:
                pieces += [self._single(block, gap) for gap, block in run]
        return "".join(pieces)

    # ---- text ------------------------------------------------------------------------------

    def _texts(self, run: list[tuple[int, Block]]) -> str:
        before = run[0][0]
        inner = "".join(
            self._text(block, 0 if number == 0 else gap) for number, (gap, block) in enumerate(run)
        )
        name = "tx" if self.look.adapts else "lt"
        return (
            f'<mj-text css-class="{name}" padding="{before}px 0 0" color="{self.look.ink}">'
            f"{inner}</mj-text>"
        )

    def _text(self, block: Block, gap: int) -> str:
        if isinstance(block, Heading):
            return self._heading(block, gap)
        if isinstance(block, Blockquote):
            return self._quote(block, gap)
        if isinstance(block, BulletList | OrderedList):
            return self._list(block, gap)
        assert isinstance(block, Paragraph)
        return self._paragraph(block, gap)

    def _paragraph(self, block: Paragraph, gap: int, extra: str = "") -> str:
        style = f"margin:{gap}px 0 0{_aligned(block)}{extra}"
        return f'<p style="{style}">{self._line(block)}</p>'

    def _heading(self, block: Heading, gap: int) -> str:
        size, height = looks.HEADINGS[block.attrs.level]
        style = (
            f"margin:{gap}px 0 0;font-size:{size};line-height:{height};font-weight:700"
            f"{_aligned(block)}"
        )
        tag = f"h{block.attrs.level}"
        return f'<{tag} style="{style}">{self._line(block)}</{tag}>'

    def _quote(self, block: Blockquote, gap: int) -> str:
        # A table, since Word's engine draws neither the border nor the padding of a quote.
        inner = "".join(
            self._paragraph(paragraph, GAP if number else 0)
            for number, paragraph in enumerate(block.content)
        )
        font = (
            f"font-family:{looks.SERIF};font-size:{looks.TEXT_SIZE};"
            f"line-height:{looks.LINE_HEIGHT};color:{self.look.ink}"
        )
        return (
            f'<div style="padding-top:{gap}px"><table role="presentation" border="0" cellpadding="0" '
            f'cellspacing="0" width="100%"><tr><td class="quote" style="border-left:3px solid '
            f'{self.look.quote_line};padding:2px 0 2px 16px;font-style:italic;{font}">'
            f'<blockquote style="margin:0">{inner}</blockquote></td></tr></table></div>'
        )

    def _list(self, block: BulletList | OrderedList, gap: int) -> str:
        tag, start = "ul", ""
        if isinstance(block, OrderedList):
            tag = "ol"
            if block.attrs.start not in (None, 1):
                start = f' start="{block.attrs.start}"'
        items = "".join(
            self._item(item, 6 if number else 0) for number, item in enumerate(block.content)
        )
        return f'<{tag}{start} style="margin:{gap}px 0 0;padding:0 0 0 22px">{items}</{tag}>'

    def _item(self, item: ListItem, gap: int) -> str:
        first = item.content[0]
        assert isinstance(first, Paragraph)
        rest = "".join(self._text(block, 6) for block in item.content[1:])
        style = f"margin:{gap}px 0 0;padding:0 0 0 2px{_aligned(first)}"
        return f'<li style="{style}">{self._line(first)}{rest}</li>'

    def _line(self, block: Paragraph | Heading) -> str:
        # An empty paragraph is somebody's blank line; without a space it has no height.
        return line(block.content, self.look, self.links) or "&#160;"

    # ---- what stands alone -------------------------------------------------------------------

    def _single(self, block: Block, gap: int) -> str:
        if isinstance(block, EmailButton):
            return self._button(block, gap)
        if isinstance(block, Image):
            return self._image(block, gap)
        assert isinstance(block, HorizontalRule)
        return (
            f'<mj-divider css-class="{"rule" if self.look.adapts else ""}" '
            f'padding="{gap}px 0 0" border-width="1px" border-color="{self.look.line}" />'
        )

    def _button(self, block: EmailButton, gap: int) -> str:
        attrs = block.attrs
        padding, size = _BUTTON_SIZES[attrs.size or "medium"]
        href = f' href="{attribute(self.links.target(attrs.href))}"' if attrs.href else ""
        return (
            f'<mj-button{href} padding="{gap}px 0 0" inner-padding="{padding}" '
            f'font-family="{looks.SANS}" font-size="{size}" font-weight="600" line-height="120%" '
            f'background-color="{attrs.background_color or self.look.button}" '
            f'color="{attrs.text_color or self.look.on_button}" border-radius="6px" '
            f'align="{attrs.align or "left"}">{words(attrs.label) or "&#160;"}</mj-button>'
        )

    def _image(self, block: Image, gap: int) -> str:
        attrs = block.attrs
        if not attrs.src:
            return ""
        width = round(self.width * (attrs.width_percent or 100) / 100)
        names = ["pic"] if self.look.adapts else []
        names += ["square"] if attrs.crop in ("square", "circle") else []
        href = f' href="{attribute(self.links.target(attrs.href))}"' if attrs.href else ""
        title = f' title="{attribute(attrs.title)}"' if attrs.title else ""
        picture = (
            f'<mj-image css-class="{" ".join(names)}" src="{attribute(attrs.src)}" alt="{attribute(attrs.alt)}"'
            f'{title}{href} width="{width}px" padding="{gap}px 0 0" align="{attrs.align or "center"}" '
            f'border-radius="{"50%" if attrs.crop == "circle" else "4px"}" font-size="15px" />'
        )
        return picture + self._caption(block)

    def _caption(self, block: Image) -> str:
        attrs = block.attrs
        said = [words(attrs.caption)] if attrs.caption else []
        if attrs.unsplash:
            name = words(attrs.unsplash.photographer_name)
            url = attrs.unsplash.photographer_url
            if url:
                target = attribute(self.links.target(url))
                name = f'<a href="{target}" style="color:{self.look.quiet}">{name}</a>'
            said.append(f"Photo: {name}, Unsplash")
        if not said:
            return ""
        return (
            f'<mj-text css-class="{"quiet" if self.look.adapts else ""}" padding="8px 0 0" '
            f'font-family="{looks.SANS}" font-size="13px" line-height="1.5" '
            f'align="{attrs.align or "center"}" color="{self.look.quiet}">{". ".join(said)}</mj-text>'
        )


def _is_text(block: Block) -> bool:
    return isinstance(block, Paragraph | Heading | Blockquote | BulletList | OrderedList)


def _gaps(content: Sequence[Block]) -> list[int]:
    """Pixels above each block."""
    gaps, before = [], None
    for block in content:
        if before is None:
            gap = 0
        elif isinstance(before, Heading):
            gap = GAP_AFTER_HEADING
        elif isinstance(block, Heading):
            gap = looks.GAP_BEFORE_HEADING[block.attrs.level]
        else:
            around = looks.GAP_AROUND
            gap = max(around.get(block.type, GAP), around.get(before.type, GAP))
        gaps.append(gap)
        before = block
    return gaps


def _aligned(block: Paragraph | Heading) -> str:
    align = block.attrs.text_align
    return f";text-align:{align}" if align and align != "left" else ""
