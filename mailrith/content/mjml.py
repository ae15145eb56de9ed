"""The whole letter as MJML: head, stretches of blocks, sections, footer."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from mailrith.content import look as looks
from mailrith.content.blocks import column
from mailrith.content.document import Document, EmailSection, Top
from mailrith.content.footer import Footer
from mailrith.content.inline import attribute, escape, words
from mailrith.content.links import Links
from mailrith.content.look import GUTTER, LIGHT, MARGIN, WIDTH, Look
from mailrith.content.nodes import Paragraph
from mailrith.content.slots import UNSUBSCRIBE

_SPACE = {"none": 0, "normal": 24, "large": 40}
_BORDER = {"none": 0, "normal": 1, "large": 3}
_RADIUS = {"none": 0, "small": 4, "normal": 8, "large": 16, "full": 32}

# Fills what is left of the inbox line, or the letter's first words follow the preview text.
_FILLER = "&#847;&#8203;&#160;" * 60


def write(document: Document, *, preview_text: str, footer: Footer, language: str) -> str:
    """MJML source. Text and attributes are escaped, merge tags and links are slots."""
    attrs = document.attrs
    look = LIGHT.on(attrs.background_color)
    look = look.chosen(attrs.link_color, attrs.blockquote_border_color)
    links = Links(document)
    ground = attrs.background_color or looks.SHEET
    body = "".join(_stretches(document.content, look, links))
    return (
        f'<mjml lang="{attribute(language)}">{_head(preview_text, footer, look)}'
        f'<mj-body css-class="{"sheet" if look.adapts else ""}" width="{WIDTH}px" '
        f'background-color="{ground}">{body}{_footer(footer, look)}</mj-body></mjml>'
    )


def _head(preview_text: str, footer: Footer, look: Look) -> str:
    preview = words(preview_text).strip()
    dark = looks.DARK_STYLES if look.adapts else ""
    scheme = "light dark" if look.adapts else "light"
    return (
        "<mj-head>"
        f"<mj-title>{escape(footer.name) or 'Newsletter'}</mj-title>"
        + (f"<mj-preview>{preview}{_FILLER}</mj-preview>" if preview else "")
        + f'<mj-attributes><mj-text font-family="{looks.SERIF}" font-size="{looks.TEXT_SIZE}" '
        f'line-height="{looks.LINE_HEIGHT}" /></mj-attributes>'
        f"<mj-style>{looks.STYLES.replace('light dark', scheme)}{dark}</mj-style>"
        f'<mj-raw><meta name="color-scheme" content="{scheme}" />'
        f'<meta name="supported-color-schemes" content="{scheme}" />{looks.OUTLOOK_STYLES}</mj-raw>'
        "</mj-head>"
    )


def _stretches(content: Sequence[Top], look: Look, links: Links) -> Iterator[str]:
    """Blocks between two sections share one section of their own."""
    content = _without_blank_end(content)
    first = True
    for is_section, run in groupby(content, key=lambda node: isinstance(node, EmailSection)):
        for stretch in run if is_section else [tuple(run)]:
            if isinstance(stretch, EmailSection):
                yield _section(stretch, look, links)
            else:
                top = 32 if first else 24
                inner = column(stretch, look, links, width=WIDTH - 2 * MARGIN)  # type: ignore[arg-type]
                yield (
                    f'<mj-section padding="{top}px {MARGIN}px 0"><mj-column>{inner}</mj-column>'
                    "</mj-section>"
                )
            first = False


def _without_blank_end(content: Sequence[Top]) -> Sequence[Top]:
    """The editor always leaves an empty paragraph at the end; nobody means it."""
    end = len(content)
    while end and isinstance(last := content[end - 1], Paragraph) and not last.content:
        end -= 1
    return content[:end]


def _section(section: EmailSection, look: Look, links: Links) -> str:
    attrs = section.attrs
    picture = attrs.background_image_url
    inner_look = look.on(attrs.background_color).chosen(
        attrs.link_color, attrs.blockquote_border_color
    )
    ground = f' background-color="{attrs.background_color}"' if attrs.background_color else ""
    if picture:
        ground += f' background-url="{attribute(picture)}" background-size="cover"'
    thick = _BORDER[attrs.border_width or "none"]
    border = f' border="{thick}px solid {attrs.border_color or look.line}"' if thick else ""
    radius = f' border-radius="{_RADIUS[attrs.border_radius or "none"]}px"'
    padding = _SPACE[attrs.padding or "normal"]
    full = ' full-width="full-width"' if attrs.width == "full" else ""
    columns = "".join(
        _column(section, number, inner_look, links) for number in range(len(section.content))
    )
    return (
        f'<mj-wrapper padding="{_SPACE[attrs.margin or "normal"]}px 0 0"{full}>'
        f'<mj-section padding="{padding}px {MARGIN}px"{ground}{border}{radius}>{columns}'
        "</mj-section></mj-wrapper>"
    )


def _column(section: EmailSection, number: int, look: Look, links: Links) -> str:
    one, count = section.content[number], len(section.content)
    # The outer edges stay flush with the letter's, and all columns come out equally wide.
    left = GUTTER * number // count
    right = GUTTER * (count - 1 - number) // count
    width = (WIDTH - 2 * MARGIN) // count - left - right
    align = one.attrs.vertical_align or section.attrs.vertical_align or "top"
    ground = one.attrs.background_color
    colour = f' background-color="{ground}"' if ground else ""
    name = f' css-class="{"col stack" if number else "col"}"'
    inner = column(one.content, look.on(ground), links, width=width)
    return (
        f'<mj-column vertical-align="{align}" padding="0 {right}px 0 {left}px"{colour}{name}>'
        f"{inner}</mj-column>"
    )


def _footer(footer: Footer, look: Look) -> str:
    quiet, rule = ("quiet", "rule") if look.adapts else ("", "")
    sender = ", ".join(filter(None, (footer.name, footer.address)))
    return (
        f'<mj-section padding="40px {MARGIN}px 32px"><mj-column>'
        f'<mj-divider css-class="{rule}" padding="0 0 16px" border-width="1px" '
        f'border-color="{look.line}" />'
        f'<mj-text css-class="{quiet}" padding="0" font-family="{looks.SANS}" font-size="13px" '
        f'line-height="20px" color="{look.quiet}"><p style="margin:0">{escape(footer.reason)} '
        f'<a href="{attribute(str(UNSUBSCRIBE))}" style="color:{look.quiet};'
        f'text-decoration:underline">Unsubscribe</a></p>'
        f'<p style="margin:4px 0 0">{escape(sender)}</p></mj-text>'
        "</mj-column></mj-section>"
    )
