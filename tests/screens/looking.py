"""The browser: takes a picture, and says what is wrong with the page."""

import gzip
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path

from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Error,
    Page,
    Response,
    ViewportSize,
    sync_playwright,
)

CHROMIUM = "/usr/bin/chromium"
FLAGS = (
    "--headless",
    "--no-sandbox",  # pictures are taken as root in a container
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--force-color-profile=srgb",
)
PATIENCE_MS = 8000
SETTLE_MS = 150  # for what htmx loads by itself
ZOOMED: ViewportSize = {"width": 640, "height": 450}
BUDGET_BYTES = 100 * 1024  # of a page with all its parts, compressed; the editor may be heavier
AXE = (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")
RUN_AXE = """async () => {
  const found = await axe.run(document, {resultTypes: ['violations'], iframes: false});
  return found.violations.map(v => `axe ${v.id}: ${v.help} (${v.nodes.slice(0, 3).map(n => n.target.join(' ')).join(' | ')})`);
}"""
# Something sticks out to the right: a reader on a phone would have to push the page about.
STICKS_OUT = """() => {
  const wide = document.documentElement.scrollWidth - innerWidth;
  if (wide <= 0) return [];
  const inScroller = (e) => { for (let p = e.parentElement; p && p !== document.body; p = p.parentElement) {
    if (/(auto|scroll|hidden|clip)/.test(getComputedStyle(p).overflowX)) return true; } return false; };
  const out = [...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > innerWidth + 1 && !inScroller(e));
  return [`${wide} px stick out at the right: ${out.slice(0, 3).map(e => e.tagName.toLowerCase() + '.' + e.className).join(' | ')}`];
}"""

# Words that run into an edge, and what stands fixed beyond the window, where nobody can scroll to.
CUT = """() => {
  const name = (e) => e.tagName.toLowerCase() + '.' + (e.getAttribute('class') || e.id);
  const seen = (e) => e.checkVisibility({visibilityProperty: true, opacityProperty: true}) && e.getBoundingClientRect().width > 1;
  const found = [];
  for (const e of document.querySelectorAll('body *:not(svg *, iframe, script, style, noscript)')) {
    if (!seen(e)) continue;
    const style = getComputedStyle(e), box = e.getBoundingClientRect();
    const clips = /(hidden|clip)/.test(style.overflowX) && style.textOverflow !== 'ellipsis' && style.webkitLineClamp === 'none';
    if (clips && style.clipPath === 'none' && e.textContent.trim() && e.scrollWidth > e.clientWidth + 1) found.push(`cut: ${name(e)}`);
    const scrolls = /(auto|scroll)/.test(style.overflowY);
    const off = style.position === 'fixed' && (box.right > innerWidth + 1 || box.left < -1 || (!scrolls && (box.bottom > innerHeight + 1 || box.top < -1)));
    if (off && style.clipPath === 'none' && !e.closest('.skip')) found.push(`out of reach: ${name(e)}`);
  }
  return [...new Set(found)];
}"""

# An icon that the sprite lacks is a hole in the page that nobody reports.
HOLES = """async () => {
  const uses = [...document.querySelectorAll('use')].map(u => u.getAttribute('href').split('#'));
  if (!uses.length) return [];
  const text = await (await fetch(uses[0][0])).text();
  return [...new Set(uses.filter(([, id]) => !text.includes(`id="${id}"`)).map(([, id]) => `no icon is called ${id}`))];
}"""


@dataclass(frozen=True)
class Light:
    """One way to look at a screen."""

    device: str  # desktop | phone
    theme: str  # light | dark

    @property
    def name(self) -> str:
        return f"{self.device}-{self.theme}"

    @property
    def size(self) -> tuple[int, int]:
        return (1440, 900) if self.device == "desktop" else (390, 844)


LIGHTS = tuple(
    Light(device, theme) for device in ("desktop", "phone") for theme in ("light", "dark")
)


@dataclass
class Watch:
    """Collects what a page complains about, and what it weighs."""

    faults: list[str] = field(default_factory=list)
    weight: int = 0
    expected_status: int = 200

    def attach(self, page: Page) -> None:
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.faults.append(f"script error: {error}"))
        page.on("response", self._response)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type not in {"error", "warning"} or "Service Worker reg" in message.text:
            return
        if f"status of {self.expected_status}" in message.text and self.expected_status >= 400:
            return
        self.faults.append(f"console {message.type}: {message.text}")

    def _response(self, response: Response) -> None:
        if response.status in {204, 286, 304} or 300 <= response.status < 400:
            return
        if "/inbox/" in response.url or response.frame.parent_frame:
            return
        try:
            body = response.body()
        except Error:  # it came when the picture was taken and the page closed
            return
        packed = re.search(r"font|image/(png|jpe?g|webp)", response.headers.get("content-type", ""))
        self.weight += len(body) if packed else len(gzip.compress(body, 6))


@contextmanager
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield opened
        opened.close()


def context(opened: Browser, light: Light, cookie: dict[str, str] | None) -> BrowserContext:
    """A fresh reader: no cache, the given size and colours, signed in when there is a cookie."""
    width, height = light.size
    made = opened.new_context(
        viewport={"width": width, "height": height},
        color_scheme="dark" if light.theme == "dark" else "light",
        reduced_motion="reduce",
        service_workers="block",  # it would answer from its own store
        locale="en-GB",
        has_touch=light.device == "phone",
        is_mobile=light.device == "phone",
    )
    made.set_default_timeout(PATIENCE_MS)
    if cookie:
        made.add_cookies([cookie])  # type: ignore[list-item]
    return made


def faults_of(page: Page) -> list[str]:
    """What axe and the layout say about the page as it stands."""
    page.evaluate(AXE)
    return [*page.evaluate(RUN_AXE), *page.evaluate(STICKS_OUT), *page.evaluate(HOLES)]


def faults_at_twice_the_size(page: Page) -> list[str]:
    """What is cut or sticks out for somebody who reads a laptop of 1280 by 900 at 200 %. Leaves the window at that size."""
    page.set_viewport_size(ZOOMED)
    page.wait_for_timeout(SETTLE_MS)
    return [f"at 200 %: {fault}" for fault in page.evaluate(STICKS_OUT) + page.evaluate(CUT)]


def picture(page: Page, file: Path, *, whole: bool = False) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    if whole:
        page.evaluate("scrollTo(0, 0)")
    page.screenshot(path=file, full_page=whole)
