"""`python -m tests.screens OUT [NAME...] [LIGHT...]`: pictures of all screens, or of those whose name begins with NAME.

LIGHT is desktop-light, desktop-dark, phone-light or phone-dark; without one, all four.
"""

import sys
import time
import warnings
from contextlib import nullcontext
from pathlib import Path

from playwright.sync_api import Browser
from playwright.sync_api import TimeoutError as Timeout

from tests.screens import looking
from tests.screens.screen import Screen
from tests.screens.table import SCREENS
from tests.screens.world import World, running


def main(out: Path, wanted: list[str]) -> int:
    """Returns 1 when any page has a fault."""
    lights = [light for light in looking.LIGHTS if light.name in wanted] or looking.LIGHTS
    wanted = [name for name in wanted if name not in {light.name for light in looking.LIGHTS}]
    chosen = [s for s in SCREENS if not wanted or any(s.name.startswith(name) for name in wanted)]
    faults: list[str] = []
    missing: list[str] = []
    began = time.monotonic()
    with running() as world, looking.browser() as browser:
        for screen in chosen:
            if not world.has(screen.endpoint):
                missing.append(f"{screen.name} ({screen.endpoint})")
                continue
            for light in lights:
                with screen.during(world) if screen.during else nullcontext():
                    found = _look(world, browser, screen, light, out)
                faults += [f"{screen.name} {light.name}: {fault}" for fault in found]
    for line in faults:
        print(line)
    if missing:
        print("not there yet:", ", ".join(missing))
    took = time.monotonic() - began
    print(f"{len(chosen) - len(missing)} screens in {out}, {len(faults)} faults, {took:.0f} s")
    return 1 if faults else 0


def _look(
    world: World, browser: Browser, screen: Screen, light: looking.Light, out: Path
) -> list[str]:
    cookie = None if screen.anonymous else world.cookie(world.ids[screen.who])
    watch = looking.Watch(expected_status=screen.status)
    with looking.context(browser, light, cookie) as context:
        page = context.new_page()
        watch.attach(page)
        answer = page.goto(_address(world, screen), wait_until="networkidle")
        if answer is None or answer.status not in {200, screen.status}:
            return [f"answered {answer.status if answer else 'nothing'}, not {screen.status}"]
        weight = watch.weight
        try:
            if screen.press:
                screen.press(page)
        except Timeout as trouble:
            watch.faults.append(f"could not be brought into its state: {trouble.message[:200]}")
        page.wait_for_timeout(looking.SETTLE_MS)
        found = looking.faults_of(page)
        looking.picture(page, out / f"{screen.name}-{light.name}.png", whole=screen.whole)
        if light.name == "desktop-light":
            found += looking.faults_at_twice_the_size(page)
    if weight > looking.BUDGET_BYTES and not screen.editor:
        found.append(f"weighs {weight // 1024} KB compressed, over {looking.BUDGET_BYTES // 1024}")
    return watch.faults + found


def _address(world: World, screen: Screen) -> str:
    if screen.path:
        return world.base + screen.path.format(ws=world.ids["workspace"].slug, **world.ids)
    return world.url(screen.endpoint, **screen.values(world))


if __name__ == "__main__":
    if len(sys.argv) < 2 or sys.argv[1].startswith("-"):
        sys.exit(f"{__doc__}")
    warnings.simplefilter("ignore")
    sys.exit(main(Path(sys.argv[1]), sys.argv[2:]))
