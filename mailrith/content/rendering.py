"""The document as HTML that mail programs understand, by way of MJML."""

import re

import mrml

from mailrith.content import mjml
from mailrith.content.document import Document
from mailrith.content.footer import Footer
from mailrith.content.slots import PIXEL

# No web fonts and no pictures from other people's servers; mrml adds both by itself.
_OPTIONS = mrml.RenderOptions(disable_comments=False, social_icon_origin="", fonts={})

# Slots inside attributes come through the renderer as character references.
_SLOT_REFERENCE = re.compile("&#x(10F[01][0-9A-F]{2});")


def render_html(
    document: Document, *, preview_text: str = "", footer: Footer, language: str = "en"
) -> str:
    """A complete HTML page with slots in it (see `slots`). `footer` always stands at its end.

    preview_text: as it was typed, merge tags included; what an inbox shows beside the subject.
    """
    source = mjml.write(document, preview_text=preview_text, footer=footer, language=language)
    html = mrml.to_html(source, render_options=_OPTIONS).content
    html = _SLOT_REFERENCE.sub(lambda match: chr(int(match.group(1), 16)), html)
    head, end, rest = html.rpartition("</body>")
    return f"{head}{PIXEL}{end}{rest}"
