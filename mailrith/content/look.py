"""How a letter looks: sizes, spaces, and the colours of a stretch of it."""

from dataclasses import dataclass, replace

SERIF = "Charter, 'Bitstream Charter', 'Iowan Old Style', Georgia, 'Times New Roman', serif"
SANS = "-apple-system, BlinkMacSystemFont, 'Segoe UI', Roboto, Helvetica, Arial, sans-serif"

WIDTH = 608
"""Pixels of the letter. With the margins below a line holds about 70 letters."""

MARGIN = 24
GUTTER = 24

TEXT_SIZE = "17px"
LINE_HEIGHT = "1.65"
HEADINGS = {1: ("28px", "1.25"), 2: ("22px", "1.3"), 3: ("18px", "1.4")}
"""Size and line height of each level."""

GAP = 18
"""Pixels between two blocks; headings stand further off what is above and close to what follows."""

GAP_BEFORE_HEADING = {1: 34, 2: 30, 3: 26}
GAP_AFTER_HEADING = 8
GAP_AROUND = {"image": 24, "emailButton": 26, "horizontalRule": 30}


@dataclass(frozen=True, slots=True)
class Look:
    """Colours as #rrggbb. adapts: whether the text may turn light when the reader's screen is dark;
    not on a background that the writer chose.
    """

    ink: str = "#1c1915"
    quiet: str = "#6c6863"
    line: str = "#e2e0dd"
    link: str = "#13513e"
    link_line: str | None = "#abd2c0"
    quote_line: str = "#abd2c0"
    button: str = "#174f3d"
    on_button: str = "#ffffff"
    adapts: bool = True

    def on(self, background: str | None) -> "Look":
        """The look on a coloured ground: it stays as chosen, with ink that can be read."""
        if background is None:
            return self
        if _is_light(background):
            return replace(LIGHT, adapts=False)
        return replace(DARK, adapts=False)

    def chosen(self, link: str | None, quote_line: str | None) -> "Look":
        look = self
        if link is not None:
            look = replace(look, link=link, link_line=None)
        if quote_line is not None:
            look = replace(look, quote_line=quote_line)
        return look


LIGHT = Look()
DARK = Look(
    ink="#f0eeeb",
    quiet="#b3b1ab",
    line="#4b4946",
    link="#84d5b2",
    link_line="#2e5648",
    quote_line="#2e5648",
    button="#82d1af",
    on_button="#0c1f18",
)
SHEET, DARK_SHEET = "#ffffff", "#181715"


def _is_light(colour: str) -> bool:
    """By the weights of ITU-R BT.601, which is what the eye makes of it, near enough."""
    red, green, blue = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    return 299 * red + 587 * green + 114 * blue > 140_000


STYLES = """
:root { color-scheme: light dark; supported-color-schemes: light dark; }
h1, h2, h3 { text-wrap: balance; }
a { text-underline-offset: 2px; }
.square img { aspect-ratio: 1 / 1; object-fit: cover; }
@media only screen and (max-width: 479px) {
.stack { padding-top: 24px !important; }
.col > table > tbody > tr > td { padding-left: 0 !important; padding-right: 0 !important; }
}
"""

DARK_STYLES = f"""
@media (prefers-color-scheme: dark) {{
body, .sheet {{ background-color: {DARK_SHEET} !important; }}
.tx, .tx div, .tx p, .tx h1, .tx h2, .tx h3, .tx td, .tx li {{ color: {DARK.ink} !important; }}
.tx a {{ color: {DARK.link} !important; text-decoration-color: {DARK.link_line} !important; }}
.tx .quote {{ border-color: {DARK.quote_line} !important; }}
.tx .own {{ color: {DARK.ink} !important; }}
.tx .mark, .tx .mark .own {{ color: {LIGHT.ink} !important; }}
.quiet, .quiet div, .quiet p, .quiet a {{ color: {DARK.quiet} !important; }}
.rule p {{ border-color: {DARK.line} !important; }}
.pic img {{ color: {DARK.ink} !important; }}
}}
"""

# Word's engine, which draws the mail in Outlook, takes Times for a first font that it lacks and
# ignores the padding of lists.
OUTLOOK_STYLES = """
<!--[if mso]><style type="text/css">
.tx, .tx div, .tx p, .tx h1, .tx h2, .tx h3, .tx td, .tx li, .lt, .lt div, .lt p, .lt h1, .lt h2, .lt h3, .lt td, .lt li
{ font-family: Georgia, serif !important; }
ul, ol { margin-left: 28px !important; padding: 0 !important; }
</style><![endif]-->
"""
