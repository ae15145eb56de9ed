"""The page for people says what the presets say."""

from pathlib import Path

import pytest

from mailrith.connections import presets
from mailrith.connections.presets import Preset
from mailrith.connections.presets.guide import guide

PAGE = Path(__file__).parents[3] / "docs" / "services.md"
TILES = [preset for _, tiles in presets.tiles() for preset in tiles]


def test_page_in_docs_is_up_to_date() -> None:
    assert PAGE.read_text() == guide(), (
        "run: python -m mailrith.connections.presets > docs/services.md"
    )


@pytest.mark.parametrize("preset", TILES, ids=lambda preset: preset.provider)
def test_each_service_has_a_section_with_its_hosts_ports_and_headers(preset: Preset) -> None:
    section = guide().partition(f"### {preset.label}\n")[2].partition("\n##")[0]

    for host in preset.hosts.values():
        assert f"`{host}`" in section
    for endpoint in preset.endpoints:
        assert str(endpoint.port) in section
    for name in (*dict(preset.headers), *dict(preset.option_headers)):
        assert name in section
    if preset.trace:
        assert preset.trace.header in section


def test_every_row_of_a_table_stays_one_row() -> None:
    for line in guide().splitlines():
        if line.startswith("| "):
            assert line.count("|") == 3, line
